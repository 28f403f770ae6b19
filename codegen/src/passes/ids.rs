//! Gives the ids of threads, turns, items and logins types of their own.
//!
//! On the wire they are all strings, and a method that takes two of them would
//! take them in the wrong order without a word.

use crate::ir::{Definition, Field, Kind, Model, Type};

/// Fields that hold an id wherever they stand, and its type.
const FIELDS: &[(&str, &str)] = &[
    ("threadId", "ThreadId"),
    ("thread_id", "ThreadId"),
    ("parentThreadId", "ThreadId"),
    ("parent_thread_id", "ThreadId"),
    ("forkedFromId", "ThreadId"),
    ("senderThreadId", "ThreadId"),
    ("receiverThreadId", "ThreadId"),
    ("receiverThreadIds", "ThreadId"),
    ("newThreadId", "ThreadId"),
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

/// Types whose own `id` is of the kind.
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

/// Replaces strings that are ids by their types, and adds these.
pub(super) fn name_ids(model: &mut Model) {
    for definition in model.definitions.values_mut() {
        let owner = match &definition.variant_of {
            Some((union, _)) => union.clone(),
            None => definition.name.clone(),
        };
        if let Kind::Struct(object) = &mut definition.kind {
            for field in &mut object.fields {
                if let Some(id) = id_type(&owner, field) {
                    replace_string(&mut field.value, id);
                }
            }
        }
    }
    for (name, docs) in KINDS {
        add(model, name, docs);
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

fn add(model: &mut Model, name: &str, docs: &str) {
    let known = model.definitions.entry(name.to_owned());
    let definition = known.or_insert_with(|| Definition {
        name: name.to_owned(),
        origin: "the strings that hold it".to_owned(),
        docs: None,
        experimental: false,
        variant_of: None,
        module: String::new(),
        derives: Vec::new(),
        kind: Kind::Newtype,
    });
    definition.docs = Some(docs.to_owned());
    definition.experimental = false;
}
