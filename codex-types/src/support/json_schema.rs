//! `JsonSchema` for the models, from the definitions they were generated from.
//!
//! Every reference goes through the generator of the caller, so that its
//! settings, its names and its own types are respected.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

/// Asks the generator for the schema of one model.
pub type Subschema = fn(&mut SchemaGenerator) -> Schema;

/// How to ask for the schema of each model; generated.
pub trait Table {
    /// By the name of the model.
    const MODELS: &'static [(&'static str, Subschema)];
}

/// All models of this crate.
#[derive(Debug)]
pub enum Models {}

/// What every reference begins with.
const PREFIX: &str = "#/definitions/";

static DEFINITIONS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let text = include_str!("../generated/definitions.json");
    match serde_json::from_str(text) {
        Ok(Value::Object(mut document)) => match document.remove("definitions") {
            Some(Value::Object(definitions)) => definitions,
            _ => Map::new(),
        },
        // Generated and tested: never seen.
        _ => Map::new(),
    }
});

static MODELS: LazyLock<BTreeMap<&str, Subschema>> =
    LazyLock::new(|| Models::MODELS.iter().copied().collect());

/// The schema of the model of this name.
pub fn schema(name: &str, generator: &mut SchemaGenerator) -> Schema {
    let Some(definition) = DEFINITIONS.get(name) else {
        // A name of our own for ids that the definitions call plain strings.
        return String::json_schema(generator);
    };
    Schema::try_from(resolved(definition, generator)).unwrap_or_default()
}

/// The name that tells a model from the caller's own type of the same name.
pub fn id(name: &str) -> Cow<'static, str> {
    format!("codex_types::{name}").into()
}

/// A schema with the generator's references in place of ours.
fn resolved(schema: &Value, generator: &mut SchemaGenerator) -> Value {
    match schema {
        Value::Object(keywords) => match reference(keywords) {
            Some(name) => referenced(name, generator),
            None => keywords
                .iter()
                .map(|(name, value)| (name.clone(), resolved(value, generator)))
                .collect(),
        },
        Value::Array(values) => values
            .iter()
            .map(|value| resolved(value, generator))
            .collect(),
        other => other.clone(),
    }
}

fn reference(keywords: &Map<String, Value>) -> Option<&str> {
    keywords.get("$ref")?.as_str()?.strip_prefix(PREFIX)
}

fn referenced(name: &str, generator: &mut SchemaGenerator) -> Value {
    match (MODELS.get(name), DEFINITIONS.get(name)) {
        (Some(subschema), _) => subschema(generator).to_value(),
        (None, Some(definition)) => resolved(definition, generator),
        (None, None) => Value::Bool(true),
    }
}
