//! The corrected schema, and the impls of `JsonSchema` that read it.

use std::fmt::Write as _;

use super::TYPES;
use crate::FileTree;
use crate::annotate::Definitions;
use crate::ir::{Kind, Model};
use crate::render::Source;
use crate::schema::encode::encode;

pub(super) fn emit(model: &Model, definitions: &Definitions, tree: &mut FileTree) {
    tree.insert(
        format!("{TYPES}/definitions.json"),
        document(model, definitions),
    );
    let mut source =
        Source::new("`JsonSchema` for every model, from the definitions beside this file.");
    source.raw("use super::prelude::*;\n\n");
    let types = model.definitions.values();
    let rows: Vec<_> = types
        .filter(|definition| !matches!(definition.kind, Kind::Alias(_)))
        .map(|definition| format!("{},", definition.name))
        .collect();
    source.table("__json_schema", "", &rows);
    tree.insert(format!("{TYPES}/json_schema.rs"), source.finish());
}

/// One definition per line, so that a change of one shows as one.
fn document(model: &Model, definitions: &Definitions) -> String {
    let mut text = String::from("{\"definitions\":{\n");
    let known = model.definitions.keys();
    let mut entries = known
        .filter_map(|name| Some((name, definitions.get(name)?)))
        .peekable();
    while let Some((name, annotated)) = entries.next() {
        let comma = if entries.peek().is_some() { "," } else { "" };
        let _ = writeln!(text, "\"{name}\":{}{comma}", encode(&annotated.schema));
    }
    text.push_str("}}\n");
    text
}
