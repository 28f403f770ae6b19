//! Only the text of a turn.

use crate::connection::park::block_on;
use crate::error::Error;
use crate::nonblocking;

/// The text of the model's messages, piece by piece as it comes; an iterator that waits for
/// each.
///
/// A message whose text comes at once, as from a provider that does not stream, is one piece.
/// Pieces may be missing after [`Error::Lagged`]: the result's
/// [`final_response`](crate::TurnResult::final_response) is always whole.
#[derive(Debug)]
pub struct TextDeltas<'a>(pub(super) nonblocking::TextDeltas<'a>);

impl Iterator for TextDeltas<'_> {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}
