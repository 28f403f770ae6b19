//! Compactions: turns whose id is unknown when they start.

use codex_types::TurnId;

use crate::connection::park::block_on;
use crate::error::Error;
use crate::nonblocking;
use crate::shared::result::TurnResult;

/// A started compaction: an iterator over the events of its thread, up to the last one of the
/// compaction. It continues when this is dropped.
#[derive(Debug)]
pub struct CompactHandle(pub(crate) nonblocking::CompactHandle);

impl CompactHandle {
    /// Returns the turn of the compaction, once the events have identified it.
    pub fn turn_id(&self) -> Option<&TurnId> {
        self.0.turn_id()
    }

    /// Waits until the history is compacted. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Error::TurnFailed`], and [`Error::Closed`] or [`Error::Overrun`] if its end cannot be
    /// received.
    #[inline]
    pub fn wait(&mut self) -> Result<TurnResult, Error> {
        block_on(self.0.wait())
    }
}
