//! The differences between the two dumps that are no mistake, with reasons.
//!
//! Each list fails when an entry no longer applies to a definition that
//! exists; entries about definitions of other runtimes are left alone.

use std::collections::BTreeMap;

use super::compare::Difference;
use crate::Error;
use crate::schema::Schema;
use crate::typescript::{Type, TypeScript};

/// Definitions that TypeScript has under another name.
const OTHER_NAMES: &[(&str, &str)] = &[
    // The JSON union has `emittedAtMs` beside its branches; TypeScript has a
    // type for the bare union and one for what is sent.
    ("ServerNotification", "ServerNotificationEnvelope"),
    // Exported twice under one name; JSON renames the older one.
    ("ResponsesApiWebSearchAction", "WebSearchAction"),
];

/// Definitions that TypeScript writes out as the values of a map, by that map.
const MAP_VALUES: &[(&str, &str)] = &[
    ("AppConfig", "v2/AppsConfig"),
    ("AppLinkConfig", "v2/AppLinksConfig"),
    ("AppToolConfig", "v2/AppToolsConfig"),
];

/// Definitions without a TypeScript type, with the reason.
const NOT_IN_TYPESCRIPT: &[(&str, &str)] = &[
    ("JSONRPCError", ENVELOPE),
    ("JSONRPCErrorError", ENVELOPE),
    ("JSONRPCMessage", ENVELOPE),
    ("JSONRPCNotification", ENVELOPE),
    ("JSONRPCRequest", ENVELOPE),
    ("JSONRPCResponse", ENVELOPE),
    ("NullableGatewayOAuthLoginParams", NULLABLE),
    ("NullableGatewayOAuthReadParams", NULLABLE),
    ("NullableGetAccountRateLimitsParams", NULLABLE),
    ("NullableGetAccountTokenUsageParams", NULLABLE),
    ("NullableRemoteControlDisableParams", NULLABLE),
    ("NullableRemoteControlEnableParams", NULLABLE),
    (
        "ThreadListCwdFilter",
        "written out, and compared, in `ThreadListParams.cwd`",
    ),
    ("W3cTraceContext", ENVELOPE),
];

const ENVELOPE: &str = "the envelope is not exported to TypeScript";
const NULLABLE: &str = "written by the schema's writer only, and unused";

/// A difference in a definition.
struct Known {
    definition: &'static str,
    only_json: &'static [&'static str],
    only_typescript: &'static [&'static str],
    reason: &'static str,
}

/// Of several entries about one definition each is about other runtimes, and
/// one has to apply.
const DIFFERENCES: &[Known] = &[
    Known {
        definition: "AnalyticsConfig",
        only_json: &[],
        only_typescript: &["any other key"],
        reason: "a struct keeps the keys it does not know",
    },
    Known {
        definition: "AppsConfig",
        only_json: &[],
        only_typescript: &["any other key"],
        reason: "a struct keeps the keys it does not know; see the fixup `app_tools_are_a_map`",
    },
    Known {
        definition: "ClientRequest",
        only_json: &[],
        only_typescript: &[
            "[method=getAuthStatus]",
            "[method=getConversationSummary]",
            "[method=gitDiffToRemote]",
        ],
        reason: "deprecated methods without a schema of their params",
    },
    Known {
        definition: "Config",
        only_json: &[],
        only_typescript: &["any other key"],
        reason: "a struct keeps the keys it does not know",
    },
    Known {
        definition: "ServerNotification",
        only_json: &[],
        only_typescript: &[
            "[method=rawResponse/completed]",
            "[method=rawResponseItem/completed]",
        ],
        reason: "`fixups::wire::UNLISTED_NOTIFICATIONS` has them",
    },
    Known {
        definition: "ServerNotification",
        only_json: &[],
        only_typescript: &["[method=rawResponseItem/completed]"],
        reason: "the same, in runtimes that do not have the other one yet",
    },
];

/// The TypeScript type that describes a definition, if there is one.
pub(super) fn counterpart<'a>(typescript: &'a TypeScript, definition: &str) -> Option<&'a Type> {
    if let Some((_, map)) = MAP_VALUES.iter().find(|(name, _)| *name == definition) {
        return typescript.map_values(map);
    }
    let renamed = OTHER_NAMES.iter().find(|(name, _)| *name == definition);
    // An older runtime has some of them under their own names.
    let renamed = renamed.and_then(|(_, module)| typescript.module(module));
    renamed.or_else(|| typescript.module(typescript.module_of(definition)?))
}

/// Every definition has a counterpart or a reason to have none.
pub(super) fn require_counterparts(
    definitions: &BTreeMap<String, Schema>,
    typescript: &TypeScript,
) -> Result<(), Error> {
    for name in definitions.keys() {
        let excused = is_not_in_typescript(name);
        let found = counterpart(typescript, name).is_some();
        if found == excused {
            let difference = if found {
                "TypeScript has the type now: remove it from NOT_IN_TYPESCRIPT \
                 in codegen/src/crosscheck/known.rs"
            } else {
                "TypeScript has no such type, so nothing checks the names of its fields: name its \
                 counterpart or say why there is none in codegen/src/crosscheck/known.rs"
            };
            return Err(error(name, difference.to_owned()));
        }
    }
    Ok(())
}

/// Every difference is known, and every known difference is there.
pub(super) fn require_known(
    definitions: &BTreeMap<String, Schema>,
    differences: &[Difference],
) -> Result<(), Error> {
    if let Some(new) = differences.iter().find(|difference| !is_known(difference)) {
        let difference = format!(
            "{new}; add a fixup, or the reason in DIFFERENCES in codegen/src/crosscheck/known.rs"
        );
        return Err(error(&new.definition, difference));
    }
    let applies = |definition: &str| {
        let of_it = differences.iter().filter(|d| d.definition == definition);
        of_it.into_iter().any(is_known)
    };
    let gone = DIFFERENCES
        .iter()
        .find(|known| definitions.contains_key(known.definition) && !applies(known.definition));
    match gone {
        Some(known) => {
            let difference = format!(
                "a known difference is gone (\"{}\"): remove its entry from DIFFERENCES \
                 in codegen/src/crosscheck/known.rs",
                known.reason
            );
            Err(error(known.definition, difference))
        }
        None => Ok(()),
    }
}

/// Whether a definition is excused from having a counterpart.
pub(super) fn is_not_in_typescript(definition: &str) -> bool {
    NOT_IN_TYPESCRIPT
        .iter()
        .any(|(name, _)| *name == definition)
}

fn is_known(difference: &Difference) -> bool {
    DIFFERENCES.iter().any(|known| known.is(difference))
}

impl Known {
    fn is(&self, difference: &Difference) -> bool {
        self.definition == difference.definition
            && difference.place.is_empty()
            && difference.only_json == self.only_json
            && difference.only_typescript == self.only_typescript
    }
}

fn error(definition: &str, difference: String) -> Error {
    Error::CrossCheck {
        type_name: definition.to_owned(),
        difference,
    }
}
