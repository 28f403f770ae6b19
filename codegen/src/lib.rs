//! Turns the schema dump of `codex app-server` into a tree of Rust files.
//!
//! Pure: bytes in, [`FileTree`] out. No file, process, network or clock.

use std::collections::BTreeMap;

mod bundle;
mod error;
mod file_tree;
pub mod schema;

pub use error::Error;
pub use file_tree::FileTree;

/// What the runtime dumped.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "callers build it; the crate is not published"
)]
pub struct Inputs {
    /// `stable/codex_app_server_protocol.schemas.json`.
    pub stable: String,
    /// `experimental/codex_app_server_protocol.schemas.json`.
    pub experimental: String,
    /// The TypeScript dump by path below its root (`v2/Thread.ts`), if there is one.
    pub typescript: Option<BTreeMap<String, String>>,
    /// The version of the runtime that dumped.
    pub runtime_version: String,
}

/// What a generation gives.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Output {
    /// The files.
    pub tree: FileTree,
    /// What a person should know although nothing failed.
    pub notices: Vec<String>,
}

/// Generates every file from one dump.
///
/// # Errors
///
/// Anything in the dump that the generator does not understand.
pub fn generate(inputs: &Inputs) -> Result<Output, Error> {
    let _bundle = bundle::read(inputs)?;
    Ok(Output::default())
}
