//! The text of a turn alone.

use std::future::poll_fn;
use std::task::{Context, Poll};

use super::stream::TurnStream;
use crate::error::Error;

/// The streamed text of the model's messages, piece by piece.
///
/// A message that is not streamed by its provider is one piece. Pieces may be missing after
/// [`Error::Lagged`]: the result's [`final_response`](crate::TurnResult::final_response) is always
/// complete.
#[derive(Debug)]
#[must_use = "no event is consumed until it is read"]
pub struct TextDeltas<'a> {
    stream: &'a mut TurnStream,
}

impl<'a> TextDeltas<'a> {
    pub(super) fn new(stream: &'a mut TurnStream) -> Self {
        Self { stream }
    }

    /// Returns the next piece; `None` when the turn has ended. Cancel safe.
    pub async fn next(&mut self) -> Option<Result<String, Error>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<String, Error>>> {
        loop {
            match std::task::ready!(self.stream.poll_next(context)) {
                Some(Ok(event)) => {
                    if let Some(text) = self.stream.text_of(&event) {
                        return Poll::Ready(Some(Ok(text)));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}
