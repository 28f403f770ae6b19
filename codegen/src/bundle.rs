//! Stage 1: reads the runtime's dump into one namespace of definitions.
//!
//! The full bundle is read (`definitions` and `definitions.v2`): the flat one lacks the server
//! requests. The experimental dump is the superset that is generated; everything that the stable
//! one lacks is experimental. Independent of Rust; TypeScript is passed on as text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::documents::Document;
use crate::schema::decode::decode_all;
use crate::schema::{Schema, Shape, fit, nullability};
use crate::{Error, Inputs, fixups, parallel};

mod envelope;
mod flavors;

const STABLE: &str = "stable/codex_app_server_protocol.schemas.json";
const EXPERIMENTAL: &str = "experimental/codex_app_server_protocol.schemas.json";

/// The definitions of both dumps, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bundle {
    /// Every definition of the experimental dump.
    pub(crate) definitions: BTreeMap<String, Schema>,
    /// Every definition of the stable dump, to determine which items are experimental.
    pub(crate) stable: BTreeMap<String, Schema>,
    /// The definitions that allow `null`; their references are marked instead of them.
    pub(crate) nullable: BTreeSet<String>,
    /// The definitions that are left out by rule, with the reason.
    pub(crate) left_out: BTreeMap<String, &'static str>,
    /// The corrections without a definition in the experimental dump.
    pub(crate) unmatched_fixups: Vec<String>,
}

/// Reads both JSON documents and corrects them.
///
/// Problems in a definition are collected, and the definition is kept as far as it could be read.
pub(crate) fn read(inputs: &Inputs, problems: &mut Vec<Error>) -> Result<Bundle, Error> {
    let (experimental, stable) = parallel::join(
        || ReadDocument::read(EXPERIMENTAL, &inputs.experimental),
        || ReadDocument::read(STABLE, &inputs.stable),
    );
    let (experimental, stable) = (experimental?, stable?);
    for part in [
        experimental.unfixed,
        stable.unfixed,
        experimental.undecoded,
        stable.undecoded,
    ] {
        problems.extend(part);
    }
    Ok(Bundle {
        definitions: experimental.definitions,
        stable: stable.definitions,
        unmatched_fixups: experimental.unmatched_fixups,
        ..Bundle::default()
    })
}

/// A document that was corrected and decoded, with the problems of both steps.
struct ReadDocument {
    definitions: BTreeMap<String, Schema>,
    unfixed: Vec<Error>,
    undecoded: Vec<Error>,
    unmatched_fixups: Vec<String>,
}

impl ReadDocument {
    fn read(name: &'static str, text: &str) -> Result<Self, Error> {
        let mut document = Document::read(name, text)?;
        let unmatched_fixups = fixups::unmatched(&mut document);
        let unfixed = fixups::apply(&mut document);
        let mut undecoded = Vec::new();
        let definitions = decode(&document, &mut undecoded);
        Ok(Self {
            definitions,
            unfixed,
            undecoded,
            unmatched_fixups,
        })
    }
}

/// The rows about the envelope and about gated types without a match.
pub(crate) fn stale(bundle: &Bundle) -> Vec<String> {
    let mut rows = envelope::stale(&bundle.definitions);
    rows.extend(flavors::stale(&bundle.stable, &bundle.definitions));
    rows
}

/// Drops problems of the stable dump that the experimental one has as well.
pub(crate) fn drop_repeated(problems: &mut Vec<Error>) {
    let mut seen = BTreeSet::new();
    problems.retain(|error| seen.insert(error.to_string().replace(STABLE, EXPERIMENTAL)));
}

impl Bundle {
    /// Runs the steps that concern all definitions together; returns their problems.
    pub(crate) fn settle(&mut self) -> Vec<Error> {
        let mut problems = Vec::new();
        for definitions in [&mut self.definitions, &mut self.stable] {
            problems.extend(dangling(definitions));
            problems.extend(fit::require_defaults_fit(definitions));
            self.left_out.extend(drop_nullable(definitions));
        }
        problems.extend(flavors::require_subset(&self.stable, &self.definitions));
        problems.extend(flavors::require_same_notifications(
            &self.stable,
            &self.definitions,
        ));
        problems.extend(envelope::require_known(&self.definitions));
        nullability::resolve(&mut self.stable);
        self.nullable = nullability::resolve(&mut self.definitions);
        problems
    }

    /// The branches of a message union (`ClientRequest`, …).
    pub(crate) fn message_branches<'a>(
        definitions: &'a BTreeMap<String, Schema>,
        union: &str,
    ) -> Result<&'a [Schema], Error> {
        match definitions.get(union).map(|schema| &schema.shape) {
            Some(Shape::Union(union)) => Ok(&union.branches),
            _ => Err(Error::schema(
                format!("{EXPERIMENTAL}#/definitions/{union}"),
                "expected a union of messages; is it a dump of the app-server?",
            )),
        }
    }

    /// The JSON pointer of a definition, without the document's name.
    pub(crate) fn pointer(&self, definition: &str) -> String {
        match self.definitions.get(definition) {
            Some(schema) => schema.pointer().to_owned(),
            None => format!("{EXPERIMENTAL}#/definitions/{definition}"),
        }
    }
}

fn decode(document: &Document, problems: &mut Vec<Error>) -> BTreeMap<String, Schema> {
    let mut definitions: BTreeMap<String, Schema> = BTreeMap::new();
    for (path, json) in &document.definitions {
        let (name, pointer) = (Document::name_of(path), document.pointer(path));
        if !is_type_name(name) {
            let problem = "not usable as the name of a type; \
                           rename it in RENAMED in codegen/src/fixups.rs";
            problems.push(Error::schema(pointer, problem));
            continue;
        }
        let (schema, errors) = decode_all(json, &pointer);
        problems.extend(errors);
        match definitions.get(name) {
            Some(other) if !same_values(other, &schema) => {
                problems.push(defined_twice(document, name, &pointer, json));
            }
            Some(_) => {}
            None => {
                definitions.insert(name.to_owned(), schema);
            }
        }
    }
    definitions
}

/// Compares two schemas, ignoring their descriptions.
fn same_values(one: &Schema, other: &Schema) -> bool {
    one.shape == other.shape && one.nullable == other.nullable
}

fn defined_twice(document: &Document, name: &str, pointer: &str, json: &Value) -> Error {
    let other = &document.definitions[name];
    let problem = format!(
        "{json} here, but {other} at {}: two definitions of one name; \
         edit or remove one in codegen/src/fixups.rs",
        document.pointer(name)
    );
    Error::schema(pointer, problem)
}

fn is_type_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Dangling references, which stay as they are.
fn dangling(definitions: &BTreeMap<String, Schema>) -> Vec<Error> {
    let mut problems = Vec::new();
    for schema in definitions.values() {
        find_dangling(schema, definitions, &mut problems);
    }
    problems
}

fn find_dangling(
    schema: &Schema,
    definitions: &BTreeMap<String, Schema>,
    problems: &mut Vec<Error>,
) {
    match &schema.shape {
        Shape::Reference(target) if !definitions.contains_key(target) => {
            let problem = format!(
                "refers to `{target}`, which is not defined; dump the schema again, \
                 or add the definition to ADDED in codegen/src/fixups.rs"
            );
            problems.push(Error::schema(schema.pointer(), problem));
        }
        _ => schema.for_each_child(&mut |child| find_dangling(child, definitions, problems)),
    }
}

/// Drops the `NullableFoo` definitions that the schema's writer leaves behind for optional
/// parameters, unless one is referenced.
fn drop_nullable(definitions: &mut BTreeMap<String, Schema>) -> BTreeMap<String, &'static str> {
    const REASON: &str = "the schema writer's name for parameters that may be left out: an Option";
    let used: BTreeSet<String> = definitions
        .values()
        .flat_map(Schema::references)
        .map(str::to_owned)
        .collect();
    let is_left_behind = |name: &String, schema: &Schema| {
        name.starts_with("Nullable") && schema.nullable && !used.contains(name)
    };
    let mut dropped = BTreeMap::new();
    definitions.retain(|name, schema| {
        let drop = is_left_behind(name, schema);
        if drop {
            dropped.insert(name.clone(), REASON);
        }
        !drop
    });
    dropped
}
