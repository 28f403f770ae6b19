//! What the engine has to know of events.

use codex_types::RequestId;

/// What an event ends. An id that cannot be told from it, because it is damaged, is any id: what
/// waits for an end must not wait forever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// The turn that it names, or any on its thread.
    Turn,
    /// Everything on the thread that it names.
    Thread,
    /// Any login: a damaged end of one.
    AnyLogin,
}

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
    /// What it ends, if anything.
    fn ends(&self) -> Option<Ends>;
    /// Whether it is damaged, and belongs to a thread that cannot be told from it: it may be of
    /// any.
    fn is_of_any_thread(&self) -> bool;
    /// Whether it is kept for the first subscriber of everything, if there is none yet: a warning
    /// that comes before anybody can listen.
    fn is_early_warning(&self) -> bool;
    /// The request of the server that it says is resolved.
    fn resolves(&self) -> Option<RequestId>;
}
