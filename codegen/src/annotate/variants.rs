//! Finds the distinguishing feature of a union's variants: a tag, a key, or a key that only one
//! variant requires.
//!
//! Reads schemas and changes only their shape; independent of type names.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::schema::encode::encode;
use crate::schema::{Object, Property, Schema, Shape, Union};

pub(super) fn refuse(pointer: &str, problem: impl std::fmt::Display) -> Error {
    let problem = format!(
        "{problem}; support it in codegen/src/annotate.rs, or correct the dump in codegen/src/fixups.rs"
    );
    Error::schema(pointer, problem)
}

/// The property that is a required constant in every branch, with a different value in each.
pub(super) fn find_tag(union: &Union) -> Option<String> {
    let first = union.branches.first()?;
    let mut candidates: Vec<&String> = branch_properties(first)?.keys().collect();
    candidates.sort_by_key(|name| (*name != "type", *name != "method", (*name).clone()));
    let tag = candidates.into_iter().find(|name| {
        let values: Vec<_> = union.branches.iter().map(|b| tag_value(b, name)).collect();
        let distinct: BTreeSet<_> = values.iter().flatten().collect();
        distinct.len() == values.len()
    })?;
    Some(tag.clone())
}

fn branch_properties(branch: &Schema) -> Option<&BTreeMap<String, Property>> {
    match &branch.shape {
        Shape::Object(object) => Some(&object.properties),
        Shape::Union(union) => Some(&union.common),
        _ => None,
    }
}

pub(super) fn tag_value(branch: &Schema, tag: &str) -> Option<String> {
    let property = branch_properties(branch)?.get(tag)?;
    let value = property.schema.as_single_value()?;
    property.required.then(|| value.to_owned())
}

pub(super) fn is_keyed(branch: &Schema) -> bool {
    match &branch.shape {
        Shape::Enumeration(_) => true,
        Shape::Object(object) => {
            object.closed
                && object.properties.len() == 1
                && object.properties.values().all(|property| property.required)
        }
        _ => false,
    }
}

/// Adds the properties beside a union to each of its variants.
pub(super) fn with_common(
    branch: Schema,
    common: &BTreeMap<String, Property>,
) -> Result<Object, Error> {
    let pointer = branch.place.clone();
    let mut object = match branch.shape {
        Shape::Object(object) => object,
        Shape::Union(union) => merge_alternatives(pointer.pointer(), union)?,
        _ => {
            return Err(refuse(
                pointer.pointer(),
                "a tagged variant must be an object",
            ));
        }
    };
    for (name, property) in common {
        if object
            .properties
            .insert(name.clone(), property.clone())
            .is_some()
        {
            let problem = format!("`{name}` stands both beside the union and in a variant");
            return Err(refuse(pointer.pointer(), problem));
        }
    }
    Ok(object)
}

/// Merges an object whose properties depend on the alternative: they become optional, because more
/// than one may be present.
pub(super) fn merge_alternatives(pointer: &str, union: Union) -> Result<Object, Error> {
    let mut properties = union.common;
    for branch in union.branches {
        let Shape::Object(object) = branch.shape else {
            return Err(refuse(
                pointer,
                "alternatives inside an object must be objects",
            ));
        };
        for (name, mut property) in object.properties {
            property.required = false;
            match properties.get(&name) {
                Some(other) if other.schema.shape != property.schema.shape => {
                    let (one, another) = (encode(&other.schema), encode(&property.schema));
                    let problem = format!(
                        "alternatives disagree about `{name}`: {another} here, {one} at {}",
                        other.schema.pointer()
                    );
                    return Err(refuse(property.schema.pointer(), problem));
                }
                _ => properties.insert(name, property),
            };
        }
    }
    Ok(Object {
        properties,
        ..Object::default()
    })
}

/// A required key that no other alternative requires.
pub(crate) fn distinguishing_key(object: &Object, all: &[Schema]) -> Option<String> {
    let required = |object: &Object, name: &str| {
        object
            .properties
            .get(name)
            .is_some_and(|property| property.required)
    };
    object
        .properties
        .keys()
        .filter(|name| required(object, name))
        .find(|name| {
            let others = all.iter().filter_map(Schema::as_object);
            others.filter(|other| required(other, name)).count() == 1
        })
        .cloned()
}
