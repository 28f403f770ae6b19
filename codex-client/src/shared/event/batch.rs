//! Events that came together and share one allocation.
//!
//! Most events are small and may be dropped. Those that are read at once are put together: their
//! text is one string, their parts are one list, and an event is a place in it. Whoever keeps one of
//! them keeps all of its batch, so that a batch is small, and events that are kept for long or are
//! large are alone in theirs.
//!
//! For a subscriber that is far behind, events are packed: only their text is kept, and it is decoded
//! again when they are received.

use std::sync::{Arc, OnceLock};

use codex_types::rpc::{Ids, Notification, Parser, ServerMessage};
use codex_types::{DecodeError, ServerNotification, UnrecognizedMessage};

/// Events that came together.
pub(super) struct Batch {
    pub(super) text: String,
    /// The positions in the text at which one event ends and the next one begins.
    pub(super) breaks: Vec<u32>,
    /// The decoded events; those of a packed batch are decoded when one is first used.
    pub(super) decoded: OnceLock<Vec<Notification>>,
    pub(super) is_packed: bool,
    /// The parts of a malformed message, which is alone.
    pub(super) unreadable: Option<Box<Unreadable>>,
}

/// The decoded parts of a malformed message.
pub(super) struct Unreadable {
    pub(super) error: DecodeError,
    pub(super) ids: Ids<'static>,
}

/// Memory use of an event besides its text: the decoded parts, and the allocator's overhead.
const FIXED_WEIGHT: usize = 320;
/// Memory use of a packed batch besides its text.
const PACKED_WEIGHT: usize = 256;

impl Batch {
    /// A batch of this event alone.
    pub(super) fn of_one(
        notification: Notification,
        raw: &str,
        unreadable: Option<Box<Unreadable>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            text: raw.to_owned(),
            breaks: Vec::new(),
            decoded: vec![notification].into(),
            is_packed: false,
            unreadable,
        })
    }

    /// The text of some of its events, without what is decoded.
    pub(super) fn packed(&self, first: usize, count: usize) -> Arc<Self> {
        let (start, end) = (self.start(first), self.start(first + count));
        let inner = self.breaks.iter().skip(first).take(count - 1);
        Arc::new(Self {
            text: self.text[start..end].to_owned(),
            breaks: inner.map(|at| at - narrow(start)).collect(),
            decoded: OnceLock::new(),
            is_packed: true,
            unreadable: None,
        })
    }

    pub(super) fn is_packed(&self) -> bool {
        self.is_packed
    }

    pub(super) fn len(&self) -> usize {
        self.breaks.len() + 1
    }

    /// The length of all text.
    pub(super) fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Approximate memory use of all its events, as long as a packed one is not used.
    pub(super) fn weight(&self) -> usize {
        if self.is_packed {
            return PACKED_WEIGHT + size_of::<u32>() * self.len() + self.text.len();
        }
        // The text itself, and about the same again in the typed payloads.
        FIXED_WEIGHT * self.len() + 2 * self.text.len()
    }

    /// The start of an event in the text, or the end of the last one.
    fn start(&self, index: usize) -> usize {
        match index.checked_sub(1) {
            None => 0,
            Some(before) => self
                .breaks
                .get(before)
                .map_or(self.text.len(), |at| *at as usize),
        }
    }

    pub(super) fn raw(&self, index: usize) -> &str {
        &self.text[self.start(index)..self.start(index + 1)]
    }

    #[inline]
    pub(super) fn notification(&self, index: usize) -> &Notification {
        &self.decoded.get_or_init(|| self.decode())[index]
    }

    /// Decodes everything again, with the same result as before it was packed.
    #[cold]
    fn decode(&self) -> Vec<Notification> {
        let mut parser = Parser::new();
        let decode = |index| match parser.parse(self.raw(index)) {
            Ok(ServerMessage::Notification(notification)) => notification,
            // Text that was decoded once is decoded twice.
            _ => Notification::new(ServerNotification::Unrecognized(UnrecognizedMessage::new(
                "", None,
            ))),
        };
        (0..self.len()).map(decode).collect()
    }
}

/// A position in a batch of several events, which is short.
pub(super) fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Routed as _;
    use crate::shared::event::{Batches, Event, Run};

    fn runs(lines: &[String]) -> Vec<Run> {
        let mut batches = Batches::default();
        batches.begin(lines.len(), lines.iter().map(String::len).sum());
        for line in lines {
            let Ok(ServerMessage::Notification(notification)) = ServerMessage::parse(line) else {
                panic!("{line}");
            };
            batches.push(notification, line);
        }
        batches.take().collect()
    }

    /// Takes a run apart as a subscription does.
    fn received(mut run: Run) -> Vec<Event> {
        let mut events: Vec<Event> = std::iter::from_fn(|| run.split_first()).collect();
        events.push(run.into_first());
        events
    }

    /// Pieces of two turns, an unknown method, and unknown fields.
    fn lines() -> Vec<String> {
        let delta = |number: usize| {
            let (turn, text) = (number / 7 % 2, "\\u00e4 \\n".repeat(number % 5));
            format!(
                r#"{{"method":"item/agentMessage/delta","params":{{"threadId":"t","turnId":"{turn}","itemId":"i","delta":"{number} {text}","more":1.50}},"emittedAtMs":{number}}}"#
            )
        };
        let mut lines: Vec<String> = (0..60).map(delta).collect();
        lines.insert(9, r#"{"method":"new/method","params":[1, 2]}"#.to_owned());
        lines
    }

    #[test]
    fn packed_events_are_the_same_and_take_less_memory() {
        let all = runs(&lines());
        assert!(all.len() > 8, "{}", all.len());
        for run in all {
            let packed = run.packed();
            assert!(packed.first().batch.is_packed());
            assert_eq!(packed.count(), run.count());
            assert!(packed.first().batch.weight() < run.first().batch.weight());
            let before: Vec<Event> = run.events().collect();
            let after = received(packed);
            assert_eq!(before.len(), after.len());
            for (one, other) in before.iter().zip(&after) {
                assert_eq!(one.raw(), other.raw());
                assert_eq!(one.emitted_at_ms(), other.emitted_at_ms());
                assert_eq!(one.notification(), other.notification());
            }
        }
    }

    #[test]
    fn events_of_other_kinds_are_not_packed() {
        let closed = r#"{"method":"thread/closed","params":{"threadId":"t"}}"#.to_owned();
        let run = runs(&[closed]).remove(0);
        assert!(!run.packed().first().batch.is_packed());
    }

    #[test]
    fn a_packed_batch_is_not_decoded_by_what_routes_it() {
        for run in runs(&lines()) {
            let packed = run.packed();
            let answers = (packed.is_lifecycle(), packed.is_early_warning());
            assert_eq!(answers, (run.is_lifecycle(), run.is_early_warning()));
            assert_eq!(packed.snapshot_of(), run.snapshot_of());
            assert_eq!(packed.ends(), run.ends());
            assert_eq!(packed.completes_item(), run.completes_item());
            assert_eq!(packed.resolves(), run.resolves());
            assert!(packed.weight() > 0 && !packed.is_of_any_thread());
            assert!(packed.first().batch.decoded.get().is_none());
        }
    }
}
