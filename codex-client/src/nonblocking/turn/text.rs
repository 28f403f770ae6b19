//! The text of a turn alone.

use std::future::poll_fn;
use std::task::{Context, Poll};

use super::stream::{TurnStream, pass_by};
use crate::error::Error;
use crate::shared::result::TurnResult;

/// The streamed text of the model's messages, piece by piece.
///
/// A message that is not streamed by its provider is one piece. Pieces may be missing after
/// [`Error::Lagged`]: the result's [`final_response`](crate::TurnResult::final_response) is always
/// complete.
#[derive(Debug)]
#[must_use = "no event is consumed until it is read"]
pub struct TextDeltas<'a> {
    stream: Source<'a>,
}

#[derive(Debug)]
enum Source<'a> {
    Borrowed(&'a mut TurnStream),
    Owned(Box<TurnStream>),
}

impl TextDeltas<'static> {
    pub(super) fn owned(stream: TurnStream) -> Self {
        let stream = Source::Owned(Box::new(stream));
        Self { stream }
    }
}

impl<'a> TextDeltas<'a> {
    pub(super) fn new(stream: &'a mut TurnStream) -> Self {
        let stream = Source::Borrowed(stream);
        Self { stream }
    }

    fn stream(&mut self) -> &mut TurnStream {
        match &mut self.stream {
            Source::Borrowed(stream) => stream,
            Source::Owned(stream) => stream,
        }
    }

    /// Waits until the turn completes and returns its result. See [`TurnStream::run`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnStream::run`].
    pub async fn run(&mut self) -> Result<TurnResult, Error> {
        self.stream().run().await
    }

    /// Returns the next piece; `None` when the turn has ended. Cancel safe.
    pub async fn next(&mut self) -> Option<Result<String, Error>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<String, Error>>> {
        let stream = self.stream();
        loop {
            match std::task::ready!(stream.poll_next(context)) {
                Some(Ok(event)) => {
                    if let Some(text) = stream.text_of(&event) {
                        return Poll::Ready(Some(Ok(text)));
                    }
                    pass_by(event);
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}
