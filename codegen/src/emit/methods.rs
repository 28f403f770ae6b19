//! Marker types that tie a method to its types.

use super::TYPES;
use crate::FileTree;
use crate::protocol::{Notification, Protocol, Request};
use crate::render::{Source, doc_lines};

pub(super) fn emit(protocol: &Protocol, tree: &mut FileTree) {
    let mut source = Source::new(
        "Methods as types: each ties a name on the wire to what is sent and what comes back.",
    );
    let rows = protocol
        .client_requests
        .iter()
        .map(request_row)
        .collect::<Vec<_>>();
    source.table("__methods", "ClientMethod;", &rows);
    let rows = protocol
        .server_requests
        .iter()
        .map(request_row)
        .collect::<Vec<_>>();
    source.table("__methods", "ServerMethod;", &rows);
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

pub(super) fn row_docs(method: &str, docs: Option<&str>, experimental: bool) -> String {
    let mut text = match docs {
        Some(docs) => format!("`{method}`: {docs}"),
        None => format!("`{method}`."),
    };
    if experimental {
        text.push_str("\n\nOnly in the experimental schema.");
    }
    doc_lines(&text, "    ").trim_start().to_owned()
}

pub(super) fn stability(experimental: bool) -> &'static str {
    if experimental {
        "Experimental"
    } else {
        "Stable"
    }
}
