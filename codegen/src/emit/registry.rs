//! Tables of all methods and notifications, as data that users can iterate.

mod parameters;

use super::TYPES;
use super::methods::stability;
use crate::FileTree;
use crate::docs::unlinked;
use crate::history::History;
use crate::ir::Model;
use crate::names::pascal_case;
use crate::protocol::{Notification, Params, Protocol, Request, Route};
use crate::render::Source;

pub(super) fn emit(model: &Model, protocol: &Protocol, history: &History, tree: &mut FileTree) {
    let mut source = Source::new("Every method and notification, as data.");
    source.raw("use crate::registry::IdKind::{Item, Login, Process, Request, Session, Thread, Turn, Watch};\n");
    source.raw("use crate::registry::{MethodInfo, NotificationInfo, ParameterInfo, Route};\n");
    source.raw("use crate::Stability::{Experimental, Stable};\n\n");
    source.raw(&table(
        "Every request that a client may send, sorted by method.",
        "CLIENT_METHODS: &[MethodInfo]",
        protocol.client_requests.iter().map(method_info),
    ));
    source.raw(&table(
        "Every request that the server may send, sorted by method.",
        "SERVER_METHODS: &[MethodInfo]",
        protocol.server_requests.iter().map(method_info),
    ));
    source.raw(&table(
        "Every notification that the server may send, sorted by method.",
        "NOTIFICATIONS: &[NotificationInfo]",
        protocol.server_notifications.iter().map(notification_info),
    ));
    source.raw(&table(
        "Every notification that a client may send, sorted by method.",
        "CLIENT_NOTIFICATIONS: &[NotificationInfo]",
        protocol.client_notifications.iter().map(notification_info),
    ));
    source.raw(&table(
        "Every parameter of a client's request that came later than its method, by method.",
        "PARAMETERS: &[ParameterInfo]",
        parameters::rows(model, protocol).into_iter(),
    ));
    let oldest = history.oldest().unwrap_or("0.0.0");
    source
        .raw("/// The oldest runtime that the models are compared with, and that is supported.\n");
    source.raw(&format!("pub const OLDEST_RUNTIME: &str = {oldest:?};\n"));
    tree.insert(format!("{TYPES}/registry.rs"), source.finish());
}

fn table(docs: &str, declaration: &str, rows: impl Iterator<Item = String>) -> String {
    let mut table = format!("/// {docs}\npub static {declaration} = &[\n");
    for row in rows {
        table.extend(["    ", &row, ",\n"]);
    }
    table.push_str("];\n\n");
    table
}

fn method_info(request: &Request) -> String {
    let stable = request.since.stable.as_deref();
    let stable = stable.map(|version| format!(".stable_since({version:?})"));
    format!(
        "MethodInfo::new({:?}, {}, {:?}, {}, {:?}, {:?}, {}){}",
        request.method,
        params(&request.params),
        request.response,
        stability(request.experimental),
        request.since.first,
        data_text(request.docs.as_deref(), request.deprecated.as_deref()),
        routes(&request.routes),
        stable.unwrap_or_default(),
    )
}

fn notification_info(notification: &Notification) -> String {
    let docs = data_text(
        notification.docs.as_deref(),
        notification.deprecated.as_deref(),
    );
    format!(
        "NotificationInfo::new({:?}, {}, {}, {:?}, {docs:?}, {})",
        notification.method,
        params(&notification.params),
        stability(notification.experimental),
        notification.since.first,
        routes(&notification.routes),
    )
}

/// A text without links, because the data has no scope for them.
fn data_text(docs: Option<&str>, deprecated: Option<&str>) -> String {
    let docs = docs.map(unlinked);
    let deprecated = deprecated.map(|note| format!("Deprecated: {note}"));
    deprecated
        .into_iter()
        .chain(docs)
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn params(params: &Params) -> String {
    format!("{:?}", params.type_name())
}

fn routes(routes: &[Route]) -> String {
    let routes: Vec<_> = routes
        .iter()
        .map(|route| {
            let kind = pascal_case(route.kind);
            format!("Route::new({kind}, &{:?}, {})", route.path, route.required)
        })
        .collect();
    format!("&[{}]", routes.join(", "))
}
