//! Marks the first runtimes of everything, and makes fields optional that not every supported
//! runtime sends.
//!
//! If a field is required today and missing in an older runtime, every message of that runtime with
//! such an object would be unreadable. Fields that all supported runtimes require stay required;
//! the evidence is the history.

use crate::annotate::Definitions;
use crate::history::History;
use crate::ir::{Definition, Field, Kind, Model, Presence, Since};
use crate::passes::reachability::closure;
use crate::protocol::Protocol;
use crate::schema::Shape;

/// Marks everything, and relaxes fields of types that only the server sends.
pub(super) fn mark(model: &mut Model, protocol: &mut Protocol, history: &History) {
    let client_sent = closure(model, &protocol.client_sent());
    for definition in model.definitions.values_mut() {
        mark_definition(definition, history);
        if !client_sent.contains(&definition.name) {
            relax(definition, history);
        }
    }
    let requests = protocol.client_requests.iter_mut();
    for request in requests.chain(&mut protocol.server_requests) {
        request.since = since(history, &request.method);
    }
    let notifications = protocol.server_notifications.iter_mut();
    for notification in notifications.chain(&mut protocol.client_notifications) {
        notification.since = since(history, &notification.method);
    }
}

fn mark_definition(definition: &mut Definition, history: &History) {
    let place = definition.place();
    definition.since = since(history, &place);
    let later = |member: String| later(history, &place, &member);
    match &mut definition.kind {
        Kind::Struct(object) => {
            for field in &mut object.fields {
                field.since = later(format!("{place}.{}", field.wire.0));
            }
        }
        Kind::StringEnum(values) => {
            for value in values {
                value.since = later(format!("{place}={}", value.wire.0));
            }
        }
        Kind::Keyed(union) => {
            for value in &mut union.strings {
                value.since = later(format!("{place}={}", value.wire.0));
            }
            for key in &mut union.keys {
                key.since = later(format!("{place}[{}]", key.wire.0));
            }
        }
        Kind::Newtype | Kind::Alias(_) | Kind::Tagged(_) | Kind::Untagged(_) => {}
    }
}

fn since(history: &History, place: &str) -> Since {
    Since {
        first: history.since(place).map(str::to_owned),
        stable: history.stable_since(place).map(str::to_owned),
        always: None,
    }
}

/// The same for a member, if it differs from its owner.
fn later(history: &History, owner: &str, member: &str) -> Since {
    let (owner, mut member) = (since(history, owner), since(history, member));
    if member.first == owner.first {
        member.first = None;
    }
    if member.stable == owner.stable {
        member.stable = None;
    }
    member
}

fn relax(definition: &mut Definition, history: &History) {
    let place = definition.place();
    let Kind::Struct(object) = &mut definition.kind else {
        return;
    };
    for field in &mut object.fields {
        if let Some(relaxed) = relaxed(field.presence) {
            let always = always(history, &place, field);
            if always.is_some() {
                field.presence = relaxed;
                field.since.always = always;
            }
        }
    }
}

/// Relaxes the same fields in the definitions, which are published as the schema of the models.
pub(crate) fn correct(definitions: &mut Definitions, model: &Model) {
    for (name, definition) in &model.definitions {
        let (Kind::Struct(object), Some(annotated)) = (&definition.kind, definitions.get_mut(name))
        else {
            continue;
        };
        let Shape::Object(schema) = &mut annotated.schema.shape else {
            continue;
        };
        let relaxed = object.fields.iter().filter(|it| it.since.always.is_some());
        for field in relaxed {
            if let Some(property) = schema.properties.get_mut(&field.wire.0) {
                property.required = false;
                property.schema.nullable = true;
            }
        }
    }
}

fn always(history: &History, place: &str, field: &Field) -> Option<String> {
    let filled = field.presence == Presence::Required;
    let since = history.required_since(place, &field.wire.0, filled);
    since.map(str::to_owned)
}

/// The empty form of the runtimes that have one: `null` if the field may be `null`, otherwise
/// absent.
fn relaxed(presence: Presence) -> Option<Presence> {
    match presence {
        Presence::Required => Some(Presence::AbsentWhenEmpty),
        Presence::RequiredNullable => Some(Presence::NullWhenEmpty),
        _ => None,
    }
}
