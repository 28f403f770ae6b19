//! Stage 5: pairs each wire method with its types, and finds the ids to route by.
//!
//! The dump does not link responses to requests: an override table, the name of the parameters and
//! the name of the method do, in this order, and every response must be used exactly as expected,
//! which exposes every new exception.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::bundle::Bundle;
use crate::ir::Since;
use crate::names::{pascal_case, table};
use crate::schema::encode::encode;
use crate::schema::{Place, Schema, Shape};

pub(crate) mod exclusions;
pub(crate) mod responses;
pub(crate) mod routing;

pub(crate) use routing::Route;

/// Every message of the protocol.
#[derive(Clone, Debug, Default)]
pub(crate) struct Protocol {
    /// Requests that a client may send.
    pub(crate) client_requests: Vec<Request>,
    /// Requests that the server may send.
    pub(crate) server_requests: Vec<Request>,
    /// Notifications that the server may send.
    pub(crate) server_notifications: Vec<Notification>,
    /// Notifications that a client may send.
    pub(crate) client_notifications: Vec<Notification>,
}

/// A request by its method.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The method on the wire.
    pub(crate) method: String,
    /// Its name in Rust.
    pub(crate) name: String,
    /// The position in the dump.
    pub(crate) place: Place,
    /// The documentation.
    pub(crate) docs: Option<String>,
    /// The deprecation note, if it is deprecated.
    pub(crate) deprecated: Option<String>,
    /// Search aliases.
    pub(crate) aliases: Vec<String>,
    /// True if only the experimental dump has it.
    pub(crate) experimental: bool,
    /// The first runtimes that have it.
    pub(crate) since: Since,
    /// The parameters.
    pub(crate) params: Params,
    /// The type of the response.
    pub(crate) response: String,
    /// The ids in the parameters.
    pub(crate) routes: Vec<Route>,
}

/// A notification by its method.
#[derive(Clone, Debug)]
pub(crate) struct Notification {
    /// The method on the wire.
    pub(crate) method: String,
    /// Its name in Rust.
    pub(crate) name: String,
    /// The position in the dump.
    pub(crate) place: Place,
    /// The documentation.
    pub(crate) docs: Option<String>,
    /// The deprecation note, if it is deprecated.
    pub(crate) deprecated: Option<String>,
    /// True if only the experimental dump has it.
    pub(crate) experimental: bool,
    /// The first runtimes that have it.
    pub(crate) since: Since,
    /// The parameters.
    pub(crate) params: Params,
    /// The ids in the parameters.
    pub(crate) routes: Vec<Route>,
}

/// The parameters of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Params {
    /// None.
    None,
    /// Parameters of this type, or none.
    Optional(String),
    /// Parameters of this type.
    Required(String),
}

impl Params {
    /// The type in Rust syntax, each name prefixed with this path.
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
pub(crate) fn read(bundle: &Bundle, problems: &mut Vec<Error>) -> Protocol {
    let client = messages(bundle, "ClientRequest", problems);
    let server = messages(bundle, "ServerRequest", problems);
    let responses = responses::pair(bundle, client.iter().chain(&server), problems);
    let with_response = |messages: Vec<Message>| {
        messages
            .into_iter()
            .map(|message| message.into_request(&responses))
            .collect()
    };
    let mut server_notifications = notifications(bundle, "ServerNotification", problems);
    server_notifications.extend(unlisted(bundle));
    server_notifications.sort_by(|one, other| one.method.cmp(&other.method));
    Protocol {
        client_requests: with_response(client),
        server_requests: with_response(server),
        server_notifications,
        client_notifications: notifications(bundle, "ClientNotification", problems),
    }
}

/// A branch of a message union.
struct Message {
    method: String,
    place: Place,
    docs: Option<String>,
    experimental: bool,
    params: Params,
    routes: Vec<Route>,
}

impl Message {
    fn into_request(self, responses: &BTreeMap<String, String>) -> Request {
        Request {
            name: rust_name(&self.method),
            place: self.place,
            response: responses.get(&self.method).cloned().unwrap_or_default(),
            docs: self.docs,
            deprecated: None,
            aliases: Vec::new(),
            experimental: self.experimental,
            since: Since::default(),
            params: self.params,
            routes: self.routes,
            method: self.method,
        }
    }
}

fn rust_name(method: &str) -> String {
    let name = table::of_method(method).map(str::to_owned);
    name.unwrap_or_else(|| pascal_case(method))
}

fn notifications(bundle: &Bundle, union: &str, problems: &mut Vec<Error>) -> Vec<Notification> {
    let messages = messages(bundle, union, problems);
    messages.into_iter().map(into_notification).collect()
}

fn into_notification(message: Message) -> Notification {
    Notification {
        name: rust_name(&message.method),
        place: message.place,
        method: message.method,
        docs: message.docs,
        deprecated: None,
        experimental: message.experimental,
        since: Since::default(),
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
                place: bundle.definitions[*params].place.clone(),
                docs: None,
                experimental: true,
                params: Params::Required((*params).to_owned()),
                routes: routing::routes(bundle, params),
            })
        })
        .collect()
}

fn messages(bundle: &Bundle, union: &str, problems: &mut Vec<Error>) -> Vec<Message> {
    let mut stable = BTreeSet::new();
    if let Ok(branches) = Bundle::message_branches(&bundle.stable, union) {
        stable.extend(branches.iter().filter_map(method));
    }
    let branches = match Bundle::message_branches(&bundle.definitions, union) {
        Ok(branches) => branches,
        Err(error) => {
            problems.push(error);
            return Vec::new();
        }
    };
    let mut messages = Vec::new();
    for branch in branches {
        match message(bundle, branch, &stable) {
            Ok(message) => messages.push(message),
            Err(error) => problems.push(error),
        }
    }
    messages.sort_by(|one, other| one.method.cmp(&other.method));
    messages
}

fn message(bundle: &Bundle, branch: &Schema, stable: &BTreeSet<String>) -> Result<Message, Error> {
    let Some(method) = method(branch) else {
        let problem = "a message without a constant `method`; \
                       correct it in EDITS in codegen/src/fixups.rs";
        return Err(Error::schema(branch.pointer(), problem));
    };
    let params = params(branch)?;
    let routes = params.type_name().map(|name| routing::routes(bundle, name));
    Ok(Message {
        place: branch.place.clone(),
        docs: branch.description.clone(),
        experimental: !stable.contains(&method),
        params,
        routes: routes.unwrap_or_default(),
        method,
    })
}

fn method(branch: &Schema) -> Option<String> {
    let method = branch.as_object()?.properties.get("method")?;
    method.schema.as_single_value().map(str::to_owned)
}

fn params(branch: &Schema) -> Result<Params, Error> {
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
        _ => {
            let problem = format!(
                "parameters that are not a reference: {}; give them a definition in EDITS and \
                 ADDED in codegen/src/fixups.rs",
                encode(&property.schema)
            );
            Err(Error::schema(property.schema.pointer(), problem))
        }
    }
}

impl Protocol {
    /// The ids in all messages.
    pub(crate) fn routes(&self) -> impl Iterator<Item = &Route> {
        let requests = self.client_requests.iter().chain(&self.server_requests);
        let notifications = self
            .server_notifications
            .iter()
            .chain(&self.client_notifications);
        let notifications = notifications.flat_map(|notification| &notification.routes);
        requests
            .flat_map(|request| &request.routes)
            .chain(notifications)
    }

    /// The names of all messages on the wire.
    pub(crate) fn methods(&self) -> BTreeSet<&str> {
        let requests = self.client_requests.iter().chain(&self.server_requests);
        let requests = requests.map(|request| request.method.as_str());
        let notifications = self
            .server_notifications
            .iter()
            .chain(&self.client_notifications);
        requests
            .chain(notifications.map(|it| it.method.as_str()))
            .collect()
    }

    /// The types that a client sends: parameters of its requests and notifications, and responses.
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

    /// The types that the server sends: parameters of its requests and notifications, and
    /// responses.
    pub(crate) fn server_sent(&self) -> Vec<&str> {
        let answered = self
            .client_requests
            .iter()
            .map(|request| request.response.as_str());
        self.server_said().into_iter().chain(answered).collect()
    }

    /// The parameters of the requests and notifications that the server initiates.
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
