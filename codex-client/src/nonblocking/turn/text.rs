//! Only the text of a turn.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::stream::TurnStream;
use crate::error::Error;
use crate::shared::compaction::text_of;

/// The text of the model's messages, piece by piece as it comes.
///
/// Pieces may be missing after [`Error::Lagged`], and a runtime that has the whole text at
/// once sends no pieces: the result's
/// [`final_response`](crate::TurnResult::final_response) is always whole.
#[derive(Debug)]
pub struct TextDeltas<'a> {
    stream: &'a mut TurnStream,
}

impl<'a> TextDeltas<'a> {
    pub(super) fn new(stream: &'a mut TurnStream) -> Self {
        Self { stream }
    }

    /// The next piece; `None` when the turn has ended. May be cancelled without losing any.
    pub async fn next(&mut self) -> Option<Result<String, Error>> {
        loop {
            match self.stream.next().await? {
                Ok(event) => {
                    if let Some(text) = text_of(&event) {
                        return Some(Ok(text));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl Stream for TextDeltas<'_> {
    type Item = Result<String, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::task::ready!(Pin::new(&mut *self.stream).poll_next(context)) {
                Some(Ok(event)) => {
                    if let Some(text) = text_of(&event) {
                        return Poll::Ready(Some(Ok(text)));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}
