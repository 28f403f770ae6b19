//! Selects the answer among the agent's messages.
//!
//! The last one marked as final; if there is none, the last one without a mark. A message that
//! turns out not to be the answer is returned, so that it is not lost.

use crate::event::{Item, ItemDetails, MessagePhase};

/// The messages that may still be the answer of the turn.
#[derive(Debug, Default)]
pub(super) struct Answer {
    marked: Option<Item>,
    unmarked: Option<Item>,
}

impl Answer {
    /// Adds a message; returns those that are certainly not the answer, in order.
    pub(super) fn offer(&mut self, message: Item) -> Vec<Item> {
        match phase(&message) {
            Some(MessagePhase::FinalAnswer) => {
                let outdone = self.take_all();
                self.marked = Some(message);
                outdone
            }
            None if self.marked.is_none() => self.unmarked.replace(message).into_iter().collect(),
            // Including an unmarked message after a marked one.
            _ => vec![message],
        }
    }

    /// Removes and returns all candidates.
    pub(super) fn take_all(&mut self) -> Vec<Item> {
        let candidates = [self.unmarked.take(), self.marked.take()];
        candidates.into_iter().flatten().collect()
    }

    /// The current answer.
    pub(super) fn text(&self) -> Option<String> {
        let best = self.marked.as_ref().or(self.unmarked.as_ref())?;
        match &best.details {
            ItemDetails::AgentMessage(message) => Some(message.text.clone()),
            _ => None,
        }
    }
}

/// The mark of a message; an empty one counts as none.
fn phase(message: &Item) -> Option<&MessagePhase> {
    match &message.details {
        ItemDetails::AgentMessage(message) => message.phase.as_ref(),
        _ => None,
    }
    .filter(|phase| !phase.as_str().is_empty())
}
