//! The events of a turn, and what they add up to.

use std::time::Duration;

use codex_types::TurnId;

use super::text::TextDeltas;
use crate::blocking::RecvTimeoutError;
use crate::connection::park::block_on;
use crate::connection::timer::within;
use crate::error::Error;
use crate::nonblocking;
use crate::shared::event::Event;
use crate::shared::result::TurnResult;

/// The events of a turn in the order the runtime sent them, up to the one that ends it; an
/// iterator that waits for each.
///
/// An error reports what this iterator did not get to see: [`Error::Lagged`] when it was not
/// read in time; then it goes on. [`Error::TurnTimedOut`] when the turn has taken longer than
/// its deadline or its idle limit allowed; it is being interrupted, and the iterator goes on. After any other
/// there is nothing more.
///
/// What was read is remembered for [`TurnStream::run`]. Dropping it leaves the turn and its
/// other streams alone, unless the turn's builder was told to interrupt it.
#[derive(Debug)]
pub struct TurnStream(pub(super) nonblocking::TurnStream);

impl TurnStream {
    /// Returns the turn's id.
    pub fn turn_id(&self) -> &TurnId {
        self.0.turn_id()
    }

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

    /// Only the text of the model's messages, as it comes; commentary and answer alike.
    pub fn text_deltas(&mut self) -> TextDeltas<'_> {
        TextDeltas(self.0.text_deltas())
    }

    /// Reads on to the end of the turn and returns its result, together with what was read
    /// before. Called again, it returns the same.
    ///
    /// # Errors
    ///
    /// [`Error::TurnFailed`] and [`Error::TurnTimedOut`], which have in them what the turn had
    /// produced; [`Error::TurnDisconnected`] and [`Error::TurnUnreadable`], which have it, too;
    /// [`Error::Overrun`], and [`Error::TurnIncomplete`]. [`Error::Cancelled`] when it was
    /// cancelled, and did not end within the client's `interrupt_grace` after that.
    pub fn run(&mut self) -> Result<TurnResult, Error> {
        block_on(self.0.run())
    }

    /// Returns what the turn has produced so far, in the events that were read.
    pub fn snapshot(&self) -> TurnResult {
        self.0.snapshot()
    }
}

impl Iterator for TurnStream {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}
