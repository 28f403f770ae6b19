//! The rows of the generator's tables without a match.
//!
//! A row that is never checked again becomes outdated. Whether a row without a match is an error
//! depends on the dump: see [`crate::Output::stale_rows`].

use crate::bundle::Bundle;
use crate::ir::Model;
use crate::names::{reserved, table};
use crate::passes::{ids, modules, reachability, secrets};
use crate::protocol::{Protocol, exclusions, responses, routing};
use crate::{FileTree, Inventory, bundle, docs, emit};

/// Every row without a match, with its file and table.
pub(crate) fn rows(
    bundle: &Bundle,
    model: &Model,
    protocol: &Protocol,
    inventory: &Inventory,
    tree: &FileTree,
) -> Vec<String> {
    [
        bundle.unmatched_fixups.clone(),
        bundle::stale(bundle),
        docs::stale(bundle),
        ids::stale(model),
        secrets::stale(model),
        modules::stale(model),
        reachability::stale(model),
        responses::stale(protocol),
        routing::stale(protocol),
        exclusions::stale(&inventory.left_out),
        table::stale(model, protocol),
        reserved::stale(tree),
        emit::stale(model, protocol),
    ]
    .concat()
}
