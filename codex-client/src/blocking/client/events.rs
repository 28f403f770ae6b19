//! An iterator of events.

use std::time::Duration;

use crate::connection::park::block_on;
use crate::connection::timer::within;
use crate::error::Error;
use crate::nonblocking;
use crate::shared::event::Event;

/// The events of a turn, a thread, a login or the whole connection, in the order the server
/// sent them; an iterator that waits for each.
///
/// An item that is an error tells what this iterator did not get to see. After
/// [`Error::Lagged`] and [`Error::Protocol`] it goes on; after [`Error::Closed`] and
/// [`Error::Overrun`] there is nothing more. The events of a turn end with the one that ends
/// the turn; then, and after any end, there is `None` for good.
///
/// Dropping it releases what waits in it and leaves others alone. Nothing the server does
/// depends on whether it is read.
#[derive(Debug)]
pub struct Events(pub(crate) nonblocking::Events);

impl Events {
    /// The next event, if there is one within this time.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`] when the time has passed; the events go on.
    pub fn next_timeout(
        &mut self,
        limit: Duration,
    ) -> Result<Option<Result<Event, Error>>, RecvTimeoutError> {
        block_on(within(Some(limit), self.0.next())).ok_or(RecvTimeoutError)
    }

    /// Returns whether the last event was handed out.
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

/// There was no event in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no event came in time")]
#[non_exhaustive]
pub struct RecvTimeoutError;
