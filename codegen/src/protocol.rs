//! Stage 5: pairs each wire method with its types, and finds the ids to route by.
//!
//! The dump does not say which response belongs to which request: an override
//! table, the name of the parameters and the name of the method do, in this
//! order, and every response must be used exactly as expected, so that a new
//! exception shows up by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::bundle::Bundle;
use crate::names::pascal_case;
use crate::schema::{Schema, Shape};

pub(crate) mod exclusions;
mod responses;
mod routing;

pub(crate) use routing::Route;

/// Every message of the protocol.
#[derive(Clone, Debug, Default)]
pub(crate) struct Protocol {
    /// What a client may ask.
    pub(crate) client_requests: Vec<Request>,
    /// What the server may ask.
    pub(crate) server_requests: Vec<Request>,
    /// What the server tells.
    pub(crate) server_notifications: Vec<Notification>,
    /// What a client tells.
    pub(crate) client_notifications: Vec<Notification>,
}

/// A request by its method.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The method on the wire.
    pub(crate) method: String,
    /// Its name in Rust.
    pub(crate) name: String,
    /// What is said about it.
    pub(crate) docs: Option<String>,
    /// Whether only the experimental dump has it.
    pub(crate) experimental: bool,
    /// What is sent.
    pub(crate) params: Params,
    /// The type of the answer.
    pub(crate) response: String,
    /// Where in the parameters the ids are.
    pub(crate) routes: Vec<Route>,
}

/// A notification by its method.
#[derive(Clone, Debug)]
pub(crate) struct Notification {
    /// The method on the wire.
    pub(crate) method: String,
    /// Its name in Rust.
    pub(crate) name: String,
    /// What is said about it.
    pub(crate) docs: Option<String>,
    /// Whether only the experimental dump has it.
    pub(crate) experimental: bool,
    /// What is sent.
    pub(crate) params: Params,
    /// Where in the parameters the ids are.
    pub(crate) routes: Vec<Route>,
}

/// The parameters of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Params {
    /// None.
    None,
    /// Of this type, or none.
    Optional(String),
    /// Of this type.
    Required(String),
}

impl Params {
    /// The type as Rust writes it, each name behind this path.
    pub(crate) fn rust_type(&self, path: &str) -> String {
        match self {
            Self::None => format!("{path}NoParams"),
            Self::Optional(name) => format!("Option<{path}{name}>"),
            Self::Required(name) => format!("{path}{name}"),
        }
    }

    /// The type, if there is one.
    pub(crate) fn type_name(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Optional(name) | Self::Required(name) => Some(name),
        }
    }
}

/// Reads the message unions.
pub(crate) fn read(bundle: &Bundle) -> Result<Protocol, Error> {
    let client = messages(bundle, "ClientRequest")?;
    let server = messages(bundle, "ServerRequest")?;
    let responses = responses::pair(bundle, client.iter().chain(&server))?;
    let with_response = |messages: Vec<Message>| {
        messages
            .into_iter()
            .map(|message| message.into_request(&responses))
            .collect()
    };
    let mut server_notifications = notifications(bundle, "ServerNotification")?;
    server_notifications.extend(unlisted(bundle));
    server_notifications.sort_by(|one, other| one.method.cmp(&other.method));
    Ok(Protocol {
        client_requests: with_response(client),
        server_requests: with_response(server),
        server_notifications,
        client_notifications: notifications(bundle, "ClientNotification")?,
    })
}

/// A branch of a message union.
struct Message {
    method: String,
    docs: Option<String>,
    experimental: bool,
    params: Params,
    routes: Vec<Route>,
}

impl Message {
    fn into_request(self, responses: &BTreeMap<String, String>) -> Request {
        Request {
            name: pascal_case(&self.method),
            response: responses.get(&self.method).cloned().unwrap_or_default(),
            docs: self.docs,
            experimental: self.experimental,
            params: self.params,
            routes: self.routes,
            method: self.method,
        }
    }
}

fn notifications(bundle: &Bundle, union: &str) -> Result<Vec<Notification>, Error> {
    let messages = messages(bundle, union)?;
    Ok(messages.into_iter().map(into_notification).collect())
}

fn into_notification(message: Message) -> Notification {
    Notification {
        name: pascal_case(&message.method),
        method: message.method,
        docs: message.docs,
        experimental: message.experimental,
        params: message.params,
        routes: message.routes,
    }
}

/// Methods that are on the wire but in no union.
fn unlisted(bundle: &Bundle) -> Vec<Notification> {
    let table = crate::fixups::wire::UNLISTED_NOTIFICATIONS.iter();
    let present = table.filter(|(_, params)| bundle.definitions.contains_key(*params));
    present
        .map(|(method, params)| {
            into_notification(Message {
                method: (*method).to_owned(),
                docs: Some("On the wire, but not in the dump's list of notifications.".to_owned()),
                experimental: true,
                params: Params::Required((*params).to_owned()),
                routes: routing::routes(bundle, params),
            })
        })
        .collect()
}

fn messages(bundle: &Bundle, union: &str) -> Result<Vec<Message>, Error> {
    let mut stable = BTreeSet::new();
    if bundle.stable.contains_key(union) {
        let branches = Bundle::message_branches(&bundle.stable, union)?;
        stable.extend(branches.iter().filter_map(method));
    }
    let mut messages = Vec::new();
    for branch in Bundle::message_branches(&bundle.definitions, union)? {
        let Some(method) = method(branch) else {
            return Err(Error::schema(
                format!("#/definitions/{union}"),
                "a message without method",
            ));
        };
        let params = params(union, &method, branch)?;
        let routes = params.type_name().map(|name| routing::routes(bundle, name));
        messages.push(Message {
            docs: branch.description.clone(),
            experimental: !stable.contains(&method),
            params,
            routes: routes.unwrap_or_default(),
            method,
        });
    }
    messages.sort_by(|one, other| one.method.cmp(&other.method));
    Ok(messages)
}

fn method(branch: &Schema) -> Option<String> {
    let method = branch.as_object()?.properties.get("method")?;
    method.schema.as_single_value().map(str::to_owned)
}

fn params(union: &str, method: &str, branch: &Schema) -> Result<Params, Error> {
    let property = branch
        .as_object()
        .and_then(|object| object.properties.get("params"));
    let Some(property) = property else {
        return Ok(Params::None);
    };
    match &property.schema.shape {
        Shape::Null => Ok(Params::None),
        Shape::Reference(name) if property.required && !property.schema.nullable => {
            Ok(Params::Required(name.clone()))
        }
        Shape::Reference(name) => Ok(Params::Optional(name.clone())),
        _ => Err(Error::schema(
            format!("#/definitions/{union}/{method}"),
            "parameters that are not a reference; add a fixup",
        )),
    }
}

impl Protocol {
    /// The types that a client sends: it asks, tells and answers.
    pub(crate) fn client_sent(&self) -> Vec<&str> {
        let asked = self
            .client_requests
            .iter()
            .filter_map(|r| r.params.type_name());
        let told = self
            .client_notifications
            .iter()
            .filter_map(|n| n.params.type_name());
        let answered = self
            .server_requests
            .iter()
            .map(|request| request.response.as_str());
        asked.chain(told).chain(answered).collect()
    }

    /// The types that the server sends: it asks, tells and answers.
    pub(crate) fn server_sent(&self) -> Vec<&str> {
        let answered = self
            .client_requests
            .iter()
            .map(|request| request.response.as_str());
        self.server_said().into_iter().chain(answered).collect()
    }

    /// The types that the server sends unasked.
    pub(crate) fn server_said(&self) -> Vec<&str> {
        let asked = self
            .server_requests
            .iter()
            .filter_map(|r| r.params.type_name());
        let told = self
            .server_notifications
            .iter()
            .filter_map(|n| n.params.type_name());
        asked.chain(told).collect()
    }
}
