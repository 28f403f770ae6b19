//! Decides the wire form of an empty field.
//!
//! In messages of a client, absent and `null` differ. In messages of the server, each field has one
//! empty form, which the TypeScript dump mostly specifies.

use crate::fixups::wire;
use crate::ir::{Definition, Kind, Model, Presence};
use crate::passes::reachability::closure;
use crate::protocol::Protocol;
use crate::typescript::TypeScript;

/// Decides for every optional nullable field.
pub(super) fn decide(model: &mut Model, protocol: &Protocol, typescript: Option<&TypeScript>) {
    let client_sent = closure(model, &protocol.client_sent());
    for definition in model.definitions.values_mut() {
        let from_client = client_sent.contains(&definition.name);
        let (owner, variant) = source(definition);
        let Kind::Struct(object) = &mut definition.kind else {
            continue;
        };
        for field in &mut object.fields {
            if field.presence == Presence::NullWhenEmpty {
                field.presence = if from_client {
                    Presence::ThreeState
                } else if wire::is_absent_when_empty(
                    typescript,
                    &owner,
                    variant.as_deref(),
                    &field.wire.0,
                ) {
                    Presence::AbsentWhenEmpty
                } else {
                    Presence::NullWhenEmpty
                };
            }
        }
    }
}

/// The exported type that a definition comes from, and its variant.
fn source(definition: &Definition) -> (String, Option<String>) {
    match &definition.variant_of {
        Some((union, variant)) => (union.clone(), Some(variant.clone())),
        None => (definition.name.clone(), None),
    }
}
