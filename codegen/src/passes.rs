//! Stage 6: what depends on more than one definition.
//!
//! Each pass is one file and one function over the model; the order below is
//! the order in which they need each other.

use crate::Error;
use crate::ir::Model;
use crate::protocol::Protocol;
use crate::typescript::TypeScript;

pub(crate) mod boxing;
mod common;
mod derives;
mod docs;
mod ids;
pub(crate) mod modules;
mod order;
mod presence;
pub(crate) mod reachability;
mod secrets;

/// Runs every pass.
pub(crate) fn run(
    model: &mut Model,
    protocol: &mut Protocol,
    typescript: Option<&TypeScript>,
) -> Result<(), Error> {
    reachability::keep_reachable(model, protocol)?;
    ids::name_ids(model);
    order::sort(model, typescript);
    presence::decide(model, protocol, typescript);
    secrets::mark(model);
    common::find(model);
    boxing::decide(model)?;
    derives::compute(model);
    modules::assign(model);
    docs::escape(model, protocol);
    Ok(())
}
