//! Finds out about turns that have no id yet, or another one than expected; shared by both
//! APIs, and sans-io.

use codex_types::{ServerNotification, ThreadId, ThreadItem, TurnId, TurnStatus};

use crate::error::{Error, ServerErrorKind};
use crate::shared::event::Event;
use crate::shared::result::TurnCollector;

/// The turn that is running instead of the one that was named.
pub(crate) fn other_active_turn(error: &Error) -> Option<TurnId> {
    match error.server()?.kind() {
        ServerErrorKind::OtherTurnActive { active } => Some(TurnId::new(active)),
        _ => None,
    }
}

/// Recognizes a compaction among the events of its thread. The request that starts it is
/// answered at once and names no turn.
#[derive(Debug)]
pub(crate) struct Compaction {
    thread_id: ThreadId,
    /// The turns that were started since, one of which is it.
    candidates: Vec<TurnCollector>,
    found: Option<TurnId>,
}

impl Compaction {
    pub(crate) fn new(thread_id: ThreadId) -> Self {
        Self {
            thread_id,
            candidates: Vec::new(),
            found: None,
        }
    }

    /// The turn, once it is known.
    pub(crate) fn turn_id(&self) -> Option<&TurnId> {
        self.found.as_ref()
    }

    /// Takes in an event of the thread. Gives what has been collected of the compaction when
    /// the event ends it.
    pub(crate) fn observe(&mut self, event: &Event) -> Option<TurnCollector> {
        let turn = TurnId::new(event.turn_id()?);
        if event.method() == "turn/started" {
            self.candidates
                .push(TurnCollector::new(self.thread_id.clone(), turn.clone()));
        }
        if let ServerNotification::ItemStarted(started) = event.notification() {
            if matches!(started.item, ThreadItem::ContextCompaction(_)) {
                self.found.get_or_insert_with(|| turn.clone());
            }
        }
        let position = self
            .candidates
            .iter()
            .position(|it| *it.turn_id() == turn)?;
        self.candidates[position].observe(event);
        if !self.candidates[position].is_complete() {
            return None;
        }
        let ended = self.candidates.remove(position);
        let is_it = match &self.found {
            Some(found) => *found == turn,
            // One that fails early never gets to its item.
            None => ended.snapshot().status == TurnStatus::Failed,
        };
        is_it.then_some(ended)
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
        // The end of a turn that was running before, and a whole other turn.
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
