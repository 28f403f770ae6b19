//! Sorts fields in the order in which the runtime declares and writes them.
//!
//! The JSON schema sorts them by name, so that `ByteRange::new` would take the end before the
//! start. The TypeScript dump keeps their order; without it, they stay sorted by name.

use crate::ir::{Kind, Model};
use crate::typescript::TypeScript;

/// Sorts the fields of every struct.
pub(super) fn sort(model: &mut Model, typescript: Option<&TypeScript>) {
    let Some(typescript) = typescript else {
        return;
    };
    for definition in model.definitions.values_mut() {
        let (owner, variant) = match &definition.variant_of {
            Some((union, variant)) => (union.as_str(), Some(variant.as_str())),
            None => (definition.name.as_str(), None),
        };
        let declared = typescript.declared_order(owner, variant);
        if let Kind::Struct(object) = &mut definition.kind {
            object.fields.sort_by_key(|field| {
                let place = declared.iter().position(|name| *name == field.wire.0);
                place.unwrap_or(usize::MAX)
            });
        }
    }
}
