//! The uses of each type, by messages and by other types.

use std::collections::BTreeMap;

use super::links::{Links, Place};
use crate::ir::{Kind, Model};
use crate::protocol::Protocol;

/// Maximum number of named places.
const SHOWN: usize = 6;

/// The role of a type in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// The payload of a notification.
    Payload,
    /// The parameters of a request.
    Parameters,
    /// The response to a request.
    Response,
}

/// A message that a type belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part<'a> {
    pub(super) role: Role,
    pub(super) method: &'a str,
    pub(super) docs: Option<&'a str>,
}

/// The messages that each type is the parameters, response or payload of.
pub(super) fn parts(protocol: &Protocol) -> BTreeMap<&str, Vec<Part<'_>>> {
    let notifications = protocol.server_notifications.iter();
    let notifications = notifications.chain(&protocol.client_notifications);
    let payloads = notifications.filter_map(|it| {
        let part = part(Role::Payload, &it.method, it.docs.as_deref());
        Some((it.params.type_name()?, part))
    });
    let requests = protocol.client_requests.iter();
    let requests = requests.chain(&protocol.server_requests).flat_map(|it| {
        let parameters = part(Role::Parameters, &it.method, it.docs.as_deref());
        let response = part(Role::Response, &it.method, it.docs.as_deref());
        let parameters = it.params.type_name().map(|name| (name, parameters));
        parameters
            .into_iter()
            .chain([(it.response.as_str(), response)])
    });
    let mut parts: BTreeMap<&str, Vec<Part<'_>>> = BTreeMap::new();
    for (name, part) in payloads.chain(requests) {
        parts.entry(name).or_default().push(part);
    }
    parts
}

fn part<'a>(role: Role, method: &'a str, docs: Option<&'a str>) -> Part<'a> {
    Part { role, method, docs }
}

/// A member of a type that mentions another one.
#[derive(Clone, Copy, Debug)]
struct Mention<'a> {
    owner: &'a str,
    /// rustdoc's term for such a member.
    kind: &'static str,
    member: &'a str,
}

/// For each type, the sentence with its uses.
pub(super) fn sentences(
    model: &Model,
    protocol: &Protocol,
    links: &Links,
) -> BTreeMap<String, String> {
    let parts = parts(protocol);
    let mut sentences = BTreeMap::new();
    for (name, mentions) in mentions(model) {
        let place = links.place(name);
        let mut places = Vec::new();
        for mention in mentions {
            match parts.get(mention.owner) {
                Some(parts) => places.extend(parts.iter().map(|it| message(it, links, place))),
                None => places.push((
                    Role::Response as usize + 1,
                    links.member(mention.owner, mention.kind, mention.member, place),
                )),
            }
        }
        places.sort();
        places.dedup();
        sentences.insert(name.to_owned(), sentence(&places));
    }
    sentences
}

fn message(part: &Part<'_>, links: &Links, place: Place) -> (usize, String) {
    let method = links.method(part.method, place);
    let text = match part.role {
        Role::Payload => method,
        Role::Parameters => format!("the parameters of {method}"),
        Role::Response => format!("the response to {method}"),
    };
    (part.role as usize, text)
}

fn sentence(places: &[(usize, String)]) -> String {
    let names: Vec<&str> = places.iter().map(|(_, text)| text.as_str()).collect();
    let text = match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        all if all.len() > SHOWN + 1 => {
            let (shown, rest) = all.split_at(SHOWN);
            format!("{} and {} other places", shown.join(", "), rest.len())
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    format!("Used in {text}.")
}

/// The members that mention each type, except the variants of a tagged union, which are named by
/// the type itself.
fn mentions(model: &Model) -> BTreeMap<&str, Vec<Mention<'_>>> {
    let mut mentions: BTreeMap<&str, Vec<Mention<'_>>> = BTreeMap::new();
    for definition in model.definitions.values() {
        let owner = definition.name.as_str();
        let mut add = |value: &'_ crate::ir::Type, kind, member| {
            if let Some(name) = value.named().filter(|name| *name != owner) {
                let name = model
                    .definitions
                    .get_key_value(name)
                    .map(|(name, _)| name.as_str());
                let mention = Mention {
                    owner,
                    kind,
                    member,
                };
                mentions
                    .entry(name.unwrap_or_default())
                    .or_default()
                    .push(mention);
            }
        };
        match &definition.kind {
            Kind::Struct(object) => {
                for field in &object.fields {
                    add(&field.value, "structfield", field.rust.0.as_str());
                }
            }
            Kind::Keyed(union) => {
                for key in &union.keys {
                    add(&key.payload, "variant", key.rust.0.as_str());
                }
            }
            Kind::Untagged(alternatives) => {
                for alternative in alternatives {
                    add(&alternative.payload, "variant", alternative.rust.0.as_str());
                }
            }
            Kind::Alias(_) | Kind::Tagged(_) | Kind::StringEnum(_) | Kind::Newtype => {}
        }
    }
    mentions
}
