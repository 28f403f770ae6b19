//! Assigns types of their own to the ids of threads, turns, items and logins.
//!
//! On the wire they are all strings, and a method with two of them would silently accept them in
//! the wrong order.

use crate::Error;
use crate::ir::{Definition, Field, Kind, Model, Type};
use crate::schema::Place;

/// Fields that are an id in every definition, with its type.
const FIELDS: &[(&str, &str)] = &[
    ("threadId", "ThreadId"),
    ("parentThreadId", "ThreadId"),
    ("parent_thread_id", "ThreadId"),
    ("forkedFromId", "ThreadId"),
    ("senderThreadId", "ThreadId"),
    ("receiverThreadIds", "ThreadId"),
    ("reviewThreadId", "ThreadId"),
    ("threadIds", "ThreadId"),
    ("turnId", "TurnId"),
    ("turn_id", "TurnId"),
    ("expectedTurnId", "TurnId"),
    ("parentTurnId", "TurnId"),
    ("rootTurnId", "TurnId"),
    ("lastTurnId", "TurnId"),
    ("itemId", "ItemId"),
    ("targetItemId", "ItemId"),
    ("loginId", "LoginId"),
];

/// Types whose own `id` is of this type.
const OWNERS: &[(&str, &str)] = &[
    ("Thread", "ThreadId"),
    ("Turn", "TurnId"),
    ("ThreadItem", "ItemId"),
];

const KINDS: &[(&str, &str)] = &[
    ("ThreadId", "The id of a thread."),
    ("TurnId", "The id of a turn."),
    (
        "ItemId",
        "The id of an item; unique within its turn, not beyond.",
    ),
    ("LoginId", "The id of a login that was started."),
];

/// Replaces id strings by their types, and adds these types.
pub(super) fn name_ids(model: &mut Model) -> Vec<Error> {
    for definition in model.definitions.values_mut() {
        let owner = owner(definition).to_owned();
        if let Kind::Struct(object) = &mut definition.kind {
            for field in &mut object.fields {
                if let Some(id) = id_type(&owner, field) {
                    replace_string(&mut field.value, id);
                }
            }
        }
    }
    KINDS
        .iter()
        .filter_map(|(name, docs)| add(model, name, docs))
        .collect()
}

/// The rows that match no field.
pub(crate) fn stale(model: &Model) -> Vec<String> {
    let has_field = |wanted: &dyn Fn(&str, &Field) -> bool| {
        model
            .definitions
            .values()
            .any(|definition| match &definition.kind {
                Kind::Struct(object) => {
                    let owner = owner(definition);
                    object
                        .fields
                        .iter()
                        .any(|field| is_id(&field.value) && wanted(owner, field))
                }
                _ => false,
            })
    };
    let fields = FIELDS
        .iter()
        .filter(|(wire, _)| !has_field(&|_, field| field.wire.0 == *wire));
    let fields = fields.map(|(wire, _)| format!("FIELDS ({wire})"));
    let owners = OWNERS.iter();
    let owners = owners
        .filter(|(name, _)| !has_field(&|owner, field| owner == *name && field.wire.0 == "id"));
    let owners = owners.map(|(name, _)| format!("OWNERS ({name})"));
    let is_used = |kind: &str| has_field(&|_, field| field.value.named() == Some(kind));
    let kinds = KINDS.iter().filter(|(kind, _)| !is_used(kind));
    let kinds = kinds.map(|(kind, _)| format!("KINDS ({kind})"));
    fields
        .chain(owners)
        .chain(kinds)
        .map(|row| format!("codegen/src/passes/ids.rs: {row}"))
        .collect()
}

fn is_id(value: &Type) -> bool {
    value
        .named()
        .is_some_and(|name| KINDS.iter().any(|(kind, _)| *kind == name))
}

/// The definition of the dump that a field belongs to.
fn owner(definition: &Definition) -> &str {
    match &definition.variant_of {
        Some((union, _)) => union,
        None => &definition.name,
    }
}

fn id_type(owner: &str, field: &Field) -> Option<&'static str> {
    let wire = field.wire.0.as_str();
    let by_owner = OWNERS
        .iter()
        .find(|(name, _)| *name == owner && wire == "id");
    let by_field = FIELDS.iter().find(|(name, _)| *name == wire);
    by_owner.or(by_field).map(|(_, id)| *id)
}

fn replace_string(value: &mut Type, id: &str) {
    match value {
        Type::String => *value = Type::Named(id.to_owned()),
        Type::List(inner) | Type::Nullable(inner) => replace_string(inner, id),
        _ => {}
    }
}

fn add(model: &mut Model, name: &str, docs: &str) -> Option<Error> {
    let known = model.definitions.entry(name.to_owned());
    let definition = known.or_insert_with(|| Definition {
        name: name.to_owned(),
        place: Place::default(),
        docs: None,
        deprecated: None,
        aliases: Vec::new(),
        experimental: false,
        since: crate::ir::Since::default(),
        variant_of: None,
        module: String::new(),
        secret: false,
        derives: Vec::new(),
        kind: Kind::Newtype,
    });
    if !matches!(definition.kind, Kind::Newtype) {
        let problem = format!(
            "`{name}` is what ids are called here, and no string; \
             rename the definition in RENAMED in codegen/src/fixups.rs"
        );
        return Some(Error::schema(definition.place.pointer(), problem));
    }
    definition.docs = Some(docs.to_owned());
    definition.experimental = false;
    None
}
