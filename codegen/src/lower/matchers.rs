//! How the alternatives of an untagged union are told apart.
//!
//! As little as possible is looked at: what an alternative demands beyond what
//! tells it from the others is checked when it is read, so that a fault is an
//! error with a path and not a value nobody recognizes.

use crate::annotate::Definitions;
use crate::ir::Matcher;
use crate::schema::{Object, Schema, Shape};

/// One matcher per alternative; the first that matches wins.
pub(super) fn matchers(branches: &[Schema], definitions: &Definitions) -> Vec<Matcher> {
    let mut matchers: Vec<_> = branches
        .iter()
        .map(|branch| full(branch, definitions))
        .collect();
    let objects = matchers.iter().filter(|matcher| is_object(matcher)).count();
    for index in 0..matchers.len() {
        if let Matcher::Object(keys) = &matchers[index] {
            let others: Vec<_> = matchers
                .iter()
                .enumerate()
                .filter(|(other, matcher)| *other != index && is_object(matcher))
                .map(|(_, matcher)| matcher)
                .collect();
            let keys = match objects {
                1 => Vec::new(),
                _ => keys
                    .iter()
                    .filter(|key| !all_demand(&others, key))
                    .cloned()
                    .collect(),
            };
            matchers[index] = Matcher::Object(keys);
        }
    }
    matchers
}

fn is_object(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::Object(_) => true,
        Matcher::OneOf(inner) => inner.iter().any(is_object),
        _ => false,
    }
}

fn all_demand(others: &[&Matcher], key: &(String, Matcher)) -> bool {
    others.iter().all(|other| match other {
        Matcher::Object(keys) => keys.contains(key),
        _ => false,
    })
}

fn full(schema: &Schema, definitions: &Definitions) -> Matcher {
    match &schema.shape {
        Shape::Reference(name) => match definitions.get(name) {
            Some(target) => full(&target.schema, definitions),
            None => Matcher::Any,
        },
        Shape::String { .. } => Matcher::String,
        Shape::Enumeration(values) => {
            Matcher::Strings(values.iter().map(|value| value.value.clone()).collect())
        }
        Shape::Integer(_) => Matcher::Integer,
        Shape::Number => Matcher::Number,
        Shape::Boolean => Matcher::Boolean,
        Shape::Array(_) => Matcher::List,
        Shape::Map(_) => Matcher::Object(Vec::new()),
        Shape::Object(object) => Matcher::Object(required_keys(object, definitions)),
        Shape::Union(union) => Matcher::OneOf(
            union
                .branches
                .iter()
                .map(|branch| full(branch, definitions))
                .collect(),
        ),
        Shape::Any | Shape::Null => Matcher::Any,
    }
}

fn required_keys(object: &Object, definitions: &Definitions) -> Vec<(String, Matcher)> {
    let required = object
        .properties
        .iter()
        .filter(|(_, property)| property.required);
    required
        .map(|(name, property)| (name.clone(), shallow(&property.schema, definitions)))
        .collect()
}

/// What tells values of a property apart: constants, and the keys of objects.
fn shallow(schema: &Schema, definitions: &Definitions) -> Matcher {
    match full(schema, definitions) {
        Matcher::Strings(values) => Matcher::Strings(values),
        Matcher::Object(keys) => {
            let keys = keys.into_iter().map(|(name, _)| (name, Matcher::Any));
            Matcher::Object(keys.collect())
        }
        _ => Matcher::Any,
    }
}
