//! Links in the texts of messages.

use super::links::{Links, Place};
use crate::protocol::Protocol;

/// Links the texts of all messages. Those of the server are in the core as well.
pub(super) fn describe(protocol: &mut Protocol, links: &Links) {
    for request in &mut protocol.client_requests {
        link(&mut request.docs, &request.method, links, Place::Outside);
    }
    for request in &mut protocol.server_requests {
        link(&mut request.docs, &request.method, links, Place::Core);
    }
    for notification in &mut protocol.server_notifications {
        link(
            &mut notification.docs,
            &notification.method,
            links,
            Place::Core,
        );
    }
    for notification in &mut protocol.client_notifications {
        link(
            &mut notification.docs,
            &notification.method,
            links,
            Place::Outside,
        );
    }
}

fn link(docs: &mut Option<String>, method: &str, links: &Links, place: Place) {
    if let Some(text) = docs {
        *text = links.link(text, method, place);
    }
}
