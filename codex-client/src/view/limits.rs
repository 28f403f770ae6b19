//! The limits of what a view keeps.

use serde::{Deserialize, Serialize};

use super::changes::{Changes, ItemChangeKind, TurnPart};
use super::{ItemId, ThreadView};

/// The limits of what a [`ThreadView`] keeps. What is omitted is counted in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ViewLimits {
    /// Maximum length of the output of a command, in bytes: the end of a longer one is kept. 1 MiB
    /// by default.
    pub command_output: usize,
    /// Maximum memory, in approximate bytes. Beyond it, the oldest turns are removed; of the newest
    /// turn, the oldest items. 64 MiB by default.
    pub memory: usize,
}

impl Default for ViewLimits {
    fn default() -> Self {
        Self {
            command_output: 1 << 20,
            memory: 64 << 20,
        }
    }
}

impl ViewLimits {
    /// Sets the maximum length of the output of a command, in bytes.
    #[must_use]
    pub fn command_output(mut self, bytes: usize) -> Self {
        self.command_output = bytes;
        self
    }

    /// Sets the maximum memory, in approximate bytes.
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }
}

impl ThreadView {
    /// Removes the oldest turns, then the oldest items of the newest turn, beyond the limit.
    pub(super) fn shrink(&mut self, changes: &mut Changes) {
        if self.weight <= self.limits.memory {
            return;
        }
        // Some more than is necessary, so that the next removal is not soon.
        let most = self.limits.memory / 8 * 7;
        let mut removed = 0;
        while self.weight > most && removed + 1 < self.turns.len() {
            let turn = &self.turns[removed];
            self.weight = self.weight.saturating_sub(turn.weight());
            changes.turn(turn.id(), TurnPart::Removed);
            removed += 1;
        }
        self.turns.drain(..removed);
        self.omitted_turns += removed;
        let excess = self.weight.saturating_sub(most);
        if let (Some(turn), true) = (self.turns.last_mut(), excess > 0) {
            let (weight, items) = turn.remove_oldest(excess);
            self.weight = self.weight.saturating_sub(weight);
            for item in items {
                if let Some(id) = item.item.id() {
                    changes.item(turn.id(), &ItemId::from(id), ItemChangeKind::Removed);
                }
            }
            changes.turn(turn.id(), TurnPart::Items);
        }
    }
}
