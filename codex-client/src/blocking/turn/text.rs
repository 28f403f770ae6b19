//! The text of a turn alone.

use crate::connection::park::block_on;
use crate::error::Error;
use crate::nonblocking;
use crate::shared::result::TurnResult;

/// The streamed text of the model's messages, as a blocking iterator over the pieces. A message that
/// its provider does not stream is one piece. After [`Error::Lagged`], pieces may be missing, but
/// the result's [`final_response`](crate::TurnResult::final_response) is complete.
#[derive(Debug)]
#[must_use = "no event is consumed until it is read"]
pub struct TextDeltas<'a>(pub(crate) nonblocking::TextDeltas<'a>);

impl TextDeltas<'_> {
    /// Waits until the turn completes and returns its result. See [`TurnStream::run`](crate::blocking::TurnStream::run).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnStream::run`](crate::blocking::TurnStream::run).
    #[inline]
    pub fn run(&mut self) -> Result<TurnResult, Error> {
        block_on(self.0.run())
    }
}
