//! Stage 6: decisions that depend on more than one definition.
//!
//! Each pass is one file and one function over the model; the order below follows their
//! dependencies.

use crate::Error;
use crate::history::History;
use crate::ir::Model;
use crate::protocol::Protocol;
use crate::typescript::TypeScript;

mod arguments;
pub(crate) mod boxing;
mod common;
mod derives;
pub(crate) mod ids;
mod listings;
pub(crate) mod modules;
pub(crate) mod names;
mod order;
mod presence;
pub(crate) mod reachability;
mod recursion;
pub(crate) mod secrets;
pub(crate) mod since;

/// Runs every pass; returns their problems.
pub(crate) fn run(
    model: &mut Model,
    protocol: &mut Protocol,
    typescript: Option<&TypeScript>,
    history: &History,
) -> Vec<Error> {
    let mut problems = recursion::refuse_endless_names(model);
    problems.extend(reachability::keep_reachable(model, protocol));
    problems.extend(ids::name_ids(model));
    order::sort(model, typescript);
    presence::decide(model, protocol, typescript);
    listings::mark(model, protocol);
    since::mark(model, protocol, history);
    secrets::mark(model);
    common::find(model);
    problems.extend(recursion::break_cycles(model));
    boxing::decide(model);
    derives::compute(model);
    arguments::order(model);
    modules::assign(model);
    problems.extend(names::check(model, protocol));
    problems
}
