//! An event: one notification of the server, typed, with its raw text.
//!
//! Independent of subscriptions.

use std::fmt;
use std::sync::Arc;

use codex_types::rpc::{self, Ids, Notification, Undecodable};
use codex_types::{DecodeError, RequestId, ServerNotification, UnrecognizedMessage};
use serde_json::{Value, json};

use crate::engine::{Ends, Routed};

mod batch;
mod batches;
mod importance;
mod packed;
mod run;

use batch::{Batch, Unreadable};
pub(crate) use batches::Batches;
pub(crate) use run::Run;

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
pub struct Event {
    batch: Arc<Batch>,
    /// Its place in the batch.
    index: usize,
}

impl Event {
    pub(crate) fn new(notification: Notification, raw: &str) -> Self {
        Self::alone(notification, raw, None)
    }

    /// Creates the event of a notification that did not come as a message: one that was missed.
    pub(crate) fn of_notification(method: &str, params: &Value) -> Option<Self> {
        let frame = json!({ "method": method, "params": params }).to_string();
        Self::parse(&frame)
    }

    /// Creates the event of an item of a turn that was missed, from its JSON in the history.
    pub(crate) fn missed_item(thread_id: &str, turn_id: &str, item: &Value) -> Option<Self> {
        let params = json!({
            "threadId": thread_id,
            "turnId": turn_id,
            "item": item,
            "completedAtMs": item["completedAtMs"].as_i64().unwrap_or_default(),
        });
        Self::of_notification("item/completed", &params)
    }

    /// Parses a raw message, such as one that was stored ([`Event::raw`]): a notification, or a
    /// request of the server. `None` if it is neither.
    pub fn parse(raw: &str) -> Option<Self> {
        match rpc::ServerMessage::parse(raw).ok()? {
            rpc::ServerMessage::Notification(it) => Some(Self::new(it, raw)),
            rpc::ServerMessage::Undecodable(it) => Some(Self::undecodable(&it, raw)),
            rpc::ServerMessage::Request { request, .. } => {
                Some(Self::of_request(request.method(), raw))
            }
            _ => None,
        }
    }

    fn alone(notification: Notification, raw: &str, unreadable: Option<Box<Unreadable>>) -> Self {
        Self {
            batch: Batch::of_one(notification, raw, unreadable),
            index: 0,
        }
    }

    /// Returns `true` if both came together, so that each keeps the memory of the other.
    pub(crate) fn shares_memory_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.batch, &other.batch)
    }

    /// The length of the text that is kept with this event, in bytes.
    pub(crate) fn shared_text(&self) -> usize {
        self.batch.text_len()
    }

    #[inline]
    fn decoded(&self) -> &Notification {
        self.batch.notification(self.index)
    }

    /// Creates the event of a malformed notification: like that of an unknown method, with the ids
    /// found in it.
    pub(crate) fn undecodable(message: &Undecodable<'_>, raw: &str) -> Self {
        let payload = message.to_unrecognized();
        let mut notification = Notification::new(ServerNotification::Unrecognized(payload));
        notification.emitted_at_ms = message.envelope.emitted_at_ms;
        let unreadable = Unreadable {
            error: message.error.clone(),
            ids: message.ids.clone().into_owned(),
        };
        Self::alone(notification, raw, Some(Box::new(unreadable)))
    }

    /// Creates the event of a request: like that of an unknown method.
    pub(crate) fn of_request(method: &str, raw: &str) -> Self {
        let message: Value = serde_json::from_str(raw).unwrap_or_default();
        let payload = UnrecognizedMessage::new(method, message.get("params").cloned());
        let payload = ServerNotification::Unrecognized(payload);
        Self::alone(Notification::new(payload), raw, None)
    }

    /// Returns the notification. An unknown method, or a malformed payload (see
    /// [`Event::decode_error`]), is `Unrecognized`.
    pub fn notification(&self) -> &ServerNotification {
        &self.decoded().payload
    }

    /// Returns the method, such as `turn/completed`.
    pub fn method(&self) -> &str {
        self.notification().method()
    }

    /// Returns the time at which the server sent it, in milliseconds since the Unix epoch.
    pub fn emitted_at_ms(&self) -> Option<i64> {
        self.decoded().emitted_at_ms
    }

    /// Returns the raw message: JSON, unless there is an [`Event::decode_error`]. Bytes of it that
    /// are no UTF-8 are replaced (U+FFFD).
    pub fn raw(&self) -> &str {
        self.batch.raw(self.index)
    }

    /// Returns the error of a malformed message: a known method with a malformed payload, or
    /// invalid JSON.
    pub fn decode_error(&self) -> Option<&DecodeError> {
        let unreadable = self.batch.unreadable.as_ref();
        unreadable.map(|unreadable| &unreadable.error)
    }

    /// The ids of a message that could not be read: those that are whole in its text.
    fn ids(&self) -> Option<&Ids<'static>> {
        let unreadable = self.batch.unreadable.as_ref();
        unreadable.map(|unreadable| &unreadable.ids)
    }

    /// Returns whether it is damaged, and lacks this required id.
    fn is_unnamed(&self, id: Option<&str>) -> bool {
        self.batch.unreadable.is_some() && id.is_none()
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

    /// The turn that it ends, if any. An end counts even if it is damaged.
    pub(crate) fn ended_turn(&self) -> Option<&str> {
        let may_end = matches!(
            self.notification(),
            ServerNotification::TurnCompleted(_) | ServerNotification::Unrecognized(_)
        );
        (may_end && self.ends() == Some(Ends::Turn)).then(|| self.turn_id().unwrap_or_default())
    }

    /// Returns the id of the request of the server, if it is the event of one: that of an approval
    /// in the stream of a turn.
    pub fn request_id(&self) -> Option<RequestId> {
        let is_request = matches!(
            self.notification(),
            ServerNotification::Unrecognized(message) if importance::is_request(message.method())
        );
        is_request.then(|| importance::request_id(self.raw()))?
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
        self.batch.weight() / self.batch.len()
    }

    fn batch(&self) -> Option<(usize, usize)> {
        let identity = || (Arc::as_ptr(&self.batch).addr(), self.batch.weight());
        (self.batch.len() > 1).then(identity)
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

    fn completes_item(&self) -> Option<&str> {
        let completes = self.method() == "item/completed";
        self.item_id().filter(|_| completes)
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
        importance::resolved_request(self.raw())
    }
}
