//! Takes the inventory of a finished model.

use std::collections::BTreeSet;

use crate::builders::{Offered, Resolved};
use crate::bundle::Bundle;
use crate::inventory::{
    BuilderEntry, FieldEntry, Inventory, MessageEntry, Senders, TypeEntry, ValueType, VariantEntry,
};
use crate::ir::{Definition, Field, Kind, Model, StringVariant, Tagged};
use crate::passes::{boxing, reachability, secrets};
use crate::protocol::exclusions;
use crate::protocol::{Notification, Params, Protocol, Request, Route};

/// Takes the inventory of a finished model.
pub(crate) fn take(
    bundle: &Bundle,
    model: &Model,
    protocol: &Protocol,
    builders: &[Resolved<'_>],
) -> Inventory {
    let sizes = boxing::sizes(model);
    let is_boxed = |params: &Params| {
        let size = params.type_name().and_then(|name| sizes.get(name));
        matches!(params, Params::Required(_)) && size.is_some_and(|size| *size > boxing::LIMIT)
    };
    let requests = |requests: &[Request]| {
        let entries = requests.iter().map(|it| request(it, is_boxed(&it.params)));
        entries.collect()
    };
    let notifications = |messages: &[Notification]| {
        let entries = messages.iter();
        let entries = entries.map(|it| notification(it, is_boxed(&it.params)));
        entries.collect()
    };
    let missing = bundle
        .definitions
        .keys()
        .filter(|name| !model.definitions.contains_key(*name));
    let directions = Directions::of(model, protocol);
    let types = model.definitions.values();
    Inventory {
        types: types.map(|it| type_entry(it, &directions)).collect(),
        client_requests: requests(&protocol.client_requests),
        server_requests: requests(&protocol.server_requests),
        server_notifications: notifications(&protocol.server_notifications),
        client_notifications: notifications(&protocol.client_notifications),
        builders: builders.iter().map(builder).collect(),
        left_out: missing
            .map(|name| (name.clone(), exclusions::reason(name)))
            .chain(
                bundle
                    .left_out
                    .iter()
                    .map(|(name, reason)| (name.clone(), Some(*reason))),
            )
            .collect(),
        secret_candidates: secrets::candidates(model),
    }
}

/// The types that each end sends, and those of the core.
struct Directions {
    client: BTreeSet<String>,
    server: BTreeSet<String>,
    core: BTreeSet<String>,
}

impl Directions {
    fn of(model: &Model, protocol: &Protocol) -> Self {
        Self {
            client: reachability::closure(model, &protocol.client_sent()),
            server: reachability::closure(model, &protocol.server_sent()),
            core: reachability::core(model, protocol),
        }
    }
}

fn type_entry(definition: &Definition, directions: &Directions) -> TypeEntry {
    let name = &definition.name;
    TypeEntry {
        name: name.clone(),
        kind: kind(&definition.kind),
        module: definition.module.clone(),
        experimental: definition.experimental,
        docs: definition.docs.clone(),
        variant_of: definition.variant_of.clone(),
        fields: fields(&definition.kind),
        constructor: match &definition.kind {
            Kind::Struct(object) => object.arguments.clone(),
            _ => Vec::new(),
        },
        tag: tag(&definition.kind),
        variants: variants(&definition.kind),
        alias: match &definition.kind {
            Kind::Alias(value) => Some(value.clone()),
            _ => None,
        },
        derives: definition.derives.clone(),
        accessors: accessors(&definition.kind),
        senders: Senders {
            client: directions.client.contains(name),
            server: directions.server.contains(name),
        },
        core: directions.core.contains(name),
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

fn fields(kind: &Kind) -> Vec<FieldEntry> {
    match kind {
        Kind::Struct(object) => object.fields.iter().map(field_entry).collect(),
        _ => Vec::new(),
    }
}

fn tag(kind: &Kind) -> Option<(String, String)> {
    match kind {
        Kind::Struct(object) => {
            let tag = object.tag.as_ref();
            tag.map(|(name, value)| (name.0.clone(), value.clone()))
        }
        Kind::Tagged(union) => Some((union.tag.0.clone(), String::new())),
        _ => None,
    }
}

fn variants(kind: &Kind) -> Vec<VariantEntry> {
    match kind {
        Kind::StringEnum(values) => values.iter().map(string_variant).collect(),
        Kind::Tagged(union) => tagged_variants(union),
        Kind::Keyed(union) => {
            let strings = union.strings.iter().map(string_variant);
            let keys = union.keys.iter().map(|key| VariantEntry {
                wire: key.wire.0.clone(),
                rust: key.rust.0.clone(),
                payload: Some(key.payload.clone()),
                boxed: false,
                docs: key.docs.clone(),
            });
            strings.chain(keys).collect()
        }
        Kind::Untagged(alternatives) => {
            let variants = alternatives.iter().map(|alternative| VariantEntry {
                wire: format!("{:?}", alternative.matcher),
                rust: alternative.rust.0.clone(),
                payload: Some(alternative.payload.clone()),
                boxed: false,
                docs: None,
            });
            variants.collect()
        }
        Kind::Struct(_) | Kind::Newtype | Kind::Alias(_) => Vec::new(),
    }
}

fn string_variant(variant: &StringVariant) -> VariantEntry {
    VariantEntry {
        wire: variant.wire.0.clone(),
        rust: variant.rust.0.clone(),
        payload: None,
        boxed: false,
        docs: variant.docs.clone(),
    }
}

fn tagged_variants(union: &Tagged) -> Vec<VariantEntry> {
    let variants = union.variants.iter().map(|variant| VariantEntry {
        wire: variant.wire.0.clone(),
        rust: variant.rust.0.clone(),
        payload: Some(ValueType::Named(variant.payload.clone())),
        boxed: variant.boxed,
        docs: None,
    });
    variants.collect()
}

fn accessors(kind: &Kind) -> Vec<(String, Option<ValueType>)> {
    let Kind::Tagged(union) = kind else {
        return Vec::new();
    };
    let common = union.common.iter().map(|field| {
        let integer = matches!(field.value, ValueType::Integer(_));
        (field.rust.0.clone(), integer.then(|| field.value.clone()))
    });
    common.collect()
}

fn field_entry(field: &Field) -> FieldEntry {
    FieldEntry {
        wire: field.wire.0.clone(),
        rust: field.rust.0.clone(),
        value: field.value.clone(),
        presence: field.presence,
        default: field.default.clone(),
        docs: field.docs.clone(),
        experimental: field.experimental,
        secret: field.secret,
    }
}

fn request(request: &Request, boxed: bool) -> MessageEntry {
    MessageEntry {
        method: request.method.clone(),
        name: request.name.clone(),
        docs: request.docs.clone(),
        params: request.params.type_name().map(str::to_owned),
        params_optional: matches!(request.params, Params::Optional(_)),
        boxed,
        response: Some(request.response.clone()),
        experimental: request.experimental,
        routes: request.routes.iter().map(route).collect(),
    }
}

fn notification(notification: &Notification, boxed: bool) -> MessageEntry {
    MessageEntry {
        method: notification.method.clone(),
        name: notification.name.clone(),
        docs: notification.docs.clone(),
        params: notification.params.type_name().map(str::to_owned),
        params_optional: matches!(notification.params, Params::Optional(_)),
        boxed,
        response: None,
        experimental: notification.experimental,
        routes: notification.routes.iter().map(route).collect(),
    }
}

fn route(route: &Route) -> String {
    let mark = if route.required { "" } else { "?" };
    format!("{}: {}{mark}", route.kind, route.path.join("."))
}

fn builder(resolved: &Resolved<'_>) -> BuilderEntry {
    let required = resolved.fields.iter();
    let required = required.filter(|field| field.presence.is_required());
    let arguments = resolved.offered().flat_map(Offered::fields);
    let arguments = arguments.filter_map(|name| resolved.field(name));
    let argument = |it: &Field| (it.rust.0.clone(), it.wire.0.clone(), it.value.clone());
    BuilderEntry {
        name: resolved.builder.name.to_owned(),
        method: resolved.builder.method.to_owned(),
        params: resolved.params.to_owned(),
        required: required.map(|field| field.value.clone()).collect(),
        arguments: arguments.map(argument).collect(),
    }
}
