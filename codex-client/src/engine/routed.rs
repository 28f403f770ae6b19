//! What the engine has to know of events.

use codex_types::RequestId;

/// What an event tells about where it goes.
pub(crate) trait Routed: Clone {
    /// The thread it belongs to.
    fn thread_id(&self) -> Option<&str>;
    /// The turn it belongs to.
    fn turn_id(&self) -> Option<&str>;
    /// The login attempt it belongs to.
    fn login_id(&self) -> Option<&str>;
    /// Roughly how many bytes of memory it takes.
    fn weight(&self) -> usize;
    /// Whether it must not be dropped, however far behind a subscriber is.
    fn is_lifecycle(&self) -> bool;
    /// What it shows the whole state of, if it does: an older event with the same key has
    /// nothing to add to it.
    fn snapshot_of(&self) -> Option<String>;
    /// Whether it is the last event of its turn.
    fn ends_turn(&self) -> bool;
    /// The request of the server that it says is resolved.
    fn resolves(&self) -> Option<RequestId>;
}
