//! Rust names that no rule produces, for names that would collide or be hard to read.
//!
//! A row without a match is stale; see [`stale`].

use crate::ir::{Kind, Model};
use crate::protocol::Protocol;

/// Fields: definition, name on the wire, name in Rust.
const FIELDS: &[(&str, &str, &str)] = &[];

/// Variants: definition, value or key on the wire, name in Rust.
const VARIANTS: &[(&str, &str, &str)] = &[];

/// Methods and notifications: name on the wire, name in Rust (`ThreadStart`).
const METHODS: &[(&str, &str)] = &[];

/// The name of a field, if it has a row.
pub(crate) fn of_field(definition: &str, wire: &str) -> Option<&'static str> {
    find(FIELDS, definition, wire)
}

/// The name of a variant, if it has a row.
pub(crate) fn of_variant(definition: &str, wire: &str) -> Option<&'static str> {
    find(VARIANTS, definition, wire)
}

/// The name of a method, if it has a row.
pub(crate) fn of_method(wire: &str) -> Option<&'static str> {
    let row = METHODS.iter().find(|(method, _)| *method == wire);
    row.map(|(_, name)| *name)
}

fn find(rows: &'static [(&str, &str, &str)], definition: &str, wire: &str) -> Option<&'static str> {
    let row = rows
        .iter()
        .find(|(owner, name, _)| *owner == definition && *name == wire);
    row.map(|(.., name)| *name)
}

/// The rows without a match.
pub(crate) fn stale(model: &Model, protocol: &Protocol) -> Vec<String> {
    let fields = FIELDS.iter().filter(|(owner, wire, _)| {
        let kind = model
            .definitions
            .get(*owner)
            .map(|definition| &definition.kind);
        let Some(Kind::Struct(object)) = kind else {
            return true;
        };
        !object.fields.iter().any(|field| field.wire.0 == *wire)
    });
    let fields = fields.map(|(owner, wire, _)| format!("FIELDS ({owner}, {wire})"));
    let variants = VARIANTS.iter().filter(|(owner, wire, _)| {
        let kind = model
            .definitions
            .get(*owner)
            .map(|definition| &definition.kind);
        !kind.is_some_and(|kind| kind.variants().iter().any(|(name, _)| name == wire))
    });
    let variants = variants.map(|(owner, wire, _)| format!("VARIANTS ({owner}, {wire})"));
    let names = protocol.methods();
    let methods = METHODS.iter().filter(|(method, _)| !names.contains(method));
    let methods = methods.map(|(method, _)| format!("METHODS ({method})"));
    let rows = fields.chain(variants).chain(methods);
    rows.map(|row| format!("codegen/src/names/table.rs: {row}"))
        .collect()
}
