//! Definitions of the dump that get no type, each with its reason.

/// Named definitions that are replaced by something better.
pub(crate) const REPLACED: &[(&str, &str)] = &[
    ("ClientNotification", "emitted from the table of methods"),
    ("ClientRequest", "emitted from the table of methods"),
    ("ServerNotification", "emitted from the table of methods"),
    ("ServerRequest", "emitted from the table of methods"),
    ("JSONRPCError", "hand-written: rpc::Envelope"),
    ("JSONRPCErrorError", "hand-written: rpc::ErrorObject"),
    ("JSONRPCMessage", "hand-written: rpc::Envelope"),
    ("JSONRPCNotification", "hand-written: rpc::Envelope"),
    ("JSONRPCRequest", "hand-written: rpc::Envelope"),
    ("JSONRPCResponse", "hand-written: rpc::Envelope"),
];
