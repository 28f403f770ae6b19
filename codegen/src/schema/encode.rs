//! Writes schemas back as JSON Schema (draft 7).
//!
//! Used for the definitions that users of the feature `schemars` and the tests read: corrected and
//! hoisted schemas, without noise.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{IntegerFormat, Object, Property, Schema, Shape};

/// The schema as JSON, with references into `#/definitions`.
pub fn encode(schema: &Schema) -> Value {
    let mut json = shape(&schema.shape);
    if schema.nullable {
        json = json!({ "anyOf": [json, { "type": "null" }] });
    }
    if json.get("$ref").is_some() && (schema.description.is_some() || schema.default.is_some()) {
        json = json!({ "allOf": [json] });
    }
    if let Value::Object(keywords) = &mut json {
        if let Some(text) = &schema.description {
            keywords.insert("description".into(), text.clone().into());
        }
        if let Some(default) = &schema.default {
            keywords.insert("default".into(), default.clone());
        }
    }
    json
}

fn shape(shape: &Shape) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Null => json!({ "type": "null" }),
        Shape::Reference(name) => json!({ "$ref": format!("#/definitions/{name}") }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Integer(format) => integer(*format),
        Shape::Number => json!({ "type": "number" }),
        Shape::String { min_length: 0 } => json!({ "type": "string" }),
        Shape::String { min_length } => json!({ "type": "string", "minLength": min_length }),
        Shape::Enumeration(values) => {
            let values: Vec<_> = values.iter().map(|value| value.value.as_str()).collect();
            json!({ "type": "string", "enum": values })
        }
        Shape::Array(items) => json!({ "type": "array", "items": encode(items) }),
        Shape::Map(values) => json!({ "type": "object", "additionalProperties": encode(values) }),
        Shape::Object(value) => object(value),
        Shape::Union(union) => {
            let branches: Vec<_> = union.branches.iter().map(branch).collect();
            let mut json = properties(&union.common);
            json.insert("anyOf".into(), branches.into());
            Value::Object(json)
        }
    }
}

/// A branch of a union that allows anything is the dump's explicit catch-all for strings and
/// objects.
fn branch(schema: &Schema) -> Value {
    match schema.shape {
        Shape::Any => json!({ "type": ["string", "object"] }),
        _ => encode(schema),
    }
}

fn integer(format: IntegerFormat) -> Value {
    let (name, minimum, maximum): (_, Value, Value) = match format {
        IntegerFormat::Int32 => ("int32", i32::MIN.into(), i32::MAX.into()),
        IntegerFormat::Int64 => ("int64", i64::MIN.into(), i64::MAX.into()),
        IntegerFormat::Uint8 => ("uint8", 0.into(), u8::MAX.into()),
        IntegerFormat::Uint16 => ("uint16", 0.into(), u16::MAX.into()),
        IntegerFormat::Uint32 => ("uint32", 0.into(), u32::MAX.into()),
        IntegerFormat::Uint64 => ("uint64", 0.into(), u64::MAX.into()),
    };
    json!({ "type": "integer", "format": name, "minimum": minimum, "maximum": maximum })
}

fn object(object: &Object) -> Value {
    let mut json = properties(&object.properties);
    json.insert("type".into(), "object".into());
    if object.closed {
        json.insert("additionalProperties".into(), false.into());
    }
    Value::Object(json)
}

fn properties(properties: &BTreeMap<String, Property>) -> Map<String, Value> {
    let mut json = Map::new();
    if properties.is_empty() {
        return json;
    }
    let required: Vec<Value> = properties
        .iter()
        .filter(|(_, property)| property.required)
        .map(|(name, _)| name.clone().into())
        .collect();
    let members = properties
        .iter()
        .map(|(name, property)| (name.clone(), encode(&property.schema)))
        .collect();
    json.insert("properties".into(), Value::Object(members));
    if !required.is_empty() {
        json.insert("required".into(), required.into());
    }
    json
}
