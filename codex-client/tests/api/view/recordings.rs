//! The fold of every recorded session.
//!
//! A recording rarely reads its thread at the end. So each completed turn is compared with a fold
//! of another kind, the last `item/completed` of each id in the order of the first ones, and with
//! every history that the session did read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use codex_client::Event;
use codex_client::types::RequestId;
use codex_client::types::rpc::{ServerMessage, decode};
use codex_client::types::{
    ServerNotification, ThreadItem, ThreadReadResponse, ThreadResumeResponse,
    ThreadTurnsListResponse, Turn, TurnItemsView, TurnStatus,
};
use codex_client::view::ThreadView;
use serde_json::Value;

use super::oracle::{assert_equal, assert_round_trip};

fn recordings() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codex-types/tests/corpus");
    let mut files = Vec::new();
    let versions = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path());
    for version in versions.filter(|it| it.is_dir()) {
        let entries = std::fs::read_dir(version).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.retain(|file| file.extension().is_some_and(|it| it == "jsonl"));
    files.sort();
    files
}

/// A recorded session as it is read.
#[derive(Default)]
struct Session {
    views: BTreeMap<String, ThreadView>,
    /// The completed items by thread and turn.
    completed: BTreeMap<(String, String), Vec<ThreadItem>>,
    /// The methods of the requests of the client.
    requests: BTreeMap<String, (String, Value)>,
    turns: usize,
    histories: usize,
}

impl Session {
    fn read(&mut self, line: &str, place: &str) {
        let record: Value = serde_json::from_str(line).unwrap();
        let Some(message) = record.get("msg") else {
            return;
        };
        if record["dir"] == "c2s" {
            let request = (message["method"].to_string(), message["params"].clone());
            self.requests.insert(message["id"].to_string(), request);
            return;
        }
        let raw = message.to_string();
        if let Some(event) = Event::parse(&raw) {
            self.fold(&event, place);
        } else if let Ok(ServerMessage::Response { id, result, .. }) = ServerMessage::parse(&raw) {
            self.compare(&id, result.get(), place);
        }
    }

    fn fold(&mut self, event: &Event, place: &str) {
        let Some(thread) = event.thread_id() else {
            return;
        };
        let new = || ThreadView::new(thread);
        let view = self.views.entry(thread.to_owned()).or_insert_with(new);
        view.apply(event);
        match event.notification() {
            ServerNotification::ItemCompleted(it) => {
                let key = (thread.to_owned(), it.turn_id.to_string());
                let items = self.completed.entry(key).or_default();
                let known = items.iter_mut().find(|known| known.id() == it.item.id());
                match known {
                    Some(known) => *known = it.item.clone(),
                    None => items.push(it.item.clone()),
                }
            }
            ServerNotification::TurnCompleted(it) => {
                self.turns += 1;
                let turn = view.turn(it.turn.id.as_str()).expect("the turn is known");
                let key = (thread.to_owned(), it.turn.id.to_string());
                let mut expected = it.turn.clone();
                expected.items = self.completed.get(&key).cloned().unwrap_or_default();
                expected.items_view.clone_from(&turn.turn.items_view);
                assert_eq!(turn.to_turn(), expected, "{place}");
            }
            _ => {}
        }
        assert_round_trip(&self.views[thread], place);
    }

    /// Compares a history that the session read.
    fn compare(&mut self, id: &RequestId, result: &str, place: &str) {
        let id = serde_json::to_string(id).unwrap();
        let Some((method, params)) = self.requests.remove(&id) else {
            return;
        };
        let result = serde_json::value::RawValue::from_string(result.to_owned()).unwrap();
        let (thread, turns) = match method.trim_matches('"') {
            "thread/read" => {
                let read: ThreadReadResponse = decode(&result).unwrap();
                (read.thread.id.to_string(), read.thread.turns.to_vec())
            }
            "thread/resume" => {
                let read: ThreadResumeResponse = decode(&result).unwrap();
                (read.thread.id.to_string(), read.thread.turns.to_vec())
            }
            "thread/turns/list" => {
                let read: ThreadTurnsListResponse = decode(&result).unwrap();
                (
                    params["threadId"].as_str().unwrap().to_owned(),
                    read.data.to_vec(),
                )
            }
            _ => return,
        };
        self.compare_turns(&thread, &turns, place);
    }

    fn compare_turns(&mut self, thread: &str, turns: &[Turn], place: &str) {
        let Some(view) = self.views.get_mut(thread) else {
            return;
        };
        let is_full = |turn: &&Turn| turn.items_view == Some(TurnItemsView::Full);
        for read in turns.iter().filter(is_full) {
            let Some(turn) = view.turn(read.id.as_str()) else {
                continue;
            };
            if turn.is_running() || read.status == TurnStatus::InProgress {
                continue;
            }
            self.histories += 1;
            assert_eq!(turn.to_turn(), *read, "{place}: what the session read");
        }
        let items = |view: &ThreadView| view.turns().len();
        let known = items(view);
        let changes = view.apply_turns(turns);
        if items(view) == known && turns.iter().all(|turn| is_full(&turn)) {
            assert!(
                changes.items.is_empty(),
                "{place}: known already: {changes:?}"
            );
        }
    }
}

#[test]
fn recorded_turns_fold_into_completed_items() {
    let (mut turns, mut histories) = (0, 0);
    for file in recordings() {
        let mut session = Session::default();
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let place = format!("{}:{}", file.display(), number + 1);
            session.read(line, &place);
        }
        turns += session.turns;
        histories += session.histories;
    }
    assert!(
        turns > 100 && histories > 3,
        "{turns} turns, {histories} histories"
    );
}

#[test]
fn repeated_events_change_no_item() {
    for file in recordings() {
        let text = std::fs::read_to_string(&file).unwrap();
        let messages = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let messages = messages.filter(|record| record["dir"] == "s2c");
        let events: Vec<Event> = messages
            .filter_map(|record| Event::parse(&record["msg"].to_string()))
            .collect();
        let threads: std::collections::BTreeSet<_> =
            events.iter().filter_map(Event::thread_id).collect();
        for thread in threads {
            let fold = |mut view: ThreadView| {
                for event in &events {
                    view.apply(event);
                }
                view
            };
            let once = fold(ThreadView::new(thread));
            let mut late = ThreadView::new(thread);
            late.apply_turns(&once.to_turns());
            let late = fold(late);
            let place = file.display().to_string();
            assert_equal(&late, &once.to_turns(), &place);
        }
    }
}
