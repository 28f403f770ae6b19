//! The properties of events that the engine needs.

use codex_types::RequestId;

/// The item that an event ends. An id that is missing from a damaged event matches any id: what
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

/// The routing properties of an event.
pub(crate) trait Routed: Clone {
    /// The number of events that it stands for.
    fn count(&self) -> usize {
        1
    }
    /// The same with less memory, at the price of more time to receive it.
    fn packed(&self) -> Self {
        self.clone()
    }
    /// Returns its thread.
    fn thread_id(&self) -> Option<&str>;
    /// Returns its turn.
    fn turn_id(&self) -> Option<&str>;
    /// Returns its login attempt.
    fn login_id(&self) -> Option<&str>;
    /// Roughly how many bytes of memory it takes.
    fn weight(&self) -> usize;
    /// The events that share its memory: what identifies them, and their weight together.
    fn batch(&self) -> Option<(usize, usize)> {
        None
    }
    /// Returns whether it must never be dropped.
    fn is_lifecycle(&self) -> bool;
    /// The key of the state that it contains as a whole, if any: it supersedes older events with
    /// the same key.
    fn snapshot_of(&self) -> Option<String>;
    /// The item that it ends, if any.
    fn ends(&self) -> Option<Ends>;
    /// The item of its turn that it completes, if any.
    fn completes_item(&self) -> Option<&str>;
    /// Returns whether it is damaged, and its thread is unknown: it may be of any.
    fn is_of_any_thread(&self) -> bool;
    /// Returns whether it is kept for the first subscriber of everything, if there is none yet: an
    /// early warning.
    fn is_early_warning(&self) -> bool;
    /// The request of the server that it resolves.
    fn resolves(&self) -> Option<RequestId>;
}
