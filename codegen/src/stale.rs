//! The rows of the generator's tables without a match.
//!
//! A row that is never checked again becomes outdated. Whether a row without a match is an error
//! depends on the dump: see [`crate::Output::stale_rows`].

use crate::Inventory;
use crate::ir::Model;
use crate::names::table;
use crate::passes::{ids, modules, reachability, secrets};
use crate::protocol::{Protocol, exclusions, responses, routing};

/// Every row without a match, with its file and table.
pub(crate) fn rows(model: &Model, protocol: &Protocol, inventory: &Inventory) -> Vec<String> {
    [
        ids::stale(model),
        secrets::stale(model),
        modules::stale(model),
        reachability::stale(model),
        responses::stale(protocol),
        routing::stale(protocol),
        exclusions::stale(&inventory.left_out),
        table::stale(model, protocol),
    ]
    .concat()
}
