//! An iterator of events.

use std::time::Duration;

use crate::connection::park::block_on;
use crate::connection::timer::within;
use crate::error::Error;
use crate::nonblocking;
use crate::shared::event::Event;

/// The events of a turn, a thread, a login or the whole connection, in the order the server sent
/// them, as a blocking iterator.
///
/// An error item reports events that this iterator did not receive. After [`Error::Lagged`] and
/// [`Error::Protocol`] it continues; after [`Error::Closed`] and [`Error::Overrun`] it ends. The
/// events of a turn end with its last event. After the end, it always returns `None`.
///
/// Dropping it releases its queue and does not affect others. The server is independent of whether
/// it is read.
#[derive(Debug)]
pub struct Events(pub(crate) nonblocking::Events);

impl Events {
    /// Returns the next event, if there is one within this time.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`] if the time has passed; the events continue.
    pub fn next_timeout(
        &mut self,
        limit: Duration,
    ) -> Result<Option<Result<Event, Error>>, RecvTimeoutError> {
        block_on(within(Some(limit), self.0.next())).ok_or(RecvTimeoutError)
    }

    /// Returns whether the last event was returned.
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

impl Iterator for Events {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}

/// No event arrived in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no event came in time")]
#[non_exhaustive]
pub struct RecvTimeoutError;
