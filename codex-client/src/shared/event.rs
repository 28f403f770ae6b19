//! An event: one notification of the server, typed, with its raw text.
//!
//! Independent of subscriptions.

use std::fmt;
use std::sync::Arc;

use codex_types::rpc::{Ids, Notification, Undecodable};
use codex_types::{DecodeError, RequestId, ServerNotification};

use crate::engine::{Ends, Routed};

mod importance;

/// One notification of the server. Cheap to clone: all clones share the parts.
///
/// ```
/// use codex_client::types::ServerNotification;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Reply};
/// # let harness = AppServerHarness::start()?;
/// # harness.responses().enqueue(Reply::streaming(["Hel", "lo."]));
/// # let thread = harness.codex().await?.thread_start().await?;
/// # let mut methods = Vec::new();
/// let mut turn = thread.turn("Say hello.").await?;
/// while let Some(event) = turn.next().await.transpose()? {
///     match event.notification() {
///         ServerNotification::ItemAgentMessageDelta(delta) => print!("{}", delta.delta),
///         // Everything has a name and its JSON, also what this version does not know.
///         _ => println!("{}: {}", event.method(), event.raw()),
///     }
/// #   let raw: serde_json::Value = serde_json::from_str(event.raw())?;
/// #   assert_eq!(raw["method"], event.method());
/// #   methods.push(event.method().to_owned());
/// }
/// # assert!(methods.iter().any(|method| method == "item/agentMessage/delta"));
/// # assert_eq!(methods.last().unwrap(), "turn/completed");
/// # Ok(())
/// # }
/// ```
#[doc(alias = "notification")]
#[derive(Clone)]
pub struct Event(Arc<Parts>);

struct Parts {
    notification: Notification,
    raw: Box<str>,
    unreadable: Option<Box<Unreadable>>,
}

/// The decoded parts of a malformed message.
struct Unreadable {
    error: DecodeError,
    ids: Ids<'static>,
}

impl Event {
    pub(crate) fn new(notification: Notification, raw: &str) -> Self {
        Self(Arc::new(Parts {
            notification,
            raw: raw.into(),
            unreadable: None,
        }))
    }

    /// Creates the event of a malformed notification: like that of an unknown method, with the ids
    /// found in it.
    pub(crate) fn undecodable(message: &Undecodable<'_>, raw: &str) -> Self {
        let payload = message.to_unrecognized();
        let mut notification = Notification::new(ServerNotification::Unrecognized(payload));
        notification.emitted_at_ms = message.envelope.emitted_at_ms;
        Self(Arc::new(Parts {
            notification,
            raw: raw.into(),
            unreadable: Some(Box::new(Unreadable {
                error: message.error.clone(),
                ids: message.ids.clone().into_owned(),
            })),
        }))
    }

    /// Returns the notification. An unknown method, or a malformed payload (see
    /// [`Event::decode_error`]), is `Unrecognized`.
    pub fn notification(&self) -> &ServerNotification {
        &self.0.notification.payload
    }

    /// Returns the method, such as `turn/completed`.
    pub fn method(&self) -> &str {
        self.notification().method()
    }

    /// Returns the time at which the server sent it, in milliseconds since the Unix epoch.
    pub fn emitted_at_ms(&self) -> Option<i64> {
        self.0.notification.emitted_at_ms
    }

    /// Returns the raw message: JSON, unless there is an [`Event::decode_error`]. Bytes of it that
    /// are no UTF-8 are replaced (U+FFFD).
    pub fn raw(&self) -> &str {
        &self.0.raw
    }

    /// Returns the error of a malformed message: a known method with a malformed payload, or
    /// invalid JSON.
    pub fn decode_error(&self) -> Option<&DecodeError> {
        self.0
            .unreadable
            .as_ref()
            .map(|unreadable| &unreadable.error)
    }

    /// The ids of a message that could not be read: those that are whole in its text.
    fn ids(&self) -> Option<&Ids<'static>> {
        self.0.unreadable.as_ref().map(|unreadable| &unreadable.ids)
    }

    /// Returns whether it is damaged, and lacks this required id.
    fn is_unnamed(&self, id: Option<&str>) -> bool {
        self.0.unreadable.is_some() && id.is_none()
    }

    /// Returns its thread.
    pub fn thread_id(&self) -> Option<&str> {
        match self.ids() {
            Some(ids) => ids.thread.as_deref(),
            None => self.notification().thread_id(),
        }
    }

    /// Returns its turn.
    pub fn turn_id(&self) -> Option<&str> {
        match self.ids() {
            Some(ids) => ids.turn.as_deref(),
            None => self.notification().turn_id(),
        }
    }

    /// Returns its item, which is unique only within its turn.
    pub fn item_id(&self) -> Option<&str> {
        match self.ids() {
            Some(ids) => ids.item.as_deref(),
            None => self.notification().item_id(),
        }
    }

    /// Returns its login attempt.
    pub fn login_id(&self) -> Option<&str> {
        match self.ids() {
            Some(ids) => ids.login.as_deref(),
            None => self.notification().login_id(),
        }
    }

    /// Returns whether it is a lifecycle event: a start, an end, a failure or a lasting change.
    /// Such events are never dropped; the others (deltas, progress) are dropped when a subscriber
    /// lags behind.
    pub fn is_lifecycle(&self) -> bool {
        importance::is_lifecycle(self.notification())
    }
}

/// Prints the method and ids only; payloads may contain secrets.
impl fmt::Debug for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Event")
            .field("method", &self.method())
            .field("thread_id", &self.thread_id())
            .field("turn_id", &self.turn_id())
            .field("emitted_at_ms", &self.emitted_at_ms())
            .field("decode_error", &self.decode_error())
            .finish_non_exhaustive()
    }
}

/// Memory use of an event besides its text: the parts, and the allocator's overhead.
const FIXED_WEIGHT: usize = 320;

impl Routed for Event {
    fn thread_id(&self) -> Option<&str> {
        self.thread_id()
    }

    fn turn_id(&self) -> Option<&str> {
        self.turn_id()
    }

    fn login_id(&self) -> Option<&str> {
        self.login_id()
    }

    fn weight(&self) -> usize {
        // The text itself, and about the same again in the typed payload.
        FIXED_WEIGHT + 2 * self.0.raw.len()
    }

    fn is_lifecycle(&self) -> bool {
        self.is_lifecycle()
    }

    fn snapshot_of(&self) -> Option<String> {
        importance::snapshot_of(self.notification())
    }

    fn ends(&self) -> Option<Ends> {
        match self.method() {
            "turn/completed" => Some(Ends::Turn),
            "thread/closed" => Some(Ends::Thread),
            // One that names no login is no end of one that does, unless it is damaged.
            "account/login/completed" if self.is_unnamed(self.login_id()) => Some(Ends::AnyLogin),
            _ => None,
        }
    }

    fn is_of_any_thread(&self) -> bool {
        let method = self.method();
        self.is_unnamed(self.thread_id())
            && self.is_lifecycle()
            && ["thread/", "turn/", "item/"]
                .iter()
                .any(|domain| method.starts_with(domain))
    }

    fn is_early_warning(&self) -> bool {
        matches!(
            self.notification(),
            ServerNotification::ConfigWarning(_) | ServerNotification::DeprecationNotice(_)
        )
    }

    fn resolves(&self) -> Option<RequestId> {
        if self.method() != "serverRequest/resolved" {
            return None;
        }
        importance::resolved_request(&self.0.raw)
    }
}
