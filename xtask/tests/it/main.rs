//! Tests of the commands: on folders made on the spot, and on this workspace itself.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails has to fail its test"
)]

mod ci;
mod command;
mod crates;
mod dump;
mod errors;
mod figures;
mod freshness;
mod oldest;
mod pins;
mod prose;
mod provenance;
mod runtimes;
mod tree;
mod workspace;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Files with their contents, by path.
type Snapshot = BTreeMap<String, Vec<u8>>;

/// Every file below a folder with its contents.
fn snapshot(base: &Path) -> Snapshot {
    xtask::freshness::files_below(base, base)
        .unwrap()
        .into_iter()
        .map(|path| {
            let contents = fs::read(base.join(&path)).unwrap();
            (path, contents)
        })
        .collect()
}

/// Compares two sets of files; a failure names the paths and spares the contents.
fn assert_same(left: &Snapshot, right: &Snapshot) {
    let paths: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let differing: Vec<&&String> = paths
        .iter()
        .filter(|path| left.get(**path) != right.get(**path))
        .collect();
    assert!(differing.is_empty(), "these differ: {differing:?}");
}
