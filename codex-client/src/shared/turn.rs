//! The state machine of a turn's stream: the events that were read, and the possible ends. Without
//! I/O and without a clock, which the stream provides.

use std::sync::Arc;
use std::time::Duration;

use codex_types::{Method as _, ThreadId, TurnId, methods};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::connection::SubAgents;
use crate::error::Error;
use crate::shared::event::Event;
use crate::shared::result::{TurnCollector, TurnDisconnected, TurnLimit, TurnResult, TurnTimedOut};
use crate::shared::text::StreamedMessages;

/// The state of one stream of a turn.
#[derive(Debug)]
pub(crate) struct TurnCursor {
    collector: TurnCollector,
    streamed: StreamedMessages,
    /// The exceeded limit.
    timed_out: Option<(TurnLimit, Duration)>,
    /// The missing end was reported, or an error that ends the events.
    incomplete_reported: bool,
    /// The stream no longer waits for the end.
    abandoned: bool,
    /// The server was lost while the turn was running, and events may be missing.
    has_gap: bool,
}

/// One item of a stream of events.
type Item = Option<Result<Event, Error>>;

impl TurnCursor {
    /// Begins without events; of the items, the newest of this size are kept.
    pub(crate) fn new(thread_id: ThreadId, turn_id: TurnId, budget: usize) -> Self {
        Self {
            collector: TurnCollector::new(thread_id, turn_id, budget),
            streamed: StreamedMessages::default(),
            timed_out: None,
            incomplete_reported: false,
            abandoned: false,
            has_gap: false,
        }
    }

    /// Adds the tokens of sub-agents to those of the turn.
    pub(crate) fn counting(mut self, sub_agents: &Arc<SubAgents>) -> Self {
        self.collector = self.collector.counting(Some(sub_agents));
        self
    }

    /// Observes the next item of the turn's events, and returns the item that the stream yields for
    /// it.
    pub(crate) fn on_event(&mut self, item: Item) -> Item {
        match &item {
            Some(Ok(event)) => {
                self.collector.observe(event);
                self.streamed.observe(event);
            }
            // After an error that ends the events, the missing end is not reported.
            Some(Err(Error::Restarted(report))) => {
                let turn_id = self.collector.turn_id().as_str();
                self.incomplete_reported |= report.has_interrupted(turn_id);
                self.has_gap = true;
            }
            Some(Err(error)) => self.incomplete_reported |= error.ends_events(),
            None if self.is_running() => {
                self.incomplete_reported = true;
                let turn_id = self.collector.turn_id().clone();
                return Some(Err(Error::TurnIncomplete { turn_id }));
            }
            None => {}
        }
        item
    }

    /// Returns the text that an event of this stream adds to the model's messages.
    pub(crate) fn text_of(&self, event: &Event) -> Option<String> {
        self.streamed.text_of(event)
    }

    /// Records that the turn exceeded a limit. It is being interrupted, and may still complete.
    pub(crate) fn on_limit(&mut self, limit: TurnLimit, after: Duration) -> Error {
        self.timed_out = Some((limit, after));
        self.timed_out_error(limit, after)
    }

    /// Records that the turn was canceled and interrupted, and did not complete in time.
    pub(crate) fn on_cancelled(&mut self) -> Error {
        self.abandoned = true;
        Error::Cancelled {
            method: methods::TurnStart::NAME.to_owned(),
        }
    }

    /// Returns whether the stream has ended for good.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned
    }

    /// Returns whether the turn may still be running, according to this stream.
    pub(crate) fn is_running(&self) -> bool {
        !self.collector.is_complete() && !self.incomplete_reported && !self.abandoned
    }

    /// Returns whether the turn has completed, and items may be missing.
    pub(crate) fn has_gap(&self) -> bool {
        self.has_gap && self.collector.is_complete()
    }

    /// Adds the items that were missed, according to the response to `thread/turns/list`.
    pub(crate) fn fill_gap(&mut self, response: &RawValue) {
        let response: Value = serde_json::from_str(response.get()).unwrap_or_default();
        let turn_id = self.collector.turn_id().as_str();
        let turns = response["data"].as_array();
        let turn = turns.and_then(|all| all.iter().find(|turn| turn["id"] == turn_id));
        if let Some(items) = turn.and_then(|turn| turn["items"].as_array()) {
            self.collector.fill(items);
        }
        self.has_gap = false;
    }

    /// Returns the result so far.
    pub(crate) fn snapshot(&self) -> TurnResult {
        self.collector.snapshot()
    }

    /// The outcome, once there are no more events.
    pub(crate) fn finish(&self) -> Result<TurnResult, Error> {
        match self.timed_out {
            Some((limit, after)) => Err(self.timed_out_error(limit, after)),
            None => self.collector.finish(),
        }
    }

    /// Adds the result so far to an error that ended the events.
    pub(crate) fn with_result(&self, error: Error) -> Error {
        let (closed, restart) = match error {
            Error::Closed(closed) => (closed, None),
            Error::Restarted(report) => (Arc::clone(&report.closed), Some(report)),
            other => return other,
        };
        Error::TurnDisconnected(Box::new(TurnDisconnected {
            result: self.collector.snapshot(),
            closed,
            restart,
        }))
    }

    fn timed_out_error(&self, limit: TurnLimit, after: Duration) -> Error {
        Error::TurnTimedOut(Box::new(TurnTimedOut {
            result: self.collector.snapshot(),
            limit,
            after,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use codex_types::rpc::ServerMessage;
    use serde_json::json;

    use super::TurnCursor;
    use crate::error::Error;
    use crate::shared::event::Event;
    use crate::shared::result::TurnLimit;

    fn cursor() -> TurnCursor {
        TurnCursor::new("thread".into(), "turn".into(), usize::MAX)
    }

    fn completed() -> Event {
        let turn = json!({"id": "turn", "items": [], "status": "interrupted"});
        let params = json!({"threadId": "thread", "turn": turn});
        let line = json!({"method": "turn/completed", "params": params}).to_string();
        match ServerMessage::parse(&line).unwrap() {
            ServerMessage::Notification(notification) => Event::new(notification, &line),
            other => panic!("no notification: {other:?}"),
        }
    }

    #[test]
    fn missing_end_is_reported_once() {
        let mut cursor = cursor();
        let first = cursor.on_event(None);
        assert!(matches!(first, Some(Err(Error::TurnIncomplete { .. }))));
        assert!(cursor.on_event(None).is_none());
        assert!(!cursor.is_running());
        assert!(matches!(cursor.finish(), Err(Error::TurnIncomplete { .. })));
    }

    #[test]
    fn nothing_is_missing_after_an_error_that_ends_the_events() {
        let mut cursor = cursor();
        assert!(matches!(
            cursor.on_event(Some(Err(Error::Overrun))),
            Some(Err(Error::Overrun))
        ));
        assert!(cursor.on_event(None).is_none());
    }

    #[test]
    fn passed_deadline_is_the_outcome_even_if_the_turn_ends() {
        let mut cursor = cursor();
        let after = Duration::from_secs(1);
        let error = cursor.on_limit(TurnLimit::Deadline, after);
        assert!(matches!(error, Error::TurnTimedOut(_)));
        assert!(cursor.is_running(), "its end may still come");
        cursor.on_event(Some(Ok(completed())));
        match cursor.finish() {
            Err(Error::TurnTimedOut(late)) => assert_eq!(late.after, after),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn cancelled_turn_without_an_end_is_abandoned() {
        let mut cursor = cursor();
        assert!(matches!(cursor.on_cancelled(), Error::Cancelled { .. }));
        assert!(cursor.is_abandoned() && !cursor.is_running());
    }
}
