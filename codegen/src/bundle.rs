//! Stage 1: reads what the runtime dumped into one namespace of definitions.
//!
//! The full bundle is read (`definitions` and `definitions.v2`): the flat one
//! lacks the server requests. The experimental dump is the superset that is
//! generated; what the stable one lacks is experimental. Knows nothing of
//! Rust, and of TypeScript only that it is text to hand on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::schema::{Schema, Shape, decode::decode};
use crate::{Error, Inputs};

const STABLE: &str = "stable/codex_app_server_protocol.schemas.json";
const EXPERIMENTAL: &str = "experimental/codex_app_server_protocol.schemas.json";

/// The definitions of both dumps, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bundle {
    /// Every definition of the experimental dump.
    pub(crate) definitions: BTreeMap<String, Schema>,
    /// Every definition of the stable dump, to tell what is experimental.
    pub(crate) stable: BTreeMap<String, Schema>,
}

/// Reads both JSON documents.
pub(crate) fn read(inputs: &Inputs) -> Result<Bundle, Error> {
    let bundle = Bundle {
        definitions: read_document(EXPERIMENTAL, &inputs.experimental)?,
        stable: read_document(STABLE, &inputs.stable)?,
    };
    require_no_dangling(EXPERIMENTAL, &bundle.definitions)?;
    require_subset(&bundle)?;
    Ok(bundle)
}

fn read_document(document: &'static str, text: &str) -> Result<BTreeMap<String, Schema>, Error> {
    let json: Value =
        serde_json::from_str(text).map_err(|source| Error::Json { document, source })?;
    let root = json
        .get("definitions")
        .and_then(Value::as_object)
        .ok_or_else(|| {
            Error::schema(
                format!("{document}#/definitions"),
                "missing object; is it what `generate-json-schema` dumps?",
            )
        })?;
    let mut definitions = BTreeMap::new();
    read_namespace(document, "definitions", root, &mut definitions)?;
    if let Some(v2) = root.get("v2").and_then(Value::as_object) {
        read_namespace(document, "definitions/v2", v2, &mut definitions)?;
    }
    Ok(definitions)
}

fn read_namespace(
    document: &str,
    place: &str,
    members: &Map<String, Value>,
    definitions: &mut BTreeMap<String, Schema>,
) -> Result<(), Error> {
    for (name, json) in members.iter().filter(|(name, _)| *name != "v2") {
        let pointer = format!("{document}#/{place}/{name}");
        if !is_type_name(name) {
            return Err(Error::schema(
                pointer,
                "not usable as the name of a type; add a fixup that renames it",
            ));
        }
        let schema = decode(json, &pointer)?;
        match definitions.get(name) {
            Some(other) if !same_values(other, &schema) => {
                let problem =
                    "defined differently in `definitions` and `definitions.v2`; add a fixup";
                return Err(Error::schema(pointer, problem));
            }
            Some(_) => {}
            None => {
                definitions.insert(name.clone(), schema);
            }
        }
    }
    Ok(())
}

/// The same but for words.
fn same_values(one: &Schema, other: &Schema) -> bool {
    one.shape == other.shape && one.nullable == other.nullable
}

fn is_type_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

fn require_no_dangling(
    document: &str,
    definitions: &BTreeMap<String, Schema>,
) -> Result<(), Error> {
    for (name, schema) in definitions {
        for target in schema.references() {
            if !definitions.contains_key(target) {
                let problem =
                    format!("refers to `{target}`, which is not defined; dump the schema again");
                return Err(Error::schema(
                    format!("{document}#/definitions/{name}"),
                    problem,
                ));
            }
        }
    }
    Ok(())
}

/// Generating from the experimental dump alone is sound only while it is a superset.
fn require_subset(bundle: &Bundle) -> Result<(), Error> {
    let experimental: BTreeSet<_> = bundle.definitions.keys().collect();
    match bundle
        .stable
        .keys()
        .find(|name| !experimental.contains(name))
    {
        Some(name) => Err(Error::schema(
            format!("{STABLE}#/definitions/{name}"),
            "missing in the experimental dump, which must be a superset; were both made by one runtime?",
        )),
        None => Ok(()),
    }
}

impl Bundle {
    /// The branches of one of the message unions (`ClientRequest`, …).
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
}
