//! Orders the arguments of constructors: those that all variants of a union share come first, the
//! rest as declared. The order on the wire is that of the fields.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Kind, Model, Struct};

/// Fills in the arguments of every struct.
pub(super) fn order(model: &mut Model) {
    let shared = shared_fields(model);
    for definition in model.definitions.values_mut() {
        let union = definition.variant_of.as_ref().map(|(union, _)| union);
        let shared = union.and_then(|union| shared.get(union));
        if let Kind::Struct(object) = &mut definition.kind {
            let is_own = |index: &usize| {
                let wire = &object.fields[*index].wire.0;
                shared.is_some_and(|shared| !shared.contains(wire))
            };
            let positions = 0..object.fields.len();
            let required = positions.filter(|it| object.fields[*it].presence.is_required());
            let mut arguments: Vec<usize> = required.collect();
            arguments.sort_by_key(is_own);
            object.arguments = arguments;
        }
    }
}

/// The names of the fields that all variants of a union have, by union.
fn shared_fields(model: &Model) -> BTreeMap<String, BTreeSet<String>> {
    let mut shared: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for definition in model.definitions.values() {
        if let (Some((union, _)), Kind::Struct(object)) = (&definition.variant_of, &definition.kind)
        {
            let names = names(object);
            match shared.get_mut(union) {
                Some(shared) => shared.retain(|name| names.contains(name)),
                None => {
                    shared.insert(union.clone(), names);
                }
            }
        }
    }
    shared
}

fn names(object: &Struct) -> BTreeSet<String> {
    object.fields.iter().map(|it| it.wire.0.clone()).collect()
}
