//! Compactions: turns that are started without an id to know them by.

use codex_types::TurnId;

use crate::connection::park::block_on;
use crate::error::Error;
use crate::nonblocking;
use crate::shared::event::Event;
use crate::shared::result::TurnResult;

/// A compaction that was started: an iterator over the events of its thread, up to the one
/// that ends it. It goes on when this is dropped.
#[derive(Debug)]
pub struct CompactHandle(pub(crate) nonblocking::CompactHandle);

impl CompactHandle {
    /// Returns the turn in which the history is compacted, once it is known from the events.
    pub fn turn_id(&self) -> Option<&TurnId> {
        self.0.turn_id()
    }

    /// Waits until the history is compacted. Called again, it returns the same.
    ///
    /// # Errors
    ///
    /// [`Error::TurnFailed`], and [`Error::Closed`] or [`Error::Overrun`] when its end cannot
    /// be seen.
    pub fn wait(&mut self) -> Result<TurnResult, Error> {
        block_on(self.0.wait())
    }
}

impl Iterator for CompactHandle {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}
