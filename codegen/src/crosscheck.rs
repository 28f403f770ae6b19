//! Checks that the JSON Schema and the TypeScript dump name the same things.
//!
//! The two are written by different tools of the runtime from the same Rust types. Where they
//! disagree one is wrong (the JSON Schema, so far), and a client generated from it would fail on
//! the wire. Every definition is therefore compared after [`crate::fixups`] ran, and each remaining
//! difference must be in [`known`] with a reason. Read-only.

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

pub(crate) use alternatives::{Alternative, Properties, alternatives};
use compare::Comparison;
pub(crate) use compare::Coverage;
pub(crate) use known::{MAP_VALUES, OTHER_NAMES};

/// The outcome of a comparison.
#[derive(Debug)]
pub(crate) struct Checked {
    /// Counts of compared items, for the tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test looks at it"))]
    pub(crate) coverage: Coverage,
    /// Unknown differences, known differences that no longer exist, definitions without a
    /// counterpart, and entries of [`wire`] that are no longer needed.
    pub(crate) problems: Vec<Error>,
    /// The rows of [`known`] and [`wire`] without a match.
    pub(crate) stale_rows: Vec<String>,
}

/// Compares every definition.
pub(crate) fn check(bundle: &Bundle, typescript: &TypeScript) -> Checked {
    let definitions = &bundle.definitions;
    let mut problems = known::require_counterparts(definitions, typescript);
    let comparison = compare_all(definitions, typescript);
    problems.extend(known::require_known(definitions, &comparison.differences));
    problems.extend(wire::require_needed(definitions, typescript));
    let mut stale_rows = known::stale(definitions, typescript, &comparison.differences);
    stale_rows.extend(wire::stale_rows(definitions, typescript));
    Checked {
        stale_rows,
        coverage: comparison.coverage,
        problems,
    }
}

fn compare_all<'a>(
    definitions: &'a BTreeMap<String, Schema>,
    typescript: &'a TypeScript,
) -> Comparison<'a> {
    let mut comparison = Comparison {
        definitions,
        typescript: typescript.schemas(),
        coverage: Coverage::default(),
        differences: Vec::new(),
    };
    for (name, schema) in definitions {
        if let Some(other) = typescript.schemas().get(name) {
            comparison.definition(name, schema, other);
        }
    }
    comparison
}
