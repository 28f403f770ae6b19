//! Definitions of the dump that get no type, each with its reason.

use std::collections::BTreeMap;

/// Definitions that are replaced by hand-written ones.
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

/// Definitions that no message reaches.
pub(crate) const UNUSED: &[(&str, &str)] = &[
    (
        "UserVerificationRpcError",
        "hand-written: rpc::ErrorObject, whose data UserVerificationErrorDetails reads",
    ),
    (
        "W3cTraceContext",
        "part of the envelope of requests, which is hand-written and does not trace",
    ),
];

/// The reason why a definition of the dump has no type.
pub(crate) fn reason(definition: &str) -> Option<&'static str> {
    let mut lists = REPLACED.iter().chain(UNUSED);
    let found = lists.find(|(name, _)| *name == definition);
    found.map(|(_, reason)| *reason)
}

/// The rows about definitions that have a type or no longer exist.
pub(crate) fn stale(left_out: &BTreeMap<String, Option<&'static str>>) -> Vec<String> {
    let rows = REPLACED
        .iter()
        .chain(UNUSED)
        .filter(|(name, _)| !left_out.contains_key(*name));
    rows.map(|(name, _)| format!("codegen/src/protocol/exclusions.rs: REPLACED or UNUSED ({name})"))
        .collect()
}
