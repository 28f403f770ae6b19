//! The events of a turn, and its result.

use codex_types::TurnId;

use super::text::TextDeltas;
use crate::connection::park::block_on;
use crate::error::Error;
use crate::nonblocking;
use crate::shared::result::TurnResult;

/// The events of a turn in the order the runtime sent them, up to the last one, as a blocking
/// iterator.
///
/// An error reports events that this iterator did not receive: [`Error::Lagged`] if it was not read
/// in time; the iterator continues. [`Error::TurnTimedOut`] if the turn has exceeded its deadline
/// or its idle limit; it is being interrupted, and the iterator continues. It ends after any other
/// error.
///
/// Events that were read are part of the result of [`TurnStream::run`]. Dropping it does not affect
/// the turn and its other streams, unless the turn's builder has `interrupt_on_drop`.
#[derive(Debug)]
pub struct TurnStream(pub(crate) nonblocking::TurnStream);

impl TurnStream {
    /// Returns the turn's id.
    pub fn turn_id(&self) -> &TurnId {
        self.0.turn_id()
    }

    /// Returns only the streamed text of the model's messages, both commentary and answer.
    pub fn text_deltas(&mut self) -> TextDeltas<'_> {
        TextDeltas(self.0.text_deltas())
    }

    /// Reads the events up to the end of the turn and returns its result, including events that
    /// were read before. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Error::TurnFailed`], [`Error::TurnTimedOut`], [`Error::TurnDisconnected`] and
    /// [`Error::TurnUnreadable`], which contain the result so far; [`Error::Overrun`], and
    /// [`Error::TurnIncomplete`]. [`Error::Cancelled`] if it was cancelled, and did not complete
    /// within the client's `interrupt_grace` after that.
    #[inline]
    pub fn run(&mut self) -> Result<TurnResult, Error> {
        block_on(self.0.run())
    }

    /// Returns the result so far, according to the events that were read.
    pub fn snapshot(&self) -> TurnResult {
        self.0.snapshot()
    }
}
