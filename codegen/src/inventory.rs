//! What a generation covers, as data: every type, every message, and every
//! definition of the dump that got no type, with the reason.
//!
//! For tests, and for whoever compares runtimes; nothing is emitted from it.

use std::collections::BTreeMap;

use crate::ir::{Definition, Field, Kind, Model, Presence};
use crate::protocol::exclusions;
use crate::protocol::{Notification, Params, Protocol, Request, Route};
use crate::schema::Schema;

/// What a generation covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inventory {
    /// Every type, by name.
    pub types: Vec<TypeEntry>,
    /// What a client may ask, by method.
    pub client_requests: Vec<MessageEntry>,
    /// What the server may ask, by method.
    pub server_requests: Vec<MessageEntry>,
    /// What the server tells, by method.
    pub server_notifications: Vec<MessageEntry>,
    /// What a client tells, by method.
    pub client_notifications: Vec<MessageEntry>,
    /// The definitions of the dump that got no type, by name, each with the
    /// reason; one without a reason is a gap that nobody has looked at.
    pub left_out: BTreeMap<String, Option<&'static str>>,
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeEntry {
    /// Its name.
    pub name: String,
    /// What it is, such as `struct` or `tagged union`.
    pub kind: &'static str,
    /// The file it is in.
    pub module: String,
    /// Whether only the experimental dump has it.
    pub experimental: bool,
    /// The named fields of a struct, its tag aside.
    pub fields: Vec<FieldEntry>,
    /// The tag of a struct that is a variant: name and value.
    pub tag: Option<(String, String)>,
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldEntry {
    /// Its name on the wire.
    pub wire: String,
    /// Whether it must be there.
    pub required: bool,
    /// Whether `null` stands for nothing; false where a value may itself be anything.
    pub nullable: bool,
    /// Whether its value is kept out of what is printed for debugging.
    pub secret: bool,
}

/// A request or a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageEntry {
    /// The method on the wire.
    pub method: String,
    /// The name of its marker type and variant.
    pub name: String,
    /// The type of its parameters, if it has any.
    pub params: Option<String>,
    /// Whether the parameters may be left out.
    pub params_optional: bool,
    /// The type of the answer, if it is a request.
    pub response: Option<String>,
    /// Whether only the experimental dump has it.
    pub experimental: bool,
    /// Where the ids are, such as `turn: turn.id`; `?` after those that may be absent.
    pub routes: Vec<String>,
}

/// Takes the inventory of a finished model.
pub(crate) fn take(
    definitions: &BTreeMap<String, Schema>,
    model: &Model,
    protocol: &Protocol,
) -> Inventory {
    let requests = |requests: &[Request]| requests.iter().map(request).collect();
    let notifications = |messages: &[Notification]| messages.iter().map(notification).collect();
    let missing = definitions
        .keys()
        .filter(|name| !model.definitions.contains_key(*name));
    Inventory {
        types: model.definitions.values().map(type_entry).collect(),
        client_requests: requests(&protocol.client_requests),
        server_requests: requests(&protocol.server_requests),
        server_notifications: notifications(&protocol.server_notifications),
        client_notifications: notifications(&protocol.client_notifications),
        left_out: missing
            .map(|name| (name.clone(), exclusions::reason(name)))
            .collect(),
    }
}

fn type_entry(definition: &Definition) -> TypeEntry {
    let (fields, tag) = match &definition.kind {
        Kind::Struct(object) => {
            let tag = object.tag.as_ref();
            let tag = tag.map(|(name, value)| (name.0.clone(), value.clone()));
            (object.fields.iter().map(field_entry).collect(), tag)
        }
        _ => (Vec::new(), None),
    };
    TypeEntry {
        name: definition.name.clone(),
        kind: kind(&definition.kind),
        module: definition.module.clone(),
        experimental: definition.experimental,
        fields,
        tag,
    }
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Struct(_) => "struct",
        Kind::StringEnum(_) => "string enum",
        Kind::Newtype => "newtype",
        Kind::Alias(_) => "alias",
        Kind::Tagged(_) => "tagged union",
        Kind::Keyed(_) => "keyed union",
        Kind::Untagged(_) => "untagged union",
    }
}

fn field_entry(field: &Field) -> FieldEntry {
    FieldEntry {
        wire: field.wire.0.clone(),
        required: field.presence.is_required(),
        nullable: !matches!(field.presence, Presence::Required | Presence::Optional),
        secret: field.secret,
    }
}

fn request(request: &Request) -> MessageEntry {
    MessageEntry {
        method: request.method.clone(),
        name: request.name.clone(),
        params: request.params.type_name().map(str::to_owned),
        params_optional: matches!(request.params, Params::Optional(_)),
        response: Some(request.response.clone()),
        experimental: request.experimental,
        routes: request.routes.iter().map(route).collect(),
    }
}

fn notification(notification: &Notification) -> MessageEntry {
    MessageEntry {
        method: notification.method.clone(),
        name: notification.name.clone(),
        params: notification.params.type_name().map(str::to_owned),
        params_optional: matches!(notification.params, Params::Optional(_)),
        response: None,
        experimental: notification.experimental,
        routes: notification.routes.iter().map(route).collect(),
    }
}

fn route(route: &Route) -> String {
    let mark = if route.required { "" } else { "?" };
    format!("{}: {}{mark}", route.kind, route.path.join("."))
}
