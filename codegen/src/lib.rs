//! Turns the schema dump of `codex app-server` into a tree of Rust files.
//!
//! Pure: bytes in, [`FileTree`] out. No file, process, network or clock.

use std::collections::BTreeMap;

mod annotate;
mod builders;
mod bundle;
mod crosscheck;
pub mod diff;
mod emit;
mod error;
mod file_tree;
mod fixups;
mod inventory;
mod ir;
mod lower;
mod names;
mod passes;
mod protocol;
mod render;
pub mod schema;
mod typescript;

pub use error::Error;
pub use file_tree::FileTree;
pub use inventory::{
    BuilderEntry, FieldEntry, Inventory, MessageEntry, Presence, Senders, TypeEntry, ValueType,
    VariantEntry,
};

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
    /// Whether this is another runtime than the client's builders were reviewed for: what
    /// they offer and it lacks is then left out with a notice, and not an error.
    pub foreign: bool,
}

/// What a generation gives.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Output {
    /// The files.
    pub tree: FileTree,
    /// What the files cover.
    pub inventory: Inventory,
    /// What a person should know although nothing failed.
    pub notices: Vec<String>,
}

/// Generates every file from one dump.
///
/// # Errors
///
/// Anything in the dump that the generator does not understand.
pub fn generate(inputs: &Inputs) -> Result<Output, Error> {
    let mut notices = Vec::new();
    let mut bundle = bundle::read(inputs)?;
    fixups::apply(&mut bundle)?;
    let typescript = inputs.typescript.as_ref();
    let typescript = typescript.map(typescript::TypeScript::parse).transpose()?;
    match &typescript {
        Some(typescript) => {
            crosscheck::check(&bundle, typescript)?;
        }
        None => notices.push(NO_TYPESCRIPT.to_owned()),
    }
    let definitions = annotate::annotate(&bundle.definitions)?;
    let stable = annotate::annotate(&bundle.stable)?;
    let mut model = lower::lower(&definitions, &stable)?;
    let mut protocol = protocol::read(&bundle)?;
    passes::run(&mut model, &mut protocol, typescript.as_ref())?;
    let builders = builders::resolve(&model, &protocol, inputs.foreign, &mut notices)?;
    let version = &inputs.runtime_version;
    let tree = emit::emit(&model, &protocol, &definitions, &builders, version)?;
    let inventory = inventory::take(&bundle.definitions, &model, &protocol, &builders)?;
    Ok(Output {
        tree,
        inventory,
        notices,
    })
}

/// The coverage of a generation without the generation: what a dump of any runtime becomes, to
/// be compared with others. What keeps a dump from being generated but not from being read, such
/// as a difference between its JSON and its TypeScript, is no error here.
///
/// # Errors
///
/// Anything in the dump that cannot be read.
pub fn inspect(inputs: &Inputs) -> Result<Inventory, Error> {
    let mut bundle = bundle::read(inputs)?;
    fixups::apply(&mut bundle)?;
    let typescript = inputs.typescript.as_ref();
    let typescript = typescript.map(typescript::TypeScript::parse).transpose()?;
    let definitions = annotate::annotate(&bundle.definitions)?;
    let stable = annotate::annotate(&bundle.stable)?;
    let mut model = lower::lower(&definitions, &stable)?;
    let mut protocol = protocol::read(&bundle)?;
    passes::run(&mut model, &mut protocol, typescript.as_ref())?;
    let builders = builders::resolve(&model, &protocol, true, &mut Vec::new())?;
    inventory::take(&bundle.definitions, &model, &protocol, &builders)
}

const NO_TYPESCRIPT: &str = "no TypeScript dump: names were not cross-checked, fields are in \
    alphabetical order, and every empty field of the server is taken to be written as null";
