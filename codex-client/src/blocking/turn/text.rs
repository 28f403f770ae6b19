//! Only the text of a turn; the blocking face.

use super::stream::TurnStream;
use crate::error::Error;
use crate::shared::compaction::text_of;

/// The text of the model's messages, piece by piece as it comes; an iterator that waits for
/// each.
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
}

impl Iterator for TextDeltas<'_> {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.stream.find_map(|event| match event {
            Ok(event) => text_of(&event).map(Ok),
            Err(error) => Some(Err(error)),
        })
    }
}
