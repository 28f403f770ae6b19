//! The share of the protocol that is described, by the dump or by the overlay.

use std::collections::BTreeSet;

use crate::ir::{Kind, Model};
use crate::protocol::{Notification, Protocol, Request};

/// Described items among the emitted ones; a text that repeats the name and type does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coverage {
    /// Types; a described message counts as the description of its parameters, response or payload.
    pub types: Share,
    /// Fields of objects.
    pub fields: Share,
    /// Values of enumerations and alternatives of unions.
    pub variants: Share,
    /// Requests and notifications.
    pub messages: Share,
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Share {
    /// Number of described items.
    pub described: usize,
    /// Number of all items.
    pub total: usize,
}

impl Share {
    /// The share in percent, rounded down; 100 if there are no items.
    pub fn percent(self) -> usize {
        (self.described * 100)
            .checked_div(self.total)
            .unwrap_or(100)
    }

    fn count(&mut self, is_described: bool) {
        self.total += 1;
        self.described += usize::from(is_described);
    }
}

/// Counts before generated sentences are added.
pub(super) fn measure(model: &Model, protocol: &Protocol) -> Coverage {
    let mut coverage = Coverage::default();
    let by_message = described_by_message(protocol, &mut coverage.messages);
    for definition in model.definitions.values() {
        let is_told = by_message.contains(definition.name.as_str());
        let has_text = |docs: &Option<String>, deprecated: &Option<String>| {
            docs.is_some() || deprecated.is_some()
        };
        let is_described = has_text(&definition.docs, &definition.deprecated);
        coverage.types.count(is_described || is_told);
        match &definition.kind {
            Kind::Struct(object) => {
                for field in &object.fields {
                    coverage
                        .fields
                        .count(has_text(&field.docs, &field.deprecated));
                }
            }
            Kind::StringEnum(values) => {
                for value in values {
                    coverage
                        .variants
                        .count(has_text(&value.docs, &value.deprecated));
                }
            }
            Kind::Tagged(union) => {
                for variant in &union.variants {
                    let payload = model.definitions.get(&variant.payload);
                    let docs = payload.and_then(|payload| payload.docs.as_ref());
                    coverage.variants.count(docs.is_some());
                }
            }
            Kind::Keyed(union) => {
                let strings = union.strings.iter().map(|value| &value.docs);
                for docs in strings.chain(union.keys.iter().map(|key| &key.docs)) {
                    coverage.variants.count(docs.is_some());
                }
            }
            Kind::Newtype | Kind::Alias(_) | Kind::Untagged(_) => {}
        }
    }
    coverage
}

/// The types of described messages.
fn described_by_message<'a>(protocol: &'a Protocol, share: &mut Share) -> BTreeSet<&'a str> {
    let mut described = BTreeSet::new();
    let requests = protocol.client_requests.iter();
    for request in requests.chain(&protocol.server_requests) {
        let Request {
            docs,
            params,
            response,
            deprecated,
            ..
        } = request;
        let is_described = docs.is_some() || deprecated.is_some();
        share.count(is_described);
        if is_described {
            described.extend(params.type_name());
            described.insert(response.as_str());
        }
    }
    let notifications = protocol.server_notifications.iter();
    for notification in notifications.chain(&protocol.client_notifications) {
        let Notification {
            docs,
            params,
            deprecated,
            ..
        } = notification;
        let is_described = docs.is_some() || deprecated.is_some();
        share.count(is_described);
        if is_described {
            described.extend(params.type_name());
        }
    }
    described
}
