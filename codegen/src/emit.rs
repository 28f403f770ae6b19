//! Stage 8a: from the intermediate representation to files.
//!
//! One file per emitted kind; decides how things look, never what they are.

use std::collections::BTreeMap;

use crate::annotate::Definitions;
use crate::ir::{Definition, Kind, Model};
use crate::protocol::Protocol;
use crate::render::Source;
use crate::wrappers::Resolved;
use crate::{Error, FileTree};

mod client;
mod codecs;
mod enums;
mod index;
mod messages;
mod methods;
mod registry;
mod schemas;
mod structs;
mod tokens;
mod unions;
mod wrappers;

/// The folder of the models.
pub(crate) const TYPES: &str = "codex-types/src/generated";
/// The folder of what only the tests of the models need.
pub(crate) const TYPES_TESTS: &str = "codex-types/tests/generated";

/// Emits every file.
pub(crate) fn emit(
    model: &Model,
    protocol: &Protocol,
    definitions: &Definitions,
    builders: &[Resolved<'_>],
    version: &str,
) -> Result<FileTree, Error> {
    let mut tree = FileTree::with_roots([TYPES, TYPES_TESTS, client::CLIENT]);
    let modules = emit_modules(model, &mut tree)?;
    messages::emit(model, protocol, &mut tree)?;
    methods::emit(protocol, &mut tree);
    registry::emit(protocol, &mut tree);
    schemas::emit(model, definitions, &mut tree);
    client::emit(protocol, &mut tree)?;
    wrappers::emit(builders, &mut tree)?;
    codecs::emit(model, protocol, &mut tree);
    index::emit(&modules, version, &mut tree);
    Ok(tree)
}

fn emit_modules(model: &Model, tree: &mut FileTree) -> Result<Vec<String>, Error> {
    let mut modules: BTreeMap<&str, Vec<&Definition>> = BTreeMap::new();
    for definition in model.definitions.values() {
        modules
            .entry(&definition.module)
            .or_default()
            .push(definition);
    }
    for (module, definitions) in &modules {
        let path = format!("{TYPES}/{module}.rs");
        let mut source = Source::new(&format!("Types of the domain `{module}`."));
        source.raw("use super::prelude::*;\n\n");
        for definition in definitions {
            emit_definition(model, definition, &path, &mut source)?;
        }
        tree.insert(path, source.finish());
    }
    Ok(modules.into_keys().map(str::to_owned).collect())
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
        Kind::Tagged(union) => unions::emit_tagged(model, definition, union, file, source),
        Kind::Keyed(union) => unions::emit_keyed(definition, union, file, source),
        Kind::Untagged(alternatives) => {
            unions::emit_untagged(definition, alternatives, file, source)
        }
    }
}
