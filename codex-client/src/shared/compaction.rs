//! Identifies turns without a known id, or with another one than expected. Sans-io, shared by both
//! APIs.

use codex_types::{ServerNotification, ThreadId, ThreadItem, TurnId, TurnStatus};

use crate::error::{Error, ServerErrorKind};
use crate::shared::event::Event;
use crate::shared::result::TurnCollector;

/// Maximum number of candidates; beyond it, the oldest is forgotten.
const MOST: usize = 64;
/// Maximum size of the items of a candidate, in bytes: a compaction has one small item.
const BUDGET: usize = 1 << 20;

/// The turn that is running instead of the named one.
pub(crate) fn other_active_turn(error: &Error) -> Option<TurnId> {
    match error.server()?.kind() {
        ServerErrorKind::OtherTurnActive { active } => Some(TurnId::new(active)),
        _ => None,
    }
}

/// Recognizes a compaction among the events of its thread. The response to its request comes at
/// once and contains no turn.
#[derive(Debug)]
pub(crate) struct Compaction {
    thread_id: ThreadId,
    /// The turns that were started since, one of which is the compaction.
    candidates: Vec<TurnCollector>,
    found: Option<TurnId>,
    /// True if damaged events came, which may have identified it.
    is_blind: bool,
}

impl Compaction {
    pub(crate) fn new(thread_id: ThreadId) -> Self {
        Self {
            thread_id,
            candidates: Vec::new(),
            found: None,
            is_blind: false,
        }
    }

    /// The turn, once it is known.
    pub(crate) fn turn_id(&self) -> Option<&TurnId> {
        self.found.as_ref()
    }

    /// Observes an event of the thread. Returns the collected compaction when the event ends it.
    pub(crate) fn observe(&mut self, event: &Event) -> Option<TurnCollector> {
        self.note_damage(event);
        if event.method() == "thread/closed" {
            // Its end will not be seen: what there is has none.
            return Some(self.take_candidate(None));
        }
        let Some(turn) = event.turn_id().map(TurnId::new) else {
            let ends = event.method() == "turn/completed";
            return ends.then(|| {
                let mut ended = self.take_candidate(None);
                ended.observe(event);
                ended
            });
        };
        if event.method() == "turn/started" {
            if self.candidates.len() >= MOST {
                self.candidates.remove(0);
            }
            self.candidates.push(self.collector(turn.clone()));
        }
        if is_start_of_item(event) {
            self.found.get_or_insert_with(|| turn.clone());
        }
        if let Some(candidate) = self.candidates.iter_mut().find(|it| *it.turn_id() == turn) {
            candidate.observe(event);
        }
        match event.method() {
            "turn/completed" => self.ended(turn, event),
            _ => None,
        }
    }

    /// Damaged events may be the ones by which a compaction is known: from then on the end of any
    /// turn is taken for its end.
    fn note_damage(&mut self, event: &Event) {
        let is_telling = match event.method() {
            "turn/started" => event.turn_id().is_none(),
            "item/started" => event.turn_id().is_none() || !is_start_of_item(event),
            _ => false,
        };
        self.is_blind |= is_telling && event.decode_error().is_some();
    }

    /// The collected events of an ended turn, if it is the compaction.
    fn ended(&mut self, turn: TurnId, event: &Event) -> Option<TurnCollector> {
        let is_candidate = self.candidates.iter().any(|it| *it.turn_id() == turn);
        let is_found = self.found.as_ref() == Some(&turn);
        if !is_candidate && !is_found && !self.is_blind {
            return None;
        }
        let mut ended = self.take_candidate(Some(turn));
        ended.observe(event);
        // A compaction that fails early has no item; its end may be damaged.
        let failed =
            event.decode_error().is_some() || ended.snapshot().status == TurnStatus::Failed;
        let failed_early = self.found.is_none() && failed;
        (is_found || failed_early || self.is_blind).then_some(ended)
    }

    /// The collected events of a turn; by default of the compaction, or of its candidate.
    fn take_candidate(&mut self, turn: Option<TurnId>) -> TurnCollector {
        let wanted = turn.or_else(|| self.found.clone());
        let position = match &wanted {
            Some(wanted) => self.candidates.iter().position(|it| it.turn_id() == wanted),
            None => self.candidates.len().checked_sub(1),
        };
        match position {
            Some(position) => self.candidates.remove(position),
            None => self.collector(wanted.unwrap_or_else(|| TurnId::new("unknown"))),
        }
    }

    fn collector(&self, turn: TurnId) -> TurnCollector {
        TurnCollector::new(self.thread_id.clone(), turn, BUDGET)
    }
}

/// Returns whether an event is the start of a compaction's item, even if it is malformed.
fn is_start_of_item(event: &Event) -> bool {
    match event.notification() {
        ServerNotification::ItemStarted(started) => {
            matches!(started.item, ThreadItem::ContextCompaction(_))
        }
        ServerNotification::Unrecognized(message) if message.method() == "item/started" => {
            let item = message.params().and_then(|params| params.get("item"));
            item.and_then(|item| item.get("type"))
                .is_some_and(|tag| tag == "contextCompaction")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use codex_types::TurnStatus;
    use codex_types::rpc::ServerMessage;
    use serde_json::{Value, json};

    use super::Compaction;
    use crate::shared::event::Event;

    fn event(method: &str, params: &Value) -> Event {
        let line = json!({"method": method, "params": params}).to_string();
        match ServerMessage::parse(&line).unwrap() {
            ServerMessage::Notification(notification) => Event::new(notification, &line),
            other => panic!("no notification: {other:?}"),
        }
    }

    fn turn(method: &str, id: &str, status: &str) -> Event {
        let turn = json!({"id": id, "items": [], "status": status});
        event(method, &json!({"threadId": "t", "turn": turn}))
    }

    fn item(turn: &str) -> Event {
        let item = json!({"type": "contextCompaction", "id": "c"});
        event(
            "item/started",
            &json!({"threadId": "t", "turnId": turn, "startedAtMs": 1, "item": item}),
        )
    }

    #[test]
    fn the_turn_with_the_item_is_it() {
        let mut compaction = Compaction::new("t".into());
        // The end of an earlier turn, and another whole turn.
        assert!(
            compaction
                .observe(&turn("turn/completed", "a", "completed"))
                .is_none()
        );
        assert!(
            compaction
                .observe(&turn("turn/started", "b", "inProgress"))
                .is_none()
        );
        assert!(
            compaction
                .observe(&turn("turn/completed", "b", "completed"))
                .is_none()
        );
        assert!(
            compaction
                .observe(&turn("turn/started", "c", "inProgress"))
                .is_none()
        );
        assert_eq!(compaction.turn_id(), None);
        assert!(compaction.observe(&item("c")).is_none());
        assert_eq!(compaction.turn_id().unwrap().as_str(), "c");
        let ended = compaction
            .observe(&turn("turn/completed", "c", "completed"))
            .unwrap();
        assert_eq!(ended.snapshot().status, TurnStatus::Completed);
    }

    #[test]
    fn one_that_fails_early_is_recognized() {
        let mut compaction = Compaction::new("t".into());
        compaction.observe(&turn("turn/started", "c", "inProgress"));
        let ended = compaction.observe(&turn("turn/completed", "c", "failed"));
        assert!(ended.is_some());
    }
}
