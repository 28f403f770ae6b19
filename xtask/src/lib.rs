//! The commands of this workspace, as a library so that tests can call them.
//!
//! The only place on the generation side that touches files, processes and the terminal. It
//! deliberately does not depend on anything generated.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its terminal"
)]

mod build_cost;
pub mod ci;
pub mod cli;
mod corpus;
pub mod dump;
pub mod dumps;
mod equivalence;
mod figures;
pub mod fixtures;
pub mod freshness;
pub mod generate;
pub mod hand_written;
pub mod links;
pub mod mentions;
pub mod npm;
mod progress;
pub mod provenance;
pub mod repeat;
pub mod runtime;
pub mod schema;
pub mod schema_files;
pub mod snapshots;
pub mod soak;
pub mod strays;

use std::path::PathBuf;

/// The folder of the workspace's manifest.
pub fn workspace_root() -> PathBuf {
    // Cargo sets the variable for what it runs; the compiled-in value serves everyone else.
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest_dir
        .parent()
        .map_or_else(|| manifest_dir.clone(), PathBuf::from)
}
