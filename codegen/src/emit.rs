//! Stage 7a: from the intermediate representation to files.
//!
//! One file per emitted kind; decides only the form of the code, never its contents.

use std::collections::BTreeSet;

use crate::annotate::Definitions;
use crate::builders::Resolved;
use crate::docs::Documented;
use crate::history::History;
use crate::ir::{Definition, Kind, Model};
use crate::passes::reachability;
use crate::protocol::Protocol;
use crate::render::Source;
use crate::{Error, FileTree, parallel};

mod builders;
mod client;
mod codecs;
mod declarations;
mod documentation;
mod enums;
mod index;
mod messages;
mod methods;
mod reference;
mod registry;
mod responses;
mod schemas;
mod structs;
mod tokens;
mod unions;
mod verify;

pub(crate) use client::CLIENT;
pub(crate) use verify::problems;

/// The folder of the models of messages that the server initiates.
pub(crate) const CORE: &str = "codex-types-core/src/generated";
/// The folder of the other models.
pub(crate) const TYPES: &str = "codex-types/src/generated";
/// The folder of tables that only the tests of the models need.
pub(crate) const TYPES_TESTS: &str = "codex-types/tests/generated";

/// The contents of all files.
#[derive(Clone, Copy)]
pub(crate) struct Contents<'a> {
    pub(crate) model: &'a Model,
    pub(crate) protocol: &'a Protocol,
    pub(crate) definitions: &'a Definitions,
    pub(crate) builders: &'a [Resolved<'a>],
    pub(crate) documented: &'a Documented,
    pub(crate) history: &'a History,
    pub(crate) version: &'a str,
}

/// The files that are emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The files of all crates.
    Everything,
    /// The files of the models alone, for fixtures, of which nothing else is kept.
    Models,
}

/// One or more files, independent of all others: adds them to a tree.
type Job<'a> = Box<dyn Fn(&mut FileTree) -> Result<(), Error> + Sync + 'a>;

/// Emits the files, on all cores.
pub(crate) fn emit(contents: &Contents<'_>, extent: Extent) -> Result<FileTree, Error> {
    let core = reachability::core(contents.model, contents.protocol);
    let parts = [(CORE, true), (TYPES, false)].map(|(folder, is_core)| {
        let definitions = contents.model.definitions.values();
        let definitions = definitions.filter(|d| core.contains(&d.name) == is_core);
        Part {
            folder,
            definitions: definitions.collect(),
        }
    });
    let mut jobs = model_jobs(contents, &parts);
    if extent == Extent::Everything {
        jobs.extend(client_jobs(contents));
    }
    let emitted = parallel::map(&jobs, |job| {
        let mut tree = FileTree::default();
        job(&mut tree).map(|()| tree)
    });
    let mut tree = FileTree::with_roots([CORE, TYPES, TYPES_TESTS, CLIENT]);
    for files in emitted {
        tree.extend(files?);
    }
    Ok(tree)
}

fn model_jobs<'a>(contents: &Contents<'a>, parts: &'a [Part<'a>]) -> Vec<Job<'a>> {
    let &Contents {
        model,
        protocol,
        definitions,
        documented,
        history,
        version,
        ..
    } = contents;
    let mut jobs: Vec<Job<'a>> = vec![
        Box::new(move |tree| messages::emit(model, protocol, tree)),
        Box::new(move |tree| responses::emit(model, protocol, tree)),
        Box::new(move |tree| {
            methods::emit(protocol, documented, tree);
            registry::emit(model, protocol, history, tree);
            codecs::emit(model, protocol, tree);
            index::emit(parts, version, tree);
            Ok(())
        }),
        Box::new(move |tree| {
            schemas::emit(parts, definitions, tree);
            Ok(())
        }),
    ];
    for part in parts {
        for module in part.modules() {
            jobs.push(Box::new(move |tree| emit_module(model, part, module, tree)));
        }
    }
    jobs
}

fn client_jobs<'a>(contents: &Contents<'a>) -> Vec<Job<'a>> {
    let &Contents {
        model,
        protocol,
        builders,
        documented,
        ..
    } = contents;
    let mut jobs: Vec<Job<'a>> = vec![
        Box::new(move |tree| reference::emit(model, protocol, builders, documented, tree)),
        Box::new(move |tree| client::emit(model, protocol, tree)),
    ];
    for mode in client::Mode::BOTH {
        jobs.push(Box::new(move |tree| {
            client::emit_calls(mode, protocol, tree)
        }));
        jobs.push(Box::new(move |tree| {
            client::emit_handlers(mode, model, protocol, tree)
        }));
        jobs.push(Box::new(move |tree| builders::emit(mode, builders, tree)));
    }
    jobs
}

/// The rows about messages without a match.
pub(crate) fn stale(model: &Model, protocol: &Protocol) -> Vec<String> {
    let mut rows = messages::stale(protocol);
    rows.extend(client::stale(model, protocol));
    rows
}

/// The models of one crate.
struct Part<'a> {
    folder: &'static str,
    /// In the order of their names.
    definitions: Vec<&'a Definition>,
}

impl Part<'_> {
    /// The files of the models, in order.
    fn modules(&self) -> BTreeSet<&str> {
        let modules = self.definitions.iter();
        modules
            .map(|definition| definition.module.as_str())
            .collect()
    }
}

fn emit_module(
    model: &Model,
    part: &Part<'_>,
    module: &str,
    tree: &mut FileTree,
) -> Result<(), Error> {
    let path = format!("{}/{module}.rs", part.folder);
    let mut source = Source::new(&format!("Types of the domain `{module}`."));
    source.raw("use super::prelude::*;\n\n");
    let definitions = part.definitions.iter();
    for definition in definitions.filter(|definition| definition.module == *module) {
        emit_definition(model, definition, &path, &mut source)?;
        // People inspect what a server sends, and build the rest.
        if part.folder == CORE {
            unions::payloads::emit(definition, &mut source);
        }
    }
    tree.insert(path, source.finish());
    Ok(())
}

/// Emits one definition into a file.
pub(crate) fn emit_definition(
    model: &Model,
    definition: &Definition,
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    match &definition.kind {
        Kind::Struct(object) => structs::emit(model, definition, object, file, source),
        Kind::StringEnum(values) => enums::emit_strings(definition, values, file, source),
        Kind::Newtype => enums::emit_newtype(definition, file, source),
        Kind::Alias(inner) => enums::emit_alias(definition, inner, file, source),
        Kind::Tagged(union) => unions::tagged::emit(definition, union, file, source),
        Kind::Keyed(union) => unions::keyed::emit(model, definition, union, file, source),
        Kind::Untagged(alternatives) => {
            unions::untagged::emit(model, definition, alternatives, file, source)
        }
    }
}
