//! Turns the schema dump of `codex app-server` into a tree of Rust files.
//!
//! Pure: bytes in, [`FileTree`] out. Uses no file, process, network or clock.

use std::collections::BTreeMap;

mod annotate;
mod builders;
mod bundle;
mod casing;
mod crosscheck;
pub mod diff;
mod docs;
mod documents;
mod emit;
mod error;
pub mod evidence;
mod file_tree;
pub mod fixtures;
mod fixups;
mod hand_written;
pub mod history;
mod inventory;
mod ir;
mod lower;
mod names;
pub mod parallel;
mod passes;
mod protocol;
mod render;
pub mod schema;
mod stale;
mod typescript;

pub use docs::{Coverage, Share};
use emit::Extent;
pub use error::Error;
pub use file_tree::FileTree;
pub use hand_written::{
    FILE as HAND_WRITTEN, HandWritten, Part, list as hand_written, unknown_methods,
};
use history::History;
pub use inventory::{
    BuilderEntry, FieldEntry, Inventory, MessageEntry, Presence, Senders, TypeEntry, ValueType,
    VariantEntry,
};

/// The contents of the runtime's dump.
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
    /// The version of the runtime that wrote the dump.
    pub runtime_version: String,
    /// True for another runtime than the one the client's builders were reviewed for: options that
    /// it lacks are then omitted with a notice, and not an error.
    pub unreviewed_runtime: bool,
    /// `schema/history.json`: the first runtimes that have an item. Without it, no item is marked
    /// as newer than the oldest supported runtime.
    pub history: Option<String>,
}

/// The result of a generation.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Output {
    /// The files.
    pub tree: FileTree,
    /// The contents of the files, as data.
    pub inventory: Inventory,
    /// The share of the protocol that is described.
    pub coverage: Coverage,
    /// Notices for a reviewer; the generation succeeded nevertheless.
    pub notices: Vec<String>,
    /// The rows of the generator's tables without a match in this dump. They are stale if the dump
    /// is that of the pinned runtime; another one may lack the items that they are about.
    pub stale_rows: Vec<String>,
}

/// Generates every file from one dump.
///
/// # Errors
///
/// Returns everything in the dump that the generator does not support, all at once.
pub fn generate(inputs: &Inputs) -> Result<Output, Error> {
    generate_over(inputs, &|_, _| false)
}

/// Generates like [`generate`]; files that are current, by path and text, are not verified again:
/// they were when they were written.
///
/// # Errors
///
/// Returns everything in the dump that the generator does not support, all at once.
pub fn generate_over(
    inputs: &Inputs,
    is_current: &(dyn Fn(&str, &str) -> bool + Sync),
) -> Result<Output, Error> {
    generate_extent(inputs, Extent::Everything, is_current)
}

/// Generates the models alone. The rest of a fixture is not kept, and the rows of tables that match
/// nothing in one are not stale.
fn generate_models(inputs: &Inputs) -> Result<Output, Error> {
    // What is kept of it is verified as a whole.
    generate_extent(inputs, Extent::Models, &|_, _| true)
}

fn generate_extent(
    inputs: &Inputs,
    extent: Extent,
    is_current: &(dyn Fn(&str, &str) -> bool + Sync),
) -> Result<Output, Error> {
    let mut notices = Vec::new();
    let mut stale_rows = Vec::new();
    let mut problems = Problems::default();
    let (bundle, typescript) = parallel::join(
        || read_bundle(inputs, &mut problems),
        || {
            inputs
                .typescript
                .as_ref()
                .map(typescript::TypeScript::parse)
                .transpose()
        },
    );
    let mut bundle = bundle?;
    let mut typescript = typescript.unwrap_or_else(|error| {
        problems.found.push(error);
        None
    });
    match &typescript {
        Some(typescript) => {
            casing::follow(&mut bundle, typescript);
            let checked = crosscheck::check(&bundle, typescript);
            problems.found.extend(checked.problems);
            stale_rows.extend(checked.stale_rows);
        }
        None => notices.push(NO_TYPESCRIPT.to_owned()),
    }
    casing::spell(&mut bundle, typescript.as_mut());
    let (mut definitions, stable) = parallel::join(
        || annotate::annotate(&bundle.definitions, &mut problems.found),
        || annotate::annotate(&bundle.stable, &mut Vec::new()),
    );
    let mut model = lower::lower(&definitions, &stable, &mut problems.found);
    let mut protocol = protocol::read(&bundle, &mut problems.found);
    let history = problems.note(read_history(inputs)).unwrap_or_default();
    problems.found.extend(passes::run(
        &mut model,
        &mut protocol,
        typescript.as_ref(),
        &history,
    ));
    passes::since::correct(&mut definitions, &model);
    let mut documented = docs::describe(&mut model, &mut protocol)?;
    let builders = builders::resolve(&model, &protocol, inputs.unreviewed_runtime, &mut notices);
    let builders = problems.note(builders).unwrap_or_default();
    problems.found.extend(docs::unmatched(
        std::mem::take(&mut documented.unmatched),
        &protocol,
        inputs.unreviewed_runtime,
        &mut notices,
    ));
    problems.finish()?;
    let contents = emit::Contents {
        model: &model,
        protocol: &protocol,
        definitions: &definitions,
        builders: &builders,
        documented: &documented,
        history: &history,
        version: &inputs.runtime_version,
    };
    let tree = emit::emit(&contents, extent)?;
    Error::all(emit::problems(&tree, is_current))?;
    let inventory = inventory::take(&bundle, &model, &protocol, &builders);
    if extent == Extent::Everything {
        stale_rows.extend(stale::rows(&bundle, &model, &protocol, &inventory, &tree));
    }
    Ok(Output {
        tree,
        inventory,
        coverage: documented.coverage,
        notices,
        stale_rows,
    })
}

/// Reads the JSON documents. The problems found in them come first.
fn read_bundle(inputs: &Inputs, problems: &mut Problems) -> Result<bundle::Bundle, Error> {
    let mut bundle = bundle::read(inputs, &mut problems.found)?;
    problems.found.extend(bundle.settle());
    bundle::drop_repeated(&mut problems.found);
    problems.end_of_reading();
    Ok(bundle)
}

/// Returns the coverage of a generation without generating: the models of any runtime's dump, for
/// comparisons. Problems that prevent a generation but not reading the dump, such as a difference
/// between its JSON and its TypeScript, are no errors here.
///
/// # Errors
///
/// Returns everything in the dump that cannot be read.
pub fn inspect(inputs: &Inputs) -> Result<Inventory, Error> {
    let (bundle, model, protocol) = read(inputs)?;
    let builders = builders::resolve(&model, &protocol, true, &mut Vec::new())?;
    Ok(inventory::take(&bundle, &model, &protocol, &builders))
}

/// The model and the messages of a dump, with everything that the passes know.
fn read(inputs: &Inputs) -> Result<(bundle::Bundle, ir::Model, protocol::Protocol), Error> {
    let mut problems = Vec::new();
    let mut bundle = bundle::read(inputs, &mut problems)?;
    bundle.settle();
    let typescript = inputs.typescript.as_ref();
    let mut typescript = typescript.map(typescript::TypeScript::parse).transpose()?;
    if let Some(typescript) = &typescript {
        casing::follow(&mut bundle, typescript);
    }
    casing::spell(&mut bundle, typescript.as_mut());
    let definitions = annotate::annotate(&bundle.definitions, &mut problems);
    let stable = annotate::annotate(&bundle.stable, &mut Vec::new());
    let mut model = lower::lower(&definitions, &stable, &mut problems);
    let mut protocol = protocol::read(&bundle, &mut problems);
    Error::all(problems)?;
    let history = read_history(inputs)?;
    passes::run(&mut model, &mut protocol, typescript.as_ref(), &history);
    Ok((bundle, model, protocol))
}

/// The problems of a dump.
#[derive(Debug, Default)]
struct Problems {
    found: Vec<Error>,
    /// Number of problems found while reading, before a stage that depends on the earlier ones.
    read: usize,
}

impl Problems {
    /// Marks the end of reading: a later problem at the same place is a consequence of an earlier
    /// one.
    fn end_of_reading(&mut self) {
        self.read = self.found.len();
    }

    fn note<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.found.push(error)).ok()
    }

    /// All problems except consequences of others: a definition that could not be read is reported
    /// once.
    fn finish(self) -> Result<(), Error> {
        let (read, later) = self.found.split_at_checked(self.read).unwrap_or_default();
        let broken: Vec<&str> = read.iter().filter_map(Error::definition).collect();
        let is_consequence =
            |error: &Error| error.definition().is_some_and(|it| broken.contains(&it));
        let later: Vec<bool> = later.iter().map(|error| !is_consequence(error)).collect();
        let mut keep = std::iter::repeat_n(true, read.len()).chain(later);
        let mut found = self.found;
        found.retain(|_| keep.next().unwrap_or(true));
        Error::all(found.into_iter().flat_map(Error::each).collect())
    }
}

fn read_history(inputs: &Inputs) -> Result<History, Error> {
    let history = inputs.history.as_deref().map(History::parse);
    Ok(history.transpose()?.unwrap_or_default())
}

const NO_TYPESCRIPT: &str = "no TypeScript dump: names were not cross-checked and are spelled as \
    the schema has them, fields are in alphabetical order, and every empty field of the server is \
    taken to be written as null";
