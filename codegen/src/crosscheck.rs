//! Proves that the JSON Schema and the TypeScript dump name the same things.
//!
//! The two are written by different tools of the runtime from the same Rust
//! types. Where they disagree one is wrong (the JSON Schema, so far), and a
//! client generated from it would fail on the wire. So every definition is
//! compared after [`crate::fixups`] ran, and each difference that is left must
//! be in [`known`] with a reason. Decides nothing and changes nothing.

use std::collections::BTreeMap;

use crate::Error;
use crate::bundle::Bundle;
use crate::fixups::wire;
use crate::schema::Schema;
use crate::typescript::TypeScript;

mod alternatives;
mod compare;
mod known;
#[cfg(test)]
mod tests;

use compare::Comparison;
pub(crate) use compare::Coverage;

/// Compares every definition; says how much was compared.
///
/// # Errors
///
/// A difference that is not known, a known one that is gone, a definition
/// without a counterpart, or an entry of [`wire`] that is no longer needed.
pub(crate) fn check(bundle: &Bundle, typescript: &TypeScript) -> Result<Coverage, Error> {
    let definitions = &bundle.definitions;
    known::require_counterparts(definitions, typescript)?;
    let comparison = compare_all(definitions, typescript);
    known::require_known(definitions, &comparison.differences)?;
    wire::require_needed(definitions, typescript)?;
    Ok(comparison.coverage)
}

fn compare_all<'a>(
    definitions: &'a BTreeMap<String, Schema>,
    typescript: &'a TypeScript,
) -> Comparison<'a> {
    let mut comparison = Comparison {
        definitions,
        typescript,
        coverage: Coverage::default(),
        differences: Vec::new(),
    };
    for (name, schema) in definitions {
        if let Some(body) = known::counterpart(typescript, name) {
            comparison.definition(name, schema, body);
        }
    }
    comparison
}
