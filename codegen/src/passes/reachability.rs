//! Drops definitions that no message reaches, and separates the core of the models from the rest.

use std::collections::BTreeSet;

use crate::Error;
use crate::ir::Model;
use crate::protocol::Protocol;
use crate::protocol::exclusions::REPLACED;

/// Definitions that are used although no message reaches them: the ids of messages, the data of
/// errors, and the values of a flattened map that the schema lost (see `fixups`).
const ROOTS: &[&str] = &[
    "RequestId",
    "ModelProviderError",
    "UserVerificationErrorDetails",
    "AppConfig",
];

/// Definitions that hand-written code of the core uses.
const CORE: &[&str] = &["RequestId", "UserInput"];

/// The definitions of the core of the models: those reachable from messages that the server
/// initiates.
pub(crate) fn core(model: &Model, protocol: &Protocol) -> BTreeSet<String> {
    let mut roots = CORE.to_vec();
    roots.extend(protocol.server_said());
    closure(model, &roots)
}

/// Keeps the definitions that a message reaches.
pub(super) fn keep_reachable(model: &mut Model, protocol: &Protocol) -> Vec<Error> {
    let mut roots = ROOTS.to_vec();
    roots.extend(protocol.client_sent());
    roots.extend(protocol.server_sent());
    let reachable = closure(model, &roots);
    let used = REPLACED
        .iter()
        .filter(|(name, _)| reachable.contains(*name));
    let used = used.filter_map(|(name, _)| model.definitions.get(*name));
    let problems = used.map(|definition| {
        let problem = "a message uses what codegen/src/protocol/exclusions.rs calls replaced; \
                       refer to another definition in EDITS in codegen/src/fixups.rs";
        Error::schema(definition.place.pointer(), problem)
    });
    let problems = problems.collect();
    model.definitions.retain(|name, _| reachable.contains(name));
    problems
}

/// The rows about definitions that the dump does not have.
pub(crate) fn stale(model: &Model) -> Vec<String> {
    let rows = ROOTS
        .iter()
        .chain(CORE)
        .filter(|name| !model.definitions.contains_key(**name));
    rows.map(|name| format!("codegen/src/passes/reachability.rs: ROOTS or CORE ({name})"))
        .collect()
}

/// Every definition reachable from the roots, including the roots.
pub(crate) fn closure(model: &Model, roots: &[&str]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = roots.to_vec();
    while let Some(name) = open.pop() {
        let Some(definition) = model.definitions.get(name) else {
            continue;
        };
        if seen.insert(name.to_owned()) {
            open.extend(definition.kind.mentions());
        }
    }
    seen
}
