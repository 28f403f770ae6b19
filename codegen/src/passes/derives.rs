//! Computes the traits that the compiler can derive.
//!
//! Conservatively, so that a new runtime does not remove a trait: objects keep unknown fields, so
//! they are never hashed or ordered.

use std::collections::BTreeSet;

use crate::ir::{Kind, Model, Type};

const ALL: [&str; 3] = ["Clone", "PartialEq", "Eq"];

/// Fills in the derives of every definition.
pub(super) fn compute(model: &mut Model) {
    let hashable = hashable(model);
    for definition in model.definitions.values_mut() {
        let mut derives = ALL.to_vec();
        match &definition.kind {
            Kind::Struct(object) => {
                if !object.fields.iter().any(|field| field.secret) {
                    derives.insert(0, "Debug");
                }
                if !object
                    .fields
                    .iter()
                    .any(|field| field.presence.is_required())
                {
                    derives.push("Default");
                }
            }
            Kind::Newtype => {
                derives.extend(["Hash", "PartialOrd", "Ord"]);
                if !definition.secret {
                    derives.push("Debug");
                }
            }
            Kind::Keyed(union) if union.keys.iter().any(|key| key.secret) => {}
            _ => derives.insert(0, "Debug"),
        }
        if hashable.contains(&definition.name) && !derives.contains(&"Hash") {
            derives.push("Hash");
        }
        derives.sort_unstable();
        definition.derives = derives;
    }
}

/// Strings, and unions of such and of plain values.
fn hashable(model: &Model) -> BTreeSet<String> {
    let mut hashable = BTreeSet::new();
    loop {
        let before = hashable.len();
        for (name, definition) in &model.definitions {
            let is_hashable = match &definition.kind {
                Kind::StringEnum(_) | Kind::Newtype => true,
                Kind::Keyed(union) => union
                    .keys
                    .iter()
                    .all(|key| is_hashable(&key.payload, &hashable)),
                Kind::Untagged(alternatives) => alternatives
                    .iter()
                    .all(|a| is_hashable(&a.payload, &hashable)),
                Kind::Struct(_) | Kind::Alias(_) | Kind::Tagged(_) => false,
            };
            if is_hashable {
                hashable.insert(name.clone());
            }
        }
        if hashable.len() == before {
            return hashable;
        }
    }
}

fn is_hashable(value: &Type, hashable: &BTreeSet<String>) -> bool {
    match value {
        Type::Boolean | Type::Integer(_) | Type::String => true,
        Type::Named(name) => hashable.contains(name),
        Type::List(inner) | Type::Nullable(inner) | Type::Boxed(inner) => {
            is_hashable(inner, hashable)
        }
        Type::Any | Type::Number | Type::Map(_) | Type::Listing(_) => false,
    }
}
