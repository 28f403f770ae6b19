//! Proves that a matcher accepts no value of a schema.
//!
//! Objects are open: a key that a schema does not describe is assumed not to occur in its values.

use std::collections::BTreeSet;

use super::{Depth, full};
use crate::annotate::Definitions;
use crate::ir::Matcher;
use crate::schema::{Object, Schema, Shape};

/// Returns whether no value of the schema matches, or only values that are the same in both: a
/// string of a list that is also a string, a whole number that is also a number.
pub(super) fn is_excluded(matcher: &Matcher, schema: &Schema, definitions: &Definitions) -> bool {
    leaves(schema, definitions)
        .iter()
        .all(|leaf| match (matcher, &leaf.shape) {
            (Matcher::Strings(_), Shape::String { .. }) | (Matcher::Integer, Shape::Number) => true,
            _ => is_disjoint(matcher, leaf, definitions),
        })
}

/// Returns whether no value of the schema matches; the schema is no reference and no union.
fn is_disjoint(matcher: &Matcher, leaf: &Schema, definitions: &Definitions) -> bool {
    match (matcher, &leaf.shape) {
        (Matcher::Any, _) | (_, Shape::Any | Shape::Null) => false,
        (Matcher::OneOf(matchers), _) => matchers
            .iter()
            .all(|matcher| is_disjoint(matcher, leaf, definitions)),
        (Matcher::String, shape) => !matches!(shape, Shape::String { .. } | Shape::Enumeration(_)),
        (Matcher::Strings(values), Shape::Enumeration(others)) => {
            others.iter().all(|other| !values.contains(&other.value))
        }
        (Matcher::Strings(_), shape) => !matches!(shape, Shape::String { .. }),
        (Matcher::Integer | Matcher::Number, shape) => {
            !matches!(shape, Shape::Integer(_) | Shape::Number)
        }
        (Matcher::Boolean, shape) => *shape != Shape::Boolean,
        (Matcher::List, shape) => !matches!(shape, Shape::Array(_)),
        (Matcher::Object(keys), Shape::Object(object)) => {
            keys.iter()
                .any(|(name, value)| match object.properties.get(name) {
                    Some(property) => holds_no(value, &property.schema, definitions),
                    None => true,
                })
        }
        (Matcher::Object(keys), Shape::Map(values)) => keys
            .iter()
            .any(|(_, value)| holds_no(value, values, definitions)),
        (Matcher::Object(_), _) => true,
    }
}

/// Returns whether no value of a key's schema matches.
fn holds_no(matcher: &Matcher, schema: &Schema, definitions: &Definitions) -> bool {
    let leaves = leaves(schema, definitions);
    leaves
        .iter()
        .all(|leaf| is_disjoint(matcher, leaf, definitions))
}

/// The alternatives of a schema, with references resolved.
fn leaves<'a>(schema: &'a Schema, definitions: &'a Definitions) -> Vec<&'a Schema> {
    let mut leaves = Vec::new();
    let mut open = vec![schema];
    let mut seen = BTreeSet::new();
    while let Some(schema) = open.pop() {
        match &schema.shape {
            Shape::Reference(name) => match definitions.get(name) {
                Some(target) if seen.insert(name) => open.push(&target.schema),
                Some(_) => {}
                None => leaves.push(schema),
            },
            Shape::Union(union) => open.extend(&union.branches),
            _ => leaves.push(schema),
        }
    }
    leaves
}

/// The objects among the alternatives of a schema.
fn objects<'a>(schema: &'a Schema, definitions: &'a Definitions) -> Vec<&'a Object> {
    let leaves = leaves(schema, definitions);
    leaves.into_iter().filter_map(Schema::as_object).collect()
}

/// The matcher of an object that extends another alternative: it requires one of the optional keys
/// that only this object has. Without them, its values belong to the other alternative as well.
pub(super) fn extension(
    branch: &Schema,
    others: &[&Schema],
    definitions: &Definitions,
) -> Option<Matcher> {
    let [object] = objects(branch, definitions)[..] else {
        return None;
    };
    let others = others.iter().flat_map(|other| objects(other, definitions));
    let others: Vec<&Object> = others.collect();
    let own: Vec<&String> = object
        .properties
        .keys()
        .filter(|key| {
            !others
                .iter()
                .any(|other| other.properties.contains_key(*key))
        })
        .collect();
    let is_optional = |key: &&String| !object.properties[*key].required;
    if own.is_empty() || !own.iter().all(is_optional) {
        return None;
    }
    let is_extended = others.iter().any(|other| extends(object, other, &own));
    let Matcher::Object(demanded) = full(branch, definitions, Depth::Shallow) else {
        return None;
    };
    let with_key = own.iter().map(|key| {
        let mut keys = demanded.clone();
        keys.push(((*key).clone(), Matcher::Any));
        Matcher::Object(keys)
    });
    let mut matchers: Vec<_> = with_key.collect();
    is_extended.then(|| match matchers.len() {
        1 => matchers.remove(0),
        _ => Matcher::OneOf(matchers),
    })
}

/// Returns whether an object without its own keys is a value of the other alternative.
fn extends(object: &Object, other: &Object, own: &[&String]) -> bool {
    let rest = object
        .properties
        .iter()
        .filter(|(key, _)| !own.contains(key));
    let mut rest = rest.map(|(key, property)| (property, other.properties.get(key)));
    let requires = other
        .properties
        .iter()
        .filter(|(_, property)| property.required);
    rest.all(|(property, other)| {
        other.is_some_and(|other| {
            other.schema.shape == property.schema.shape
                && other.schema.nullable == property.schema.nullable
        })
    }) && requires.into_iter().all(|(key, _)| {
        object
            .properties
            .get(key)
            .is_some_and(|property| property.required)
    })
}
