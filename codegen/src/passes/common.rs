//! Finds the fields that every variant of a union has.

use crate::ir::{Field, Kind, Model, Presence, Struct, Type};

/// Fills in the common fields of tagged unions.
pub(super) fn find(model: &mut Model) {
    let mut found = Vec::new();
    for (name, definition) in &model.definitions {
        if let Kind::Tagged(union) = &definition.kind {
            let payloads: Vec<_> = union
                .variants
                .iter()
                .filter_map(|variant| structure(model, &variant.payload))
                .collect();
            found.push((name.clone(), common_fields(model, &payloads)));
        }
    }
    for (name, fields) in found {
        let definition = model.definitions.get_mut(&name);
        if let Some(Kind::Tagged(union)) = definition.map(|definition| &mut definition.kind) {
            union.common = fields;
        }
    }
}

fn structure<'a>(model: &'a Model, name: &str) -> Option<&'a Struct> {
    match &model.definitions.get(name)?.kind {
        Kind::Struct(object) => Some(object),
        _ => None,
    }
}

fn common_fields(model: &Model, payloads: &[&Struct]) -> Vec<Field> {
    let Some((first, others)) = payloads.split_first() else {
        return Vec::new();
    };
    let is_common = |field: &&Field| {
        others.iter().all(|other| {
            let mut fields = other.fields.iter();
            fields.any(|candidate| {
                candidate.wire == field.wire
                    && candidate.value == field.value
                    && candidate.presence == field.presence
            })
        })
    };
    first
        .fields
        .iter()
        .filter(|field| has_accessor(model, field))
        .filter(is_common)
        .cloned()
        .collect()
}

/// Strings that are always present, and numbers that may be: fields that can be read from any
/// variant, known or not.
fn has_accessor(model: &Model, field: &Field) -> bool {
    match (&field.value, field.presence) {
        (Type::String, Presence::Required) => true,
        (Type::Named(name), Presence::Required) => {
            let kind = model
                .definitions
                .get(name)
                .map(|definition| &definition.kind);
            matches!(kind, Some(Kind::Newtype))
        }
        (Type::Integer(_), presence) => presence != Presence::ThreeState,
        _ => false,
    }
}
