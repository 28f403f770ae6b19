//! The corrected schema, and the impls of `JsonSchema` that read it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Part;
use crate::FileTree;
use crate::annotate::Definitions;
use crate::ir::{Definition, Kind};
use crate::render::Source;
use crate::schema::encode::encode;

pub(super) fn emit(parts: &[Part<'_>], definitions: &Definitions, tree: &mut FileTree) {
    for part in parts {
        let others = parts.iter().filter(|other| other.folder != part.folder);
        // The definitions of the core do not refer to others.
        let others = others.filter(|_| part.folder != super::CORE);
        let others: Vec<_> = others
            .flat_map(|other| &other.definitions)
            .copied()
            .collect();
        let aliases = others.iter().filter(|definition| is_alias(definition));
        let known = part.definitions.iter().chain(aliases);
        let folder = part.folder;
        tree.insert(
            format!("{folder}/definitions.json"),
            document(known.copied(), definitions),
        );
        let mut source =
            Source::new("`JsonSchema` for every model, from the definitions beside this file.");
        source.raw("use super::prelude::*;\n\n");
        let mut rows = block("models", &part.definitions);
        rows.extend(block("others", &others));
        source.table("__json_schema", "", &rows);
        tree.insert(format!("{folder}/json_schema.rs"), source.finish());
    }
}

fn is_alias(definition: &Definition) -> bool {
    matches!(definition.kind, Kind::Alias(_))
}

/// A block of a table with the name of every type.
fn block(name: &str, definitions: &[&Definition]) -> Vec<String> {
    let types = definitions
        .iter()
        .filter(|definition| !is_alias(definition));
    let rows = types.map(|definition| format!("    {},", definition.name));
    let mut block = vec![format!("{name} {{")];
    block.extend(rows);
    block.push("}".to_owned());
    block
}

/// One definition per line, so that a change of one shows as one.
fn document<'a>(known: impl Iterator<Item = &'a Definition>, definitions: &Definitions) -> String {
    let mut text = String::from("{\"definitions\":{\n");
    let known: BTreeSet<_> = known.map(|definition| &definition.name).collect();
    let mut entries = known
        .into_iter()
        .filter_map(|name| Some((name, definitions.get(name)?)))
        .peekable();
    while let Some((name, annotated)) = entries.next() {
        let comma = if entries.peek().is_some() { "," } else { "" };
        let _ = writeln!(text, "\"{name}\":{}{comma}", encode(&annotated.schema));
    }
    text.push_str("}}\n");
    text
}
