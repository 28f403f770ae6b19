//! Expands a schema into flat shapes, independent of the way in which it nests them.

use std::collections::BTreeMap;

use crate::schema::{Property, Schema, Shape, Union};

/// The properties of one flat object by name.
pub(crate) type Properties<'a> = BTreeMap<&'a str, &'a Property>;

/// One possible shape of a value, `null` excluded.
#[derive(Clone, Debug)]
pub(crate) enum Alternative<'a> {
    /// An object.
    Object {
        /// Its named properties.
        properties: Properties<'a>,
        /// True if it may have other keys.
        open: bool,
    },
    /// An object whose keys are data.
    Map(&'a Schema),
    /// One string.
    Literal(&'a str),
    /// A scalar, an array, or anything.
    Other(&'a Schema),
}

/// The shapes of a schema, with references resolved.
pub(crate) fn alternatives<'a>(
    definitions: &'a BTreeMap<String, Schema>,
    schema: &'a Schema,
) -> Vec<Alternative<'a>> {
    below(definitions, schema, &mut Vec::new())
}

/// `open` holds the references being followed: an alias of itself has no shape.
fn below<'a>(
    definitions: &'a BTreeMap<String, Schema>,
    schema: &'a Schema,
    open: &mut Vec<&'a str>,
) -> Vec<Alternative<'a>> {
    match &schema.shape {
        Shape::Null => Vec::new(),
        Shape::Reference(name) if open.contains(&name.as_str()) => Vec::new(),
        Shape::Reference(name) => match definitions.get(name) {
            Some(target) => {
                open.push(name);
                let shapes = below(definitions, target, open);
                open.pop();
                shapes
            }
            None => vec![Alternative::Other(schema)],
        },
        Shape::Enumeration(values) => {
            let literals = values.iter().map(|value| value.value.as_str());
            literals.map(Alternative::Literal).collect()
        }
        Shape::Map(values) => vec![Alternative::Map(values)],
        Shape::Object(object) => vec![Alternative::Object {
            properties: borrowed(&object.properties),
            open: object.open,
        }],
        Shape::Union(union) => branches(definitions, union, open),
        Shape::Any
        | Shape::Boolean
        | Shape::Integer(_)
        | Shape::Number
        | Shape::String { .. }
        | Shape::Array(_) => vec![Alternative::Other(schema)],
    }
}

/// Every branch with the properties beside the union.
fn branches<'a>(
    definitions: &'a BTreeMap<String, Schema>,
    union: &'a Union,
    open: &mut Vec<&'a str>,
) -> Vec<Alternative<'a>> {
    let branches = union.branches.iter();
    let mut shapes: Vec<_> = branches
        .flat_map(|branch| below(definitions, branch, open))
        .collect();
    for shape in &mut shapes {
        if let Alternative::Object { properties, .. } = shape {
            properties.extend(borrowed(&union.common));
        }
    }
    shapes
}

fn borrowed(properties: &BTreeMap<String, Property>) -> Properties<'_> {
    let properties = properties.iter();
    properties
        .map(|(name, property)| (name.as_str(), property))
        .collect()
}
