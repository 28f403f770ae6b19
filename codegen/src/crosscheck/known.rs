//! The intended differences between the two dumps, with reasons.
//!
//! Each list fails when an entry no longer applies to a definition that exists; entries about
//! definitions of other runtimes are ignored.

use std::collections::BTreeMap;

use super::compare::Difference;
use crate::Error;
use crate::schema::Schema;
use crate::typescript::TypeScript;

/// Definitions that TypeScript has under another name.
pub(crate) const OTHER_NAMES: &[(&str, &str)] = &[
    // The JSON union has `emittedAtMs` beside its branches; TypeScript has one type for the bare
    // union and one for the message on the wire.
    ("ServerNotification", "ServerNotificationEnvelope"),
    // Exported twice under one name; JSON renames the older one.
    ("ResponsesApiWebSearchAction", "WebSearchAction"),
];

/// Definitions that TypeScript writes inline as the values of this map.
pub(crate) const MAP_VALUES: &[(&str, &str)] = &[
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
    (
        "ThreadListCwdFilter",
        "written out, and compared, in `ThreadListParams.cwd`",
    ),
    ("W3cTraceContext", ENVELOPE),
];

const ENVELOPE: &str = "the envelope is not exported to TypeScript";

/// A difference in a definition.
struct Known {
    definition: &'static str,
    /// The place in the definition, as in errors; empty for the definition itself.
    place: &'static str,
    only_json: &'static [&'static str],
    only_typescript: &'static [&'static str],
    reason: &'static str,
    /// True for a difference of runtimes before the pinned one.
    only_older: bool,
}

/// Each of several entries for one definition is about a different runtime and one of
/// them has to apply.
const DIFFERENCES: &[Known] = &[
    Known {
        definition: "ClientRequest",
        place: "",
        only_json: &[],
        only_typescript: &[
            "[method=getAuthStatus]",
            "[method=getConversationSummary]",
            "[method=gitDiffToRemote]",
        ],
        reason: "deprecated methods without a schema of their params",
        only_older: false,
    },
    Known {
        definition: "ServerNotification",
        place: "",
        only_json: &[],
        only_typescript: &[
            "[method=rawResponse/completed]",
            "[method=rawResponseItem/completed]",
        ],
        reason: "`fixups::wire::UNLISTED_NOTIFICATIONS` has them",
        only_older: false,
    },
    Known {
        definition: "ServerNotification",
        place: "",
        only_json: &[],
        only_typescript: &["[method=rawResponseItem/completed]"],
        reason: "the same, in runtimes that do not have the other one yet",
        only_older: true,
    },
];

/// Rejects definitions without a counterpart, unless they are listed with a reason.
pub(super) fn require_counterparts(
    definitions: &BTreeMap<String, Schema>,
    typescript: &TypeScript,
) -> Vec<Error> {
    let mut problems = Vec::new();
    for (name, schema) in definitions {
        let excused = is_not_in_typescript(name);
        let found = typescript.schemas().contains_key(name);
        if found == excused {
            let difference = if found {
                "TypeScript has the type now: remove it from NOT_IN_TYPESCRIPT \
                 in codegen/src/crosscheck/known.rs"
            } else {
                "TypeScript has no such type, so nothing checks the names of its fields: add its \
                 counterpart or the reason why there is none to codegen/src/crosscheck/known.rs"
            };
            problems.push(error(schema, name, difference.to_owned()));
        }
    }
    problems
}

/// Rejects unknown differences, and known differences that do not exist.
pub(super) fn require_known(
    definitions: &BTreeMap<String, Schema>,
    differences: &[Difference],
) -> Vec<Error> {
    let mut problems = Vec::new();
    for new in differences
        .iter()
        .filter(|difference| !is_known(difference))
    {
        let difference = format!(
            "{new}; correct the one that is wrong in EDITS in codegen/src/fixups.rs, \
             or add the reason to DIFFERENCES in codegen/src/crosscheck/known.rs"
        );
        problems.push(error(
            &definitions[&new.definition],
            &new.definition,
            difference,
        ));
    }
    let applies = |definition: &str| {
        let mut of_it = differences.iter().filter(|d| d.definition == definition);
        of_it.any(is_known)
    };
    for known in DIFFERENCES {
        if let Some(schema) = definitions.get(known.definition) {
            if !applies(known.definition) {
                let difference = format!(
                    "a known difference is gone (\"{}\"): remove its entry from DIFFERENCES \
                     in codegen/src/crosscheck/known.rs",
                    known.reason
                );
                problems.push(error(schema, known.definition, difference));
            }
        }
    }
    problems
}

/// The rows without a match.
pub(super) fn stale(
    definitions: &BTreeMap<String, Schema>,
    typescript: &TypeScript,
    differences: &[Difference],
) -> Vec<String> {
    let is_defined = |name: &str| definitions.contains_key(name);
    let others = OTHER_NAMES
        .iter()
        .filter(|(name, module)| !is_defined(name) || typescript.module(module).is_none());
    let maps = MAP_VALUES
        .iter()
        .filter(|(name, _)| !is_defined(name) || !typescript.schemas().contains_key(*name));
    let excused = NOT_IN_TYPESCRIPT
        .iter()
        .filter(|(name, _)| !is_defined(name));
    let known = DIFFERENCES
        .iter()
        .filter(|known| !known.only_older && !differences.iter().any(|it| known.is(it)));
    let rows = others
        .map(|(name, _)| ("OTHER_NAMES", *name))
        .chain(maps.map(|(name, _)| ("MAP_VALUES", *name)))
        .chain(excused.map(|(name, _)| ("NOT_IN_TYPESCRIPT", *name)))
        .chain(known.map(|known| ("DIFFERENCES", known.definition)));
    rows.map(|(table, name)| format!("codegen/src/crosscheck/known.rs: {table} ({name})"))
        .collect()
}

/// Returns whether a definition needs no counterpart.
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
            && difference.place == self.place
            && difference.only_json == self.only_json
            && difference.only_typescript == self.only_typescript
    }
}

fn error(schema: &Schema, definition: &str, difference: String) -> Error {
    Error::CrossCheck {
        pointer: schema.pointer().to_owned(),
        type_name: definition.to_owned(),
        difference,
    }
}
