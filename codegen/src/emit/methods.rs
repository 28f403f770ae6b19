//! Marker types that tie a method to its types.

use super::TYPES;
use super::documentation::{method_text, with_stability};
use crate::FileTree;
use crate::protocol::{Notification, Protocol, Request};
use crate::render::{Source, doc_lines};

pub(super) fn emit(protocol: &Protocol, tree: &mut FileTree) {
    let mut source = Source::new(
        "Methods as types: each ties a name on the wire to what is sent and what comes back.",
    );
    for (direction, requests) in [
        ("ClientMethod;", &protocol.client_requests),
        ("ServerMethod;", &protocol.server_requests),
    ] {
        let rows: Vec<_> = requests.iter().map(request_row).collect();
        source.table("__methods", direction, &rows);
    }
    tree.insert(format!("{TYPES}/methods.rs"), source.finish());

    let mut source =
        Source::new("Notifications as types: each ties a name on the wire to what is sent.");
    let notifications = protocol
        .server_notifications
        .iter()
        .chain(&protocol.client_notifications);
    let rows = notifications.map(notification_row).collect::<Vec<_>>();
    source.table("__notifications", "", &rows);
    tree.insert(format!("{TYPES}/notifications.rs"), source.finish());
}

fn request_row(request: &Request) -> String {
    let docs = row_docs(
        &request.method,
        request.docs.as_deref(),
        request.experimental,
    );
    let (stability, params) = (
        stability(request.experimental),
        request.params.rust_type("crate::"),
    );
    format!(
        "{docs}    {} = {:?} ({params}) -> crate::{}, {stability};",
        request.name, request.method, request.response
    )
}

fn notification_row(notification: &Notification) -> String {
    let docs = row_docs(
        &notification.method,
        notification.docs.as_deref(),
        notification.experimental,
    );
    let (stability, params) = (
        stability(notification.experimental),
        notification.params.rust_type("crate::"),
    );
    format!(
        "{docs}    {} = {:?} ({params}), {stability};",
        notification.name, notification.method
    )
}

fn row_docs(method: &str, docs: Option<&str>, experimental: bool) -> String {
    let text = with_stability(method_text(method, docs), experimental);
    doc_lines(&text, "    ").trim_start().to_owned()
}

pub(super) fn stability(experimental: bool) -> &'static str {
    if experimental {
        "Experimental"
    } else {
        "Stable"
    }
}
