//! A whole tiny protocol: its types, unions of messages, methods and tables.

#![allow(
    clippy::return_self_not_must_use,
    clippy::useless_conversion,
    clippy::wildcard_imports,
    dead_code,
    deprecated,
    missing_docs,
    unreachable_pub,
    unused_imports,
    reason = "generated; codegen/src/emit/index.rs has the reasons"
)]

mod prelude {
    pub(super) use super::common::*;
    pub(super) use crate::prelude::*;
}

#[rustfmt::skip]
#[path = "generated/messages/client_notification.rs"]
mod client_notification;
#[rustfmt::skip]
#[path = "generated/messages/client_request.rs"]
mod client_request;
#[rustfmt::skip]
#[path = "generated/messages/client_response.rs"]
mod client_response;
#[rustfmt::skip]
#[path = "generated/messages/common.rs"]
mod common;
#[rustfmt::skip]
#[path = "generated/messages/methods.rs"]
pub mod methods;
#[rustfmt::skip]
#[path = "generated/messages/notifications.rs"]
pub mod notifications;
#[rustfmt::skip]
#[path = "generated/messages/registry.rs"]
mod registry;
#[rustfmt::skip]
#[path = "generated/messages/server_notification.rs"]
mod server_notification;
#[rustfmt::skip]
#[path = "generated/messages/server_request.rs"]
mod server_request;
#[rustfmt::skip]
#[path = "generated/messages/server_response.rs"]
mod server_response;

pub use client_notification::*;
pub use client_request::*;
pub use client_response::*;
pub use common::*;
pub use registry::{CLIENT_METHODS, CLIENT_NOTIFICATIONS, NOTIFICATIONS, SERVER_METHODS};
pub use server_notification::*;
pub use server_request::*;
pub use server_response::*;
