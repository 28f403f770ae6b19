//! Puts the events of one read together.
//!
//! Decides which events share a batch, and reuses the memory of batches that are no longer in use.

use std::fmt;
use std::sync::Arc;

use codex_types::rpc::Notification;

use super::batch::{Batch, Content};
use super::{Event, Run, importance};

/// The length of the text from which on a batch takes no more events, in bytes.
const TEXT: usize = 4 * 1024;
/// The number of events in a batch at most.
const EVENTS: usize = 32;
/// The length of the longest text that is put together with others, in bytes.
const SHORT: usize = 1024;

/// The events of a batch that is being put together, or the memory of one that is no longer in use.
impl Content {
    fn is_full(&self) -> bool {
        self.text.len() >= TEXT || self.decoded.len() >= EVENTS
    }

    fn into_batch(mut self) -> Batch {
        // Shrinking costs more than a few bytes are worth.
        if self.text.capacity() > self.text.len() + self.text.len() / 4 {
            self.text.shrink_to_fit();
        }
        if self.decoded.capacity() > self.decoded.len() + self.decoded.len() / 4 {
            self.decoded.shrink_to_fit();
            self.breaks.shrink_to_fit();
        }
        self.into()
    }

    /// Takes the memory of a batch, unless it is small or was enlarged.
    fn reuse(batch: Batch) -> Option<Self> {
        let mut open = batch.into_content()?;
        let is_usual = (TEXT / 2..2 * TEXT).contains(&open.text.capacity());
        open.text.clear();
        open.breaks.clear();
        open.decoded.clear();
        is_usual.then_some(open)
    }
}

/// Puts the events of one read together, in their order.
#[derive(Default)]
pub(crate) struct Batches {
    done: Vec<Run>,
    open: Content,
    /// The lengths of the runs in the open batch.
    runs: Vec<usize>,
    /// The memory of earlier batches. Large allocations make glibc sort all small ones that are free.
    spare: Vec<Content>,
    /// The number and length of the frames of the read that have not come yet.
    expected: (usize, usize),
}

impl Batches {
    /// Begins a read of so many frames, which have so many bytes together.
    pub(crate) fn begin(&mut self, frames: usize, bytes: usize) {
        self.expected = (frames, bytes);
    }

    /// Takes the events of an earlier read in exchange for those that were taken before.
    pub(crate) fn recycle(&mut self, events: impl Iterator<Item = Run>) {
        self.spare.clear();
        let batches = events.filter_map(|run| Arc::into_inner(run.into_first().batch));
        self.spare.extend(batches.filter_map(Content::reuse));
    }

    /// Adds the next event.
    pub(crate) fn push(&mut self, notification: Notification, raw: &str) {
        if raw.len() > SHORT || importance::is_kept(&notification.payload) {
            self.push_event(Event::new(notification, raw));
        } else {
            self.add(notification, raw);
        }
        let (frames, bytes) = self.expected;
        self.expected = (frames.saturating_sub(1), bytes.saturating_sub(raw.len()));
    }

    /// Adds the next event, which is there already.
    pub(crate) fn push_event(&mut self, event: Event) {
        self.end_batch();
        self.done.push(Run::alone(event));
    }

    fn add(&mut self, notification: Notification, raw: &str) {
        if self.open.decoded.is_empty() {
            self.reserve();
        }
        let last = self.open.decoded.last();
        match self.runs.last_mut() {
            Some(count) if last.is_some_and(|last| goes_with(last, &notification)) => *count += 1,
            _ => self.runs.push(1),
        }
        self.open.push(notification, raw);
        if self.open.is_full() {
            self.end_batch();
        }
    }

    /// Reserves memory for as many events as are likely to be put together.
    fn reserve(&mut self) {
        let (frames, bytes) = self.expected;
        let average = bytes / frames.max(1);
        let events = frames.min(EVENTS).min(TEXT / average.max(1) + 1);
        let text = bytes.min(events * average + average / 4);
        if text > TEXT / 2 {
            self.open = self.spare.pop().unwrap_or_default();
        }
        self.open.reserve(events, text);
    }

    fn end_batch(&mut self) {
        if self.open.decoded.is_empty() {
            return;
        }
        let batch = Arc::new(std::mem::take(&mut self.open).into_batch());
        let mut index = 0;
        for count in self.runs.drain(..) {
            let batch = Arc::clone(&batch);
            self.done.push(Run::plain(Event { batch, index }, count));
            index += count;
        }
    }

    /// Takes all events in their order.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Run> + '_ {
        self.end_batch();
        self.done.drain(..)
    }
}

/// Prints nothing of the events.
impl fmt::Debug for Batches {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Batches").finish_non_exhaustive()
    }
}

/// Returns `true` if two events that may be dropped have the same recipients.
fn goes_with(one: &Notification, other: &Notification) -> bool {
    let (one, other) = (&one.payload, &other.payload);
    is_same(one.turn_id(), other.turn_id())
        && is_same(one.thread_id(), other.thread_id())
        && is_same(one.login_id(), other.login_id())
}

/// Compares ids, which mostly share their text.
fn is_same(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => std::ptr::eq(one, other) || one == other,
        (one, other) => one.is_none() && other.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use codex_types::rpc::ServerMessage;

    use super::*;
    use crate::engine::Routed as _;

    fn notification(text: &str) -> Notification {
        match ServerMessage::parse(text) {
            Ok(ServerMessage::Notification(notification)) => notification,
            other => panic!("{other:?}"),
        }
    }

    fn delta(text: &str) -> String {
        format!(
            r#"{{"method":"item/agentMessage/delta","params":{{"threadId":"t","turnId":"u","itemId":"i","delta":"{text}"}}}}"#
        )
    }

    #[test]
    fn events_keep_their_order_and_text() {
        let closed = r#"{"method":"thread/closed","params":{"threadId":"t"}}"#;
        let mut lines: Vec<String> = (0..100).map(|number| delta(&number.to_string())).collect();
        lines.insert(50, closed.to_owned());
        lines.insert(20, delta(&"x".repeat(SHORT)));
        let mut batches = Batches::default();
        batches.begin(lines.len(), lines.iter().map(String::len).sum());
        for line in &lines {
            batches.push(notification(line), line);
        }
        let runs: Vec<Run> = batches.take().collect();
        let events: Vec<Event> = runs.iter().flat_map(Run::events).collect();
        assert!(events.iter().map(Event::raw).eq(&lines));
        assert_eq!(events[51].batch.len(), 1, "lifecycle");
        assert_eq!(events[20].batch.len(), 1, "large");
        assert!(Arc::ptr_eq(&events[0].batch, &events[1].batch));
        assert!(
            events
                .iter()
                .all(|event| event.batch.text_len() < TEXT + SHORT)
        );
        let method = |event: &Event| event.method() == "thread/closed";
        assert_eq!(events.iter().position(method), Some(51));
    }

    #[test]
    fn events_of_one_turn_are_one_run() {
        let other = |turn: &str| delta("x").replace(r#""u""#, &format!("{turn:?}"));
        let lines = [delta("1"), delta("2"), other("v"), other("v"), delta("3")];
        let mut batches = Batches::default();
        batches.begin(lines.len(), lines.iter().map(String::len).sum());
        for line in &lines {
            batches.push(notification(line), line);
        }
        let counts: Vec<usize> = batches.take().map(|run| run.count()).collect();
        assert_eq!(counts, [2, 2, 1]);
    }

    #[test]
    fn memory_of_dropped_events_is_used_again() {
        let lines: Vec<String> = (0..100).map(|number| delta(&number.to_string())).collect();
        let mut batches = Batches::default();
        let read = |batches: &mut Batches| {
            batches.begin(lines.len(), lines.iter().map(String::len).sum());
            for line in &lines {
                batches.push(notification(line), line);
            }
            batches.take().collect::<Vec<Run>>()
        };
        let (kept, dropped) = (read(&mut batches), read(&mut batches));
        assert!(dropped.len() > 2 && batches.spare.is_empty());
        let full = dropped.len() - 1;
        batches.recycle(kept.iter().cloned().chain(dropped));
        assert_eq!(batches.spare.len(), full, "not what is in use");
        assert_eq!(read(&mut batches).len(), full + 1);
        assert!(batches.spare.is_empty());
        assert_eq!(kept[0].first().raw(), lines[0]);
    }
}
