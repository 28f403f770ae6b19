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

/// Definitions that no message leads to.
pub(crate) const UNUSED: &[(&str, &str)] = &[
    ("NullableGatewayOAuthLoginParams", NULLABLE),
    ("NullableGatewayOAuthReadParams", NULLABLE),
    ("NullableGetAccountRateLimitsParams", NULLABLE),
    ("NullableGetAccountTokenUsageParams", NULLABLE),
    ("NullableRemoteControlDisableParams", NULLABLE),
    ("NullableRemoteControlEnableParams", NULLABLE),
    (
        "UserVerificationRpcError",
        "hand-written: rpc::ErrorObject, whose data UserVerificationErrorDetails reads",
    ),
    (
        "W3cTraceContext",
        "part of the envelope of requests, which is hand-written and does not trace",
    ),
];

const NULLABLE: &str = "the schema writer's name for parameters that may be left out: an Option";

/// Why a definition of the dump has no type.
pub(crate) fn reason(definition: &str) -> Option<&'static str> {
    let mut lists = REPLACED.iter().chain(UNUSED);
    let found = lists.find(|(name, _)| *name == definition);
    found.map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::{REPLACED, UNUSED};
    use crate::typescript::testing;

    #[test]
    fn every_exclusion_still_applies() {
        let inventory = crate::generate(&testing::inputs()).unwrap().inventory;
        for (name, _) in REPLACED.iter().chain(UNUSED) {
            let applies = inventory.left_out.contains_key(*name);
            assert!(applies, "`{name}` has a type or is gone: remove its entry");
        }
    }
}
