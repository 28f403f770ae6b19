//! The report of a lost link that was restored.

use std::fmt;
use std::sync::Arc;

use codex_types::{ThreadId, TurnId};

use super::Error;
use crate::engine::Closed;

/// The report of a restart: the server was lost, and is connected again. Part of
/// [`Error::Restarted`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Restarted {
    /// The reason of the loss, with the exit status and the stderr of the process.
    pub closed: Arc<Closed>,
    /// Number of processes or connections that were started until one served, at least 1.
    pub attempts: u32,
    /// The threads in use that are loaded again.
    pub resumed: Vec<ThreadId>,
    /// The threads in use that could not be resumed: they never ran, were deleted, or are not
    /// stored.
    pub lost: Vec<LostThread>,
    /// The turns that were running when the server was lost, and did not complete.
    pub interrupted: Vec<InterruptedTurn>,
}

/// A thread that could not be resumed after a restart.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LostThread {
    /// The thread.
    pub thread_id: ThreadId,
    /// The error of `thread/resume`.
    pub error: Error,
}

/// A turn that was running when the server was lost, and did not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InterruptedTurn {
    /// Its thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
}

impl Restarted {
    /// Returns whether a turn was running, and did not complete.
    pub fn has_interrupted(&self, turn_id: &str) -> bool {
        let mut interrupted = self.interrupted.iter();
        interrupted.any(|turn| turn.turn_id.as_str() == turn_id)
    }
}

/// Names the counts only; the ids are in the fields.
impl fmt::Display for Restarted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.closed.explanation();
        let (resumed, lost) = (self.resumed.len(), self.lost.len());
        let interrupted = self.interrupted.len();
        write!(
            formatter,
            "the server was lost and is connected again: {reason}; threads resumed: {resumed}, \
             threads lost: {lost}, turns interrupted: {interrupted}"
        )
    }
}

impl std::error::Error for Restarted {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{InterruptedTurn, Restarted};
    use crate::engine::{CloseReason, Closed};

    #[test]
    fn message_counts_and_fields_name() {
        let turn = InterruptedTurn {
            thread_id: "t".into(),
            turn_id: "u".into(),
        };
        let report = Restarted {
            closed: Arc::new(Closed::new(CloseReason::ByServer)),
            attempts: 1,
            resumed: vec!["t".into()],
            lost: Vec::new(),
            interrupted: vec![turn],
        };
        assert_eq!(
            report.to_string(),
            "the server was lost and is connected again: the server ended its output; \
             threads resumed: 1, threads lost: 0, turns interrupted: 1"
        );
        assert!(report.has_interrupted("u") && !report.has_interrupted("v"));
    }
}
