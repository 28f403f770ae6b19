//! The matchers of an untagged union, which distinguish its alternatives.
//!
//! A matcher inspects as little as possible: requirements of an alternative that do not distinguish
//! it are checked when it is read, so that a malformed value is an error with a path instead of an
//! unrecognized value. A value that the matcher of one alternative accepts must never be a value of
//! a later one; [`overlap`] proves that, and alternatives without an order for which it is true are
//! rejected.

use crate::annotate::Definitions;
use crate::ir::Matcher;
use crate::schema::{Object, Schema, Shape};

mod overlap;

use overlap::{extension, is_excluded};

/// The order in which the alternatives are tried, each with its matcher; the first match wins.
/// `Err` has the positions of two alternatives that cannot be distinguished.
pub(super) fn matchers(
    branches: &[Schema],
    definitions: &Definitions,
) -> Result<Vec<(usize, Matcher)>, (usize, usize)> {
    let mut candidates: Vec<_> = minimal(branches, definitions)
        .into_iter()
        .enumerate()
        .collect();
    let mut ordered = Vec::new();
    while !candidates.is_empty() {
        let next = first_sound(&candidates, branches, definitions)?;
        let (position, matcher) = next;
        candidates.retain(|(other, _)| *other != position);
        ordered.push((position, matcher));
    }
    Ok(ordered)
}

/// The first candidate whose matcher accepts no value of the other candidates.
fn first_sound(
    candidates: &[(usize, Matcher)],
    branches: &[Schema],
    definitions: &Definitions,
) -> Result<(usize, Matcher), (usize, usize)> {
    let mut conflict = (0, 0);
    for (position, matcher) in candidates {
        let others = candidates
            .iter()
            .map(|(other, _)| *other)
            .filter(|other| other != position);
        let others: Vec<&Schema> = others.map(|other| &branches[other]).collect();
        let branch = &branches[*position];
        let attempts = [
            Some(matcher.clone()),
            Some(full(branch, definitions, Depth::Kinds)),
            extension(branch, &others, definitions),
        ];
        for attempt in attempts.into_iter().flatten() {
            let excludes = |other: &&&Schema| !is_excluded(&attempt, other, definitions);
            match others.iter().find(excludes) {
                None => return Ok((*position, attempt)),
                Some(other) => {
                    let other = branches
                        .iter()
                        .position(|branch| std::ptr::eq(branch, *other));
                    conflict = (*position, other.unwrap_or_default());
                }
            }
        }
    }
    Err(conflict)
}

/// For each alternative, the requirements that not all others have as well.
fn minimal(branches: &[Schema], definitions: &Definitions) -> Vec<Matcher> {
    let all: Vec<_> = branches
        .iter()
        .map(|branch| full(branch, definitions, Depth::Shallow))
        .collect();
    let mut matchers = all.clone();
    let objects = all.iter().filter(|matcher| is_object(matcher)).count();
    for (index, matcher) in matchers.iter_mut().enumerate() {
        let Matcher::Object(keys) = matcher else {
            continue;
        };
        let others = all.iter().enumerate();
        let others = others.filter(|(other, matcher)| *other != index && is_object(matcher));
        let others: Vec<_> = others.map(|(_, matcher)| matcher).collect();
        if objects == 1 {
            keys.clear();
        }
        keys.retain(|key| !all_demand(&others, key));
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

/// The depth to which a matcher inspects the values of an object's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// Constants, and the keys of objects.
    Shallow,
    /// The kinds of JSON as well.
    Kinds,
}

/// The requirements of a schema.
fn full(schema: &Schema, definitions: &Definitions, depth: Depth) -> Matcher {
    demanded(schema, definitions, depth, &mut Vec::new())
}

/// `open` holds the references being followed: a schema that contains itself matches anything
/// there.
fn demanded<'a>(
    schema: &'a Schema,
    definitions: &'a Definitions,
    depth: Depth,
    open: &mut Vec<&'a str>,
) -> Matcher {
    match &schema.shape {
        Shape::Reference(name) => match definitions.get(name) {
            Some(target) if !open.contains(&name.as_str()) => {
                open.push(name);
                let matcher = demanded(&target.schema, definitions, depth, open);
                open.pop();
                matcher
            }
            _ => Matcher::Any,
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
        Shape::Object(object) => Matcher::Object(keys(object, definitions, depth, open)),
        Shape::Union(union) => {
            let branches = union.branches.iter();
            let demands = branches.map(|branch| demanded(branch, definitions, depth, open));
            Matcher::OneOf(demands.collect())
        }
        Shape::Any | Shape::Null => Matcher::Any,
    }
}

fn keys<'a>(
    object: &'a Object,
    definitions: &'a Definitions,
    depth: Depth,
    open: &mut Vec<&'a str>,
) -> Vec<(String, Matcher)> {
    let required = object
        .properties
        .iter()
        .filter(|(_, property)| property.required);
    required
        .map(|(name, property)| {
            let schema = &property.schema;
            let value = if schema.nullable {
                Matcher::Any
            } else {
                demanded(schema, definitions, depth, open)
            };
            (name.clone(), below(value, depth))
        })
        .collect()
}

/// The part of a matcher that distinguishes the values of a property.
fn below(value: Matcher, depth: Depth) -> Matcher {
    match value {
        Matcher::Strings(values) => Matcher::Strings(values),
        Matcher::Object(keys) => {
            let keys = keys.into_iter().map(|(name, _)| (name, Matcher::Any));
            Matcher::Object(keys.collect())
        }
        Matcher::OneOf(_) => Matcher::Any,
        kind if depth == Depth::Kinds => kind,
        _ => Matcher::Any,
    }
}
