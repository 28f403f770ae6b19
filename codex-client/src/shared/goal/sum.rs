//! The turns of a goal as one. Independent of their events.

use crate::error::Error;
use crate::shared::result::{TurnCollector, TurnResult, sum};

/// Turns of which only their sum is kept.
#[derive(Debug, Default)]
pub(super) struct Forgotten {
    /// Their results as one, without items; `None` without turns.
    pub(super) sum: Option<TurnResult>,
    /// The failure of the first that failed.
    pub(super) failure: Option<Error>,
}

impl Forgotten {
    /// Adds a turn that follows the others.
    pub(super) fn add(&mut self, turn: &TurnCollector) {
        let mut result = turn.snapshot();
        result.omitted_items += std::mem::take(&mut result.items).len();
        // An item as well.
        result.final_response = None;
        self.sum = Some(match self.sum.take() {
            Some(all) => add(all, result),
            None => result,
        });
        self.failure = self.failure.take().or_else(|| failure(turn));
    }
}

/// The error of a turn that failed, or whose end could not be read.
pub(super) fn failure(turn: &TurnCollector) -> Option<Error> {
    let is_failure =
        |error: &Error| matches!(error, Error::TurnFailed(_) | Error::TurnUnreadable(_));
    turn.finish().err().filter(is_failure)
}

/// Adds the next turn to those before it.
pub(super) fn add(mut all: TurnResult, next: TurnResult) -> TurnResult {
    all.omitted_items += next.omitted_items;
    all.items.extend(next.items);
    all.status = next.status;
    all.error = next.error.or(all.error);
    all.completed_at = next.completed_at;
    all.final_response = next.final_response.or(all.final_response);
    all.usage = sum(all.usage, next.usage);
    all.own_usage = sum(all.own_usage, next.own_usage);
    all.thread_usage = next.thread_usage.or(all.thread_usage);
    all
}
