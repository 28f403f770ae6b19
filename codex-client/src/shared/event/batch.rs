//! Events that came together and share one allocation.
//!
//! Most events are small and may be dropped. Those that are read at once are put together: their
//! text is one string, their parts are one list, and an event is a place in it. Whoever keeps one of
//! them keeps all of its batch, so that a batch is small, and events that are kept for long or are
//! large are alone in theirs.
//!
//! For a subscriber that is far behind, events are packed: only their text is kept, without what they
//! have in common, and it is decoded again when they are received.

use std::sync::{Arc, OnceLock};

use codex_types::rpc::{Ids, Notification, Parser, ServerMessage};
use codex_types::{DecodeError, ServerNotification, UnrecognizedMessage};

use super::packed::Packed;

/// Events that came together.
pub(super) struct Batch {
    /// Those of a packed batch are there as soon as one is used.
    content: OnceLock<Content>,
    packed: Option<Box<Packed>>,
    /// The number of its events.
    count: usize,
    /// Approximate memory use of all its events, as long as a packed one is not used.
    weight: usize,
    /// The parts of a malformed message, which is alone.
    pub(super) unreadable: Option<Box<Unreadable>>,
}

/// Decoded events, with their text.
#[derive(Default)]
pub(super) struct Content {
    pub(super) text: String,
    /// The positions in the text at which one event ends and the next one begins.
    pub(super) breaks: Vec<u32>,
    pub(super) decoded: Vec<Notification>,
}

/// The decoded parts of a malformed message.
pub(super) struct Unreadable {
    pub(super) error: DecodeError,
    pub(super) ids: Ids<'static>,
}

/// Memory use of an event besides its text: the decoded parts, and the allocator's overhead.
const FIXED_WEIGHT: usize = 320;
/// Memory use of a packed batch besides its text, which mostly takes less than it counts.
const PACKED_WEIGHT: usize = 256;

impl Batch {
    /// A batch of this event alone.
    pub(super) fn of_one(
        notification: Notification,
        raw: &str,
        unreadable: Option<Box<Unreadable>>,
    ) -> Arc<Self> {
        let mut content = Content::default();
        content.reserve(1, raw.len());
        content.push(notification, raw);
        Arc::new(Self {
            unreadable,
            ..content.into()
        })
    }

    /// The text of some of its events, without what is decoded.
    pub(super) fn packed(&self, first: usize, count: usize) -> Arc<Self> {
        let packed = Packed::new((first..first + count).map(|index| self.raw(index)));
        Arc::new(Self {
            content: OnceLock::new(),
            count,
            weight: PACKED_WEIGHT + size_of::<u32>() * count + packed.length(),
            packed: Some(Box::new(packed)),
            unreadable: None,
        })
    }

    pub(super) fn is_packed(&self) -> bool {
        self.packed.is_some()
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The length of all text.
    pub(super) fn text_len(&self) -> usize {
        self.content().text.len()
    }

    /// Approximate memory use of all its events, as long as a packed one is not used.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    pub(super) fn raw(&self, index: usize) -> &str {
        self.content().raw(index)
    }

    #[inline]
    pub(super) fn notification(&self, index: usize) -> &Notification {
        &self.content().decoded[index]
    }

    #[inline]
    fn content(&self) -> &Content {
        self.content.get_or_init(|| self.unpack())
    }

    /// Decodes everything again, with the same result as before it was packed.
    #[cold]
    fn unpack(&self) -> Content {
        let (mut parser, mut content) = (Parser::new(), Content::default());
        let Some(packed) = &self.packed else {
            return content;
        };
        content.reserve(self.count, packed.length());
        packed.for_each(|text| {
            let notification = match parser.parse(text) {
                Ok(ServerMessage::Notification(notification)) => notification,
                // Text that was decoded once is decoded twice.
                _ => Notification::new(ServerNotification::Unrecognized(UnrecognizedMessage::new(
                    "", None,
                ))),
            };
            content.push(notification, text);
        });
        content
    }

    /// Its events, unless they are still packed.
    pub(super) fn into_content(self) -> Option<Content> {
        self.content.into_inner()
    }
}

impl From<Content> for Batch {
    fn from(content: Content) -> Self {
        let count = content.decoded.len();
        Self {
            count,
            // The text itself, and about the same again in the typed payloads.
            weight: FIXED_WEIGHT * count + 2 * content.text.len(),
            content: content.into(),
            packed: None,
            unreadable: None,
        }
    }
}

impl Content {
    /// Reserves memory for so many events with so much text.
    pub(super) fn reserve(&mut self, events: usize, text: usize) {
        self.decoded.reserve_exact(events);
        self.breaks.reserve_exact(events.saturating_sub(1));
        self.text.reserve_exact(text);
    }

    #[inline]
    pub(super) fn push(&mut self, notification: Notification, raw: &str) {
        if !self.decoded.is_empty() {
            self.breaks.push(narrow(self.text.len()));
        }
        self.text.push_str(raw);
        self.decoded.push(notification);
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

    fn raw(&self, index: usize) -> &str {
        &self.text[self.start(index)..self.start(index + 1)]
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
            assert!(packed.first().batch.content.get().is_none());
        }
    }
}
