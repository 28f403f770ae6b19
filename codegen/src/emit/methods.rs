//! Marker types that tie a method to its types.

use super::TYPES;
use super::documentation::{wire_text, with_history};
use crate::FileTree;
use crate::docs::{Documented, Place};
use crate::protocol::{Notification, Protocol, Request};
use crate::render::{Source, doc_lines};

/// The scope of links in the documentation.
const SCOPE: &str = "use crate::*;\n\n";

pub(super) fn emit(protocol: &Protocol, documented: &Documented, tree: &mut FileTree) {
    let mut source =
        Source::new("Requests as types: each ties a method to its parameters and its response.");
    source.raw(SCOPE);
    for (direction, requests) in [
        ("ClientMethod;", &protocol.client_requests),
        ("ServerMethod;", &protocol.server_requests),
    ] {
        let rows: Vec<_> = requests
            .iter()
            .map(|it| request_row(it, documented))
            .collect();
        source.table("__methods", direction, &rows);
    }
    tree.insert(format!("{TYPES}/methods.rs"), source.finish());

    let mut source = Source::new("Notifications as types: each ties a method to its payload.");
    source.raw(SCOPE);
    let notifications = protocol
        .server_notifications
        .iter()
        .chain(&protocol.client_notifications);
    let rows = notifications
        .map(|it| notification_row(it, documented))
        .collect::<Vec<_>>();
    source.table("__notifications", "", &rows);
    tree.insert(format!("{TYPES}/notifications.rs"), source.finish());
}

fn request_row(request: &Request, documented: &Documented) -> String {
    let text = with_history(
        Some(request_text(request, documented)),
        request.experimental,
        &request.since,
    );
    let docs = row_docs(&text.unwrap_or_default(), documented, &request.method);
    let deprecated = row_deprecated(request.deprecated.as_deref());
    let (stability, params) = (
        stability(request.experimental),
        request.params.rust_type("crate::"),
    );
    format!(
        "{docs}{deprecated}    {} = {:?} ({params}) -> crate::{}, {stability}, {:?}, {:?};",
        request.name, request.method, request.response, request.since.first, request.since.stable
    )
}

fn notification_row(notification: &Notification, documented: &Documented) -> String {
    let text = with_history(
        Some(notification_text(notification, documented)),
        notification.experimental,
        &notification.since,
    );
    let docs = row_docs(&text.unwrap_or_default(), documented, &notification.method);
    let deprecated = row_deprecated(notification.deprecated.as_deref());
    let (stability, params) = (
        stability(notification.experimental),
        notification.params.rust_type("crate::"),
    );
    format!(
        "{docs}{deprecated}    {} = {:?} ({params}), {stability}, {:?};",
        notification.name, notification.method, notification.since.first
    )
}

/// The documentation of a request: its purpose, its parameters and its response.
fn request_text(request: &Request, documented: &Documented) -> String {
    let links = &documented.links;
    let response = links.type_name(&request.response, Place::Outside);
    let exchange = match request.params.type_name() {
        Some(params) => {
            let params = links.type_name(params, Place::Outside);
            format!("Parameters: {params}. Response: {response}.")
        }
        None => format!("No parameters. Response: {response}."),
    };
    let events = documented.overlay.events.get(&request.method);
    let events = events.map(|events| {
        let events = events
            .iter()
            .map(|event| links.method(event, Place::Outside));
        format!("Causes {}.", events.collect::<Vec<_>>().join(", "))
    });
    let text = wire_text(&request.method, request.docs.as_deref());
    let paragraphs: Vec<String> = [text, exchange].into_iter().chain(events).collect();
    paragraphs.join("\n\n")
}

/// The documentation of a notification: its purpose and its payload.
fn notification_text(notification: &Notification, documented: &Documented) -> String {
    let text = wire_text(&notification.method, notification.docs.as_deref());
    match notification.params.type_name() {
        Some(params) => {
            let params = documented.links.type_name(params, Place::Outside);
            format!("{text}\n\nPayload: {params}.")
        }
        None => text,
    }
}

fn row_docs(text: &str, documented: &Documented, method: &str) -> String {
    let docs = doc_lines(text, "    ").trim_start().to_owned();
    let aliases = documented.overlay.aliases.get(method).into_iter().flatten();
    let aliases = aliases.map(|alias| format!("    #[doc(alias = {alias:?})]\n"));
    docs + &aliases.collect::<String>()
}

fn row_deprecated(note: Option<&str>) -> String {
    note.map(|note| format!("    #[deprecated = {note:?}]\n"))
        .unwrap_or_default()
}

pub(super) fn stability(experimental: bool) -> &'static str {
    if experimental {
        "Experimental"
    } else {
        "Stable"
    }
}
