//! An iterator of events.

use crate::nonblocking;

/// The events of a turn, a thread, a login or the whole connection, in the order the server sent
/// them, as a blocking iterator.
///
/// An error item reports events that this iterator did not receive. After
/// [`Lagged`](crate::Error::Lagged) and [`Protocol`](crate::Error::Protocol) it continues; after
/// [`Closed`](crate::Error::Closed) and [`Overrun`](crate::Error::Overrun) it ends. The events of
/// a turn end with its last event. After the end, it always returns `None`.
///
/// Dropping it releases its queue and does not affect others. The server is independent of whether
/// it is read.
#[derive(Debug)]
pub struct Events(pub(crate) nonblocking::Events);

impl Events {
    /// Returns whether the last event was returned.
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

/// The records of all decisions about approvals on a connection, from now on, as a blocking iterator;
/// see [`ApprovalRecords`](crate::ApprovalRecords) of the async API.
#[derive(Debug)]
pub struct ApprovalRecords(pub(crate) nonblocking::ApprovalRecords);

/// No event arrived in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecvTimeoutError;

impl std::fmt::Display for RecvTimeoutError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("no event came in time")
    }
}

impl std::error::Error for RecvTimeoutError {}
