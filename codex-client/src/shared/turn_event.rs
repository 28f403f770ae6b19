//! What the stream of a turn yields: notifications, and the approvals that the turn waits for.

use std::ops::Deref;

use crate::shared::approval::Approval;
use crate::shared::event::Event;

/// An entry in the stream of a turn.
///
/// It dereferences to an [`Event`], so that a program without approvals in its streams reads
/// `event.notification()` and does not match. An approval has the event of its request: its method,
/// its ids and its raw text; as a notification it is
/// [`Unrecognized`](codex_types::ServerNotification::Unrecognized).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TurnEvent {
    /// A notification of the server.
    Notification(Event),
    /// An approval that the turn waits for. Only for turns that were started with
    /// `approvals_in_stream`.
    Approval(Approval),
}

impl TurnEvent {
    /// Returns the approval, if it is one.
    pub fn approval(&self) -> Option<&Approval> {
        match self {
            Self::Approval(approval) => Some(approval),
            Self::Notification(_) => None,
        }
    }

    /// Returns the event.
    pub fn event(&self) -> &Event {
        match self {
            Self::Notification(event) => event,
            Self::Approval(approval) => approval.event(),
        }
    }
}

impl Deref for TurnEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        self.event()
    }
}
