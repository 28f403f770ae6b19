//! Tests of the commands: on folders made on the spot, and on this workspace itself.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails has to fail its test"
)]

mod ci;
mod command;
mod dump;
mod freshness;
mod provenance;
mod workspace;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file below a folder with its contents.
fn snapshot(base: &Path) -> BTreeMap<String, Vec<u8>> {
    xtask::freshness::files_below(base, base)
        .unwrap()
        .into_iter()
        .map(|path| {
            let contents = fs::read(base.join(&path)).unwrap();
            (path, contents)
        })
        .collect()
}
