//! Compares the defaults of a schema with what the schema allows.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{IntegerFormat, Object, Property, Schema, Shape, Union};
use crate::Error;

type Definitions = BTreeMap<String, Schema>;

/// Maximum depth of followed references; a value is finite, a recursive alias is not.
const DEPTH: usize = 64;

/// Rejects every default that its own schema does not allow.
pub(crate) fn require_defaults_fit(definitions: &Definitions) -> Vec<Error> {
    let mut problems = Vec::new();
    for schema in definitions.values() {
        check(schema, definitions, &mut problems);
    }
    problems
}

fn check(schema: &Schema, definitions: &Definitions, problems: &mut Vec<Error>) {
    if let Some(default) = &schema.default {
        if !fits(default, schema, definitions, DEPTH) {
            let expected = super::encode::encode(&Schema {
                default: None,
                description: None,
                ..schema.clone()
            });
            problems.push(Error::schema(
                format!("{}/default", schema.pointer()),
                format!(
                    "the default {default} does not fit its own schema {expected}; \
                     correct it with a fixup in codegen/src/fixups.rs"
                ),
            ));
        }
    }
    schema.for_each_child(&mut |child| check(child, definitions, problems));
}

fn fits(value: &Value, schema: &Schema, definitions: &Definitions, depth: usize) -> bool {
    if value.is_null() && schema.nullable {
        return true;
    }
    match (&schema.shape, value) {
        (Shape::Any, _)
        | (Shape::Null, Value::Null)
        | (Shape::Boolean, Value::Bool(_))
        | (Shape::Number, Value::Number(_)) => true,
        (Shape::Reference(name), _) => match definitions.get(name) {
            Some(target) if depth > 0 => fits(value, target, definitions, depth - 1),
            _ => false,
        },
        (Shape::Integer(format), Value::Number(number)) => in_range(*format, number),
        (Shape::String { min_length }, Value::String(text)) => {
            u64::try_from(text.chars().count()).is_ok_and(|length| length >= *min_length)
        }
        (Shape::Enumeration(values), Value::String(text)) => {
            values.iter().any(|known| known.value == *text)
        }
        (Shape::Array(items), Value::Array(values)) => values
            .iter()
            .all(|value| fits(value, items, definitions, depth)),
        (Shape::Map(values), Value::Object(members)) => members
            .values()
            .all(|value| fits(value, values, definitions, depth)),
        (Shape::Object(object), Value::Object(members)) => {
            let Object {
                properties, closed, ..
            } = object;
            let is_known = |name: &String| properties.contains_key(name) || !closed;
            members.keys().all(is_known) && have(members, properties, definitions, depth)
        }
        (Shape::Union(union), _) => is_one_of(value, union, definitions, depth),
        _ => false,
    }
}

fn is_one_of(value: &Value, union: &Union, definitions: &Definitions, depth: usize) -> bool {
    let mut branches = union.branches.iter();
    let has_common = match value.as_object() {
        Some(members) => have(members, &union.common, definitions, depth),
        None => union.common.is_empty(),
    };
    has_common && branches.any(|branch| fits(value, branch, definitions, depth))
}

fn have(
    members: &serde_json::Map<String, Value>,
    properties: &BTreeMap<String, Property>,
    definitions: &Definitions,
    depth: usize,
) -> bool {
    properties
        .iter()
        .all(|(name, property)| match members.get(name) {
            Some(value) => fits(value, &property.schema, definitions, depth),
            None => !property.required,
        })
}

pub(super) fn in_range(format: IntegerFormat, number: &serde_json::Number) -> bool {
    let signed = number.as_i64();
    match format {
        IntegerFormat::Int32 => signed.is_some_and(|n| i32::try_from(n).is_ok()),
        IntegerFormat::Int64 => signed.is_some(),
        IntegerFormat::Uint8 => signed.is_some_and(|n| u8::try_from(n).is_ok()),
        IntegerFormat::Uint16 => signed.is_some_and(|n| u16::try_from(n).is_ok()),
        IntegerFormat::Uint32 => signed.is_some_and(|n| u32::try_from(n).is_ok()),
        IntegerFormat::Uint64 => number.as_u64().is_some(),
    }
}
