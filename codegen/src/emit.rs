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

/// Emits every file.
pub(crate) fn emit(
    model: &Model,
    protocol: &Protocol,
    definitions: &Definitions,
    builders: &[Resolved<'_>],
    documented: &Documented,
    history: &History,
    version: &str,
) -> Result<FileTree, Error> {
    let mut tree = FileTree::with_roots([CORE, TYPES, TYPES_TESTS, CLIENT]);
    let core = reachability::core(model, protocol);
    let parts = [(CORE, true), (TYPES, false)].map(|(folder, is_core)| {
        let definitions = model.definitions.values();
        let definitions = definitions.filter(|d| core.contains(&d.name) == is_core);
        Part {
            folder,
            definitions: definitions.collect(),
        }
    });
    for part in &parts {
        emit_modules(model, part, &mut tree)?;
    }
    messages::emit(model, protocol, &mut tree)?;
    responses::emit(model, protocol, &mut tree)?;
    methods::emit(protocol, documented, &mut tree);
    registry::emit(model, protocol, history, &mut tree);
    reference::emit(model, protocol, builders, documented, &mut tree)?;
    schemas::emit(&parts, definitions, &mut tree);
    client::emit(model, protocol, &mut tree)?;
    builders::emit(builders, &mut tree)?;
    codecs::emit(model, protocol, &mut tree);
    index::emit(&parts, version, &mut tree);
    Ok(tree)
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

fn emit_modules(model: &Model, part: &Part<'_>, tree: &mut FileTree) -> Result<(), Error> {
    let modules: Vec<&str> = part.modules().into_iter().collect();
    let files = parallel::map(&modules, |module| {
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
        Ok((path, source.finish()))
    });
    for file in files {
        let (path, text) = file?;
        tree.insert(path, text);
    }
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
