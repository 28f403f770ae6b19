//! Stage 1b: corrects defects of the dump, before it is decoded.
//!
//! Every correction is one named row: definitions can be renamed, removed and added, and edited by
//! a function that must match a given number of places. A row whose definition is in the dump but
//! whose defect is not fails the generation, so that no correction outlives its defect; a
//! definition that the dump does not have yet (an older runtime) is ignored. Names that differ from
//! TypeScript by case alone need no row: [`crate::casing`] follows TypeScript. Facts that are
//! missing from the dump are in [`wire`].

use serde_json::{Value, json};

use crate::Error;
use crate::documents::Document;

#[cfg(test)]
mod tests;
pub(crate) mod wire;

/// Corrections of one document.
#[derive(Clone, Copy, Debug)]
struct Fixups {
    /// Definitions to rename: the dump's name, our name.
    renamed: &'static [(&'static str, &'static str)],
    /// Definitions to remove.
    removed: &'static [&'static str],
    /// Definitions the dump lacks although it refers to them: name and JSON Schema.
    added: &'static [(&'static str, &'static str)],
    /// Definitions with a defect in a part of them.
    edits: &'static [Edit],
}

/// A correction inside a definition.
#[derive(Debug)]
struct Edit {
    /// Its name in errors.
    name: &'static str,
    /// The definition it corrects; without it, the correction is skipped.
    definition: &'static str,
    /// Number of places it must match.
    expected: usize,
    /// Corrects the JSON of the definition and returns the number of corrected places.
    apply: fn(&mut Value) -> usize,
}

/// Definitions to rename: the dump's name, our name. References follow.
const RENAMED: &[(&str, &str)] = &[];

/// Definitions to remove, before anything refers to them.
const REMOVED: &[&str] = &[];

/// Definitions that the dump refers to and lacks: name and JSON Schema.
const ADDED: &[(&str, &str)] = &[];

const EDITS: &[Edit] = &[
    Edit {
        name: "apps_have_any_other_key",
        definition: "AppsConfig",
        expected: 1,
        apply: apps_have_any_other_key,
    },
    Edit {
        name: "app_tools_are_a_map",
        definition: "AppToolsConfig",
        expected: 1,
        apply: app_tools_are_a_map,
    },
    Edit {
        name: "app_links_are_a_map",
        definition: "AppLinksConfig",
        expected: 1,
        apply: app_links_are_a_map,
    },
];

const FIXUPS: Fixups = Fixups {
    renamed: RENAMED,
    removed: REMOVED,
    added: ADDED,
    edits: EDITS,
};

/// Applies every correction to a document; returns those that did not match their defect.
pub(crate) fn apply(document: &mut Document) -> Vec<Error> {
    FIXUPS.apply(document)
}

/// The corrections of definitions that an uncorrected document does not have.
pub(crate) fn unmatched(document: &mut Document) -> Vec<String> {
    let renamed = RENAMED.iter().map(|(from, _)| ("RENAMED", *from));
    let removed = REMOVED.iter().map(|name| ("REMOVED", *name));
    let edits = EDITS.iter().map(|edit| ("EDITS", edit.definition));
    let rows = renamed.chain(removed).chain(edits);
    rows.filter(|(_, name)| document.named_mut(name).next().is_none())
        .map(|(table, name)| format!("codegen/src/fixups.rs: {table} ({name})"))
        .collect()
}

impl Fixups {
    fn apply(&self, document: &mut Document) -> Vec<Error> {
        let mut problems = Vec::new();
        for (from, to) in self.renamed {
            if document.named_mut(to).next().is_some() {
                problems.push(stale(
                    "RENAMED",
                    from,
                    &format!("`{to}` is in the dump now"),
                ));
            } else {
                document.rename(from, to);
            }
        }
        for name in self.removed {
            document.remove(name);
        }
        for (name, text) in self.added {
            problems.extend(add(document, name, text));
        }
        for edit in self.edits {
            problems.extend(edit.apply(document));
        }
        problems
    }
}

fn add(document: &mut Document, name: &str, text: &str) -> Option<Error> {
    if document.named_mut(name).next().is_some() {
        return Some(stale("ADDED", name, "the dump has it now"));
    }
    match serde_json::from_str(text) {
        Ok(json) => {
            document.definitions.insert(name.to_owned(), json);
            None
        }
        Err(error) => Some(stale("ADDED", name, &format!("not JSON: {error}"))),
    }
}

fn stale(table: &str, row: &str, reason: &str) -> Error {
    Error::schema(
        format!("codegen/src/fixups.rs: {table} (`{row}`)"),
        format!("{reason}; adapt or remove the row"),
    )
}

impl Edit {
    fn apply(&self, document: &mut Document) -> Option<Error> {
        let mut wrong = None;
        for json in document.named_mut(self.definition) {
            let found = (self.apply)(json);
            wrong = wrong.or((found != self.expected).then_some(found));
        }
        let found = wrong?;
        Some(Error::Fixup {
            fixup: self.name,
            definition: self.definition,
            expected: self.expected,
            found,
        })
    }
}

/// TypeScript: `{ _default: … } & { [key in string]?: AppConfig }`.
///
/// Cause: the schema's writer loses a flattened map, and leaves the definition of its values
/// unused. Here the map is beside a field, so the definition stays an object: a struct keeps
/// unknown keys, and each value can be decoded as the `AppConfig` that the dump defines.
fn apps_have_any_other_key(schema: &mut Value) -> usize {
    let is_lost = schema.get("additionalProperties").is_none();
    if is_lost {
        schema["additionalProperties"] = Value::Bool(true);
    }
    usize::from(is_lost)
}

/// TypeScript: `{ [key in string]?: … }` with the fields of `AppToolConfig`; lost as in
/// [`apps_have_any_other_key`].
fn app_tools_are_a_map(schema: &mut Value) -> usize {
    map_instead_of_nothing(schema, "AppToolConfig")
}

/// As [`app_tools_are_a_map`], with `AppLinkConfig`.
fn app_links_are_a_map(schema: &mut Value) -> usize {
    map_instead_of_nothing(schema, "AppLinkConfig")
}

fn map_instead_of_nothing(schema: &mut Value, values: &str) -> usize {
    let keywords = ["properties", "additionalProperties"];
    let is_empty = schema["type"] == "object" && keywords.iter().all(|it| schema.get(it).is_none());
    if is_empty {
        schema["additionalProperties"] = json!({ "$ref": format!("#/definitions/v2/{values}") });
    }
    usize::from(is_empty)
}
