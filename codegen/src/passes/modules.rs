//! Assigns each type to a file by the domain of the protocol it belongs to.
//!
//! The files are private: a type has one path, whatever file it is in, so the
//! table can change without anybody noticing.

use crate::ir::{Definition, Model};

/// Beginnings of type names and the domain they belong to; the longest counts.
const DOMAINS: &[(&str, &str)] = &[("A", "misc")];

/// Fills in the module of every definition.
pub(super) fn assign(model: &mut Model) {
    for definition in model.definitions.values_mut() {
        definition.module = module(definition);
    }
}

fn module(definition: &Definition) -> String {
    let name = match &definition.variant_of {
        Some((union, _)) => union,
        None => &definition.name,
    };
    let domain = DOMAINS
        .iter()
        .filter(|(prefix, _)| name.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or("misc", |(_, domain)| domain);
    domain.to_owned()
}
