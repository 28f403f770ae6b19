//! `JsonSchema` for the models, from the definitions they were generated from.
//!
//! Every reference goes through the generator of the caller, so that its
//! settings, its names and its own types are respected.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

/// Asks the generator for the schema of one model.
pub type Subschema = fn(&mut SchemaGenerator) -> Schema;

/// The models of a crate; generated.
#[derive(Debug)]
pub struct Models {
    text: &'static str,
    subschemas: &'static [(&'static str, Subschema)],
    tables: OnceLock<Tables>,
}

#[derive(Debug)]
struct Tables {
    definitions: Map<String, Value>,
    subschemas: BTreeMap<&'static str, Subschema>,
}

impl Models {
    /// From the text of the definitions, and how to ask for each model that they refer to.
    pub const fn new(text: &'static str, subschemas: &'static [(&'static str, Subschema)]) -> Self {
        Self {
            text,
            subschemas,
            tables: OnceLock::new(),
        }
    }

    fn tables(&self) -> &Tables {
        self.tables.get_or_init(|| Tables {
            definitions: definitions(self.text),
            subschemas: self.subschemas.iter().copied().collect(),
        })
    }

    /// The schema of the model of this name.
    pub fn schema(&self, name: &str, generator: &mut SchemaGenerator) -> Schema {
        let Some(definition) = self.tables().definitions.get(name) else {
            // A name of our own for ids that the definitions call plain strings.
            return String::json_schema(generator);
        };
        Schema::try_from(self.resolved(definition, generator)).unwrap_or_default()
    }

    /// A schema with the generator's references in place of ours.
    fn resolved(&self, schema: &Value, generator: &mut SchemaGenerator) -> Value {
        match schema {
            Value::Object(keywords) => match reference(keywords) {
                Some(name) => self.referenced(name, generator),
                None => keywords
                    .iter()
                    .map(|(name, value)| (name.clone(), self.resolved(value, generator)))
                    .collect(),
            },
            Value::Array(values) => values
                .iter()
                .map(|value| self.resolved(value, generator))
                .collect(),
            other => other.clone(),
        }
    }

    fn referenced(&self, name: &str, generator: &mut SchemaGenerator) -> Value {
        let tables = self.tables();
        match (tables.subschemas.get(name), tables.definitions.get(name)) {
            (Some(subschema), _) => subschema(generator).to_value(),
            (None, Some(definition)) => self.resolved(definition, generator),
            (None, None) => Value::Bool(true),
        }
    }
}

/// The prefix of every reference.
const PREFIX: &str = "#/definitions/";

fn definitions(text: &str) -> Map<String, Value> {
    match serde_json::from_str(text) {
        Ok(Value::Object(mut document)) => match document.remove("definitions") {
            Some(Value::Object(definitions)) => definitions,
            _ => Map::new(),
        },
        // Generated and tested: never seen.
        _ => Map::new(),
    }
}

/// A name that differs from the caller's own type of the same name.
pub fn id(name: &str) -> Cow<'static, str> {
    format!("codex_types::{name}").into()
}

fn reference(keywords: &Map<String, Value>) -> Option<&str> {
    keywords.get("$ref")?.as_str()?.strip_prefix(PREFIX)
}
