//! The definitions the models were generated from, as predicates on values.
//!
//! Supports the part of JSON Schema that the definitions use, independently of the models: tests
//! compare the two.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

pub(crate) mod generate;
pub(crate) mod listed;
pub(crate) mod sites;

/// Every definition by name.
pub(crate) static DEFINITIONS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let texts = [
        include_str!("../../../codex-types-core/src/generated/definitions.json"),
        include_str!("../../src/generated/definitions.json"),
    ];
    let mut all = Map::new();
    for text in texts {
        let mut document: Value = serde_json::from_str(text).expect("the definitions are JSON");
        let definitions = document["definitions"].as_object_mut();
        all.append(definitions.expect("the definitions are an object"));
    }
    all
});

/// The values that a schema allows, as far as the tests care.
#[derive(Debug)]
pub(crate) enum Kind<'a> {
    /// Any JSON value.
    Any,
    /// One of these strings.
    Enum(Vec<&'a str>),
    /// A string.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list of such elements.
    List(&'a Value),
    /// An object.
    Object(&'a Map<String, Value>),
    /// Objects that a constant field distinguishes.
    Tagged(Vec<&'a Value>),
    /// Strings and objects with one known key.
    Keyed(Vec<&'a Value>),
    /// Anything else that has alternatives.
    Untagged(Vec<&'a Value>),
}

/// A schema without references, and without `null` among its alternatives.
#[derive(Debug)]
pub(crate) struct Resolved<'a> {
    /// The values it allows beside `null`.
    pub(crate) kind: Kind<'a>,
    /// True if it allows `null`.
    pub(crate) nullable: bool,
}

/// Follows references.
pub(crate) fn follow(schema: &Value) -> &Value {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = reference.trim_start_matches("#/definitions/");
        return follow(&DEFINITIONS[name]);
    }
    match schema.get("allOf").and_then(Value::as_array) {
        Some(all) if all.len() == 1 => follow(&all[0]),
        _ => schema,
    }
}

/// The values that a schema allows.
pub(crate) fn resolve(schema: &Value) -> Resolved<'_> {
    let mut alternatives = Vec::new();
    let nullable = flatten(schema, &mut alternatives);
    let kind = match alternatives[..] {
        [] => panic!("a schema that allows nothing but null: {schema}"),
        [one] => single(one),
        _ => union(alternatives),
    };
    let nullable = nullable || matches!(kind, Kind::Any);
    Resolved { kind, nullable }
}

/// The alternative of a schema beside `null`.
pub(crate) fn not_null(schema: &Value) -> &Value {
    let mut alternatives = Vec::new();
    flatten(schema, &mut alternatives);
    alternatives[0]
}

/// Collects the alternatives other than `null`; returns true if `null` is one.
fn flatten<'a>(schema: &'a Value, alternatives: &mut Vec<&'a Value>) -> bool {
    let schema = follow(schema);
    if schema.get("type") == Some(&json!("null")) {
        return true;
    }
    match schema.get("anyOf").and_then(Value::as_array) {
        Some(arms) if arms.len() > 1 => {
            let nulls = arms.iter().filter(|arm| flatten(arm, alternatives));
            nulls.count() > 0
        }
        // A union of one stays a union: it will grow.
        _ => {
            alternatives.push(schema);
            false
        }
    }
}

fn single(schema: &Value) -> Kind<'_> {
    if let Some(arms) = schema.get("anyOf").and_then(Value::as_array) {
        return union(arms.iter().map(follow).collect());
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Kind::Enum(values.iter().filter_map(Value::as_str).collect());
    }
    match schema.get("type").and_then(Value::as_str) {
        None => Kind::Any,
        Some("string") => Kind::Text,
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Boolean,
        Some("array") => Kind::List(&schema["items"]),
        Some("object") => Kind::Object(schema.as_object().expect("a schema is an object")),
        Some(other) => panic!("unknown type {other}"),
    }
}

fn union(alternatives: Vec<&Value>) -> Kind<'_> {
    if has_tag(&alternatives) {
        return Kind::Tagged(alternatives);
    }
    if alternatives.iter().all(|arm| arm.get("enum").is_some()) {
        let values = alternatives.iter().flat_map(|arm| match single(arm) {
            Kind::Enum(values) => values,
            other => panic!("not an enumeration: {other:?}"),
        });
        return Kind::Enum(values.collect());
    }
    let keyed = |arm: &&Value| arm.get("enum").is_some() || is_one_key(arm) || is_catch_all(arm);
    if alternatives.iter().all(keyed) {
        return Kind::Keyed(alternatives);
    }
    Kind::Untagged(alternatives)
}

/// Returns true if a required field is a different constant in each alternative.
fn has_tag(alternatives: &[&Value]) -> bool {
    constants(alternatives[0]).any(|(name, _)| {
        let values = alternatives.iter().filter_map(|arm| {
            let mut constants = constants(arm);
            constants.find_map(|(other, value)| (other == name).then_some(value))
        });
        values.collect::<BTreeSet<_>>().len() == alternatives.len()
    })
}

/// The required fields of an object that have one possible value.
pub(crate) fn constants(schema: &Value) -> impl Iterator<Item = (&str, &str)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .filter(|(name, _)| is_required(schema, name))
        .filter_map(
            |(name, field)| match field.get("enum")?.as_array()?.as_slice() {
                [Value::String(value)] => Some((name.as_str(), value.as_str())),
                _ => None,
            },
        )
}

/// Returns true if a field of an object is required.
pub(crate) fn is_required(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|required| required == name))
}

/// Returns true if a schema is `{"key": …}` and nothing beside it.
fn is_one_key(schema: &Value) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    schema.get("additionalProperties") == Some(&json!(false))
        && properties.is_some_and(|fields| fields.len() == 1)
        && schema.get("required").is_some()
        && constants(schema).next().is_none()
}

/// Returns true if a schema is the branch that keeps a union open.
pub(crate) fn is_catch_all(schema: &Value) -> bool {
    schema.get("type") == Some(&json!(["string", "object"]))
}

/// Returns true if a value has the shape that a schema demands, to distinguish alternatives.
pub(crate) fn fits(schema: &Value, value: &Value) -> bool {
    let Resolved { kind, nullable } = resolve(schema);
    if value.is_null() {
        return nullable;
    }
    match kind {
        Kind::Any => true,
        Kind::Enum(values) => value.as_str().is_some_and(|text| values.contains(&text)),
        Kind::Text => value.is_string(),
        Kind::Integer => value.is_i64() || value.is_u64(),
        Kind::Number => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::List(items) => value
            .as_array()
            .is_some_and(|list| list.iter().all(|item| fits(items, item))),
        Kind::Object(schema) => fits_object(schema, value),
        Kind::Tagged(arms) | Kind::Untagged(arms) => arms.iter().any(|arm| fits(arm, value)),
        Kind::Keyed(arms) => arms.iter().any(|arm| match arm.as_object() {
            _ if is_catch_all(arm) => value.is_string() || value.is_object(),
            Some(object) if value.is_object() => fits_object(object, value),
            _ => arm.get("enum").is_some() && fits(arm, value),
        }),
    }
}

fn fits_object(schema: &Map<String, Value>, value: &Value) -> bool {
    let Some(object) = value.as_object() else {
        return false;
    };
    let required = schema.get("required").and_then(Value::as_array);
    let complete = required.is_none_or(|names| {
        let mut names = names.iter().filter_map(Value::as_str);
        names.all(|name| object.contains_key(name))
    });
    complete
        && object
            .iter()
            .all(|(name, value)| match field_schema(schema, name) {
                Some(Value::Bool(allowed)) => *allowed,
                Some(field) => fits(field, value),
                None => true,
            })
}

/// The schema of a field, known or not.
pub(crate) fn field_schema<'a>(schema: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let known = schema.get("properties").and_then(|fields| fields.get(name));
    known.or_else(|| schema.get("additionalProperties"))
}

/// A validator of a library for one definition.
pub(crate) fn validator(name: &str) -> Validator {
    let mut reached = BTreeMap::new();
    collect(&DEFINITIONS[name], &mut reached);
    let mut schema = DEFINITIONS[name].clone();
    schema["definitions"] = json!(reached);
    jsonschema::draft7::new(&schema).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Collects the definitions that a schema refers to.
fn collect<'a>(schema: &'a Value, reached: &mut BTreeMap<&'a str, &'a Value>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                let name = reference.trim_start_matches("#/definitions/");
                if reached.insert(name, &DEFINITIONS[name]).is_none() {
                    collect(&DEFINITIONS[name], reached);
                }
            }
            object.values().for_each(|inner| collect(inner, reached));
        }
        Value::Array(list) => list.iter().for_each(|inner| collect(inner, reached)),
        _ => {}
    }
}
