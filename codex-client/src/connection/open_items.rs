//! The items that are open, for the requests about them.
//!
//! The runtime asks for the approval of an item by its id alone, after the event that has the item.
//! The reader keeps such items itself, in the order of the messages: a program that looked them up
//! in its events would lose the race. Bounded: beyond [`MOST`] the oldest item is forgotten, and a
//! request about it comes without it.

use std::collections::HashMap;

use codex_types::{
    FileUpdateChange, FormMcpServerElicitationRequestParams, ServerNotification, ServerRequest,
    ThreadItem,
};
use serde_json::Value;

use super::incoming::mcp_tool_call;
use crate::engine::{Numbered, Routed as _};
use crate::shared::event::Event;

/// Maximum memory of the open items of a connection, in bytes of approximate weight.
const MOST: usize = 32 << 20;

/// Maximum number of open items in a turn among which a call of a tool is searched for.
const MOST_CALLS: usize = 256;

/// Memory of an entry besides its events.
const FIXED_WEIGHT: usize = 512;

/// An item that has started and not completed.
#[derive(Clone, Debug)]
pub(crate) struct OpenItem {
    started: Event,
    /// The newest event with the changes of a file change, if they have changed since.
    patched: Option<Event>,
}

impl OpenItem {
    /// The item as it was when it started.
    pub(crate) fn item(&self) -> Option<&ThreadItem> {
        match self.started.notification() {
            ServerNotification::ItemStarted(started) => Some(&started.item),
            _ => None,
        }
    }

    /// The changes of a file change, as of the last event.
    pub(crate) fn changes(&self) -> Option<&[FileUpdateChange]> {
        if let Some(ServerNotification::ItemFileChangePatchUpdated(patch)) =
            self.patched.as_ref().map(Event::notification)
        {
            return Some(&patch.changes);
        }
        match self.item()? {
            ThreadItem::FileChange(change) => Some(&change.changes),
            _ => None,
        }
    }

    pub(super) fn weight(&self) -> usize {
        let patched = self.patched.as_ref().map_or(0, Event::weight);
        FIXED_WEIGHT + self.started.weight() + patched
    }
}

/// The open items of a connection that a request may be about. Owned by its reader.
#[derive(Debug, Default)]
pub(crate) struct OpenItems {
    /// The items in the order in which they started.
    items: Numbered<u64, Entry>,
    /// Their numbers, by turn and item: an item's id is unique only within its turn.
    numbers: HashMap<String, HashMap<String, u64>>,
    weight: usize,
    last: u64,
}

#[derive(Debug)]
struct Entry {
    turn: String,
    id: String,
    item: OpenItem,
}

impl OpenItems {
    /// Observes an event, in the order of the messages.
    pub(crate) fn observe(&mut self, event: &Event) {
        match event.notification() {
            ServerNotification::ItemStarted(started) => {
                if let Some(id) = id_of(&started.item) {
                    self.insert(started.turn_id.as_str(), id, event);
                }
            }
            ServerNotification::ItemFileChangePatchUpdated(patch) => {
                self.patch(patch.turn_id.as_str(), patch.item_id.as_str(), event);
            }
            ServerNotification::ItemCompleted(completed) => {
                if let Some(id) = id_of(&completed.item) {
                    self.remove(completed.turn_id.as_str(), id);
                }
            }
            _ => {
                if let Some(turn) = event.ended_turn() {
                    self.end_turn(turn);
                }
            }
        }
    }

    /// Returns the item that a request is about.
    pub(crate) fn find(&self, request: &ServerRequest) -> Option<&OpenItem> {
        match mcp_tool_call(request) {
            Some(form) => self.find_call(form),
            None => self.get(request.turn_id()?, request.item_id()?),
        }
    }

    /// The call of a tool that a form is about, which does not name it: the only open one in its turn
    /// with this server, this tool and these arguments.
    fn find_call(&self, form: &FormMcpServerElicitationRequestParams) -> Option<&OpenItem> {
        let meta = form.meta.as_ref()?;
        let tool = meta.get("tool_name")?.as_str()?;
        let arguments = meta.get("tool_params").unwrap_or(&Value::Null);
        let numbers = self.numbers.get(form.turn_id.as_ref()?.as_str())?;
        if numbers.len() > MOST_CALLS {
            return None;
        }
        let is_meant = |item: &&OpenItem| match item.item() {
            Some(ThreadItem::McpToolCall(call)) => {
                call.server == form.server_name && call.tool == tool && call.arguments == *arguments
            }
            _ => false,
        };
        let items = numbers
            .values()
            .filter_map(|number| self.items.get(*number));
        let mut meant = items.map(|entry| &entry.item).filter(is_meant);
        let only = meant.next();
        only.filter(|_| meant.next().is_none())
    }

    fn get(&self, turn: &str, id: &str) -> Option<&OpenItem> {
        let number = self.numbers.get(turn)?.get(id)?;
        self.items.get(*number).map(|entry| &entry.item)
    }

    fn insert(&mut self, turn: &str, id: &str, event: &Event) {
        self.remove(turn, id);
        let item = OpenItem {
            started: event.clone(),
            patched: None,
        };
        self.last += 1;
        self.weight += item.weight();
        let ids = self.numbers.entry(turn.to_owned()).or_default();
        ids.insert(id.to_owned(), self.last);
        let (turn, id) = (turn.to_owned(), id.to_owned());
        self.items.insert(self.last, Entry { turn, id, item });
        self.shrink();
    }

    fn patch(&mut self, turn: &str, id: &str, event: &Event) {
        let number = self.numbers.get(turn).and_then(|ids| ids.get(id));
        let Some(entry) = number.and_then(|number| self.items.get_mut(*number)) else {
            return;
        };
        self.weight -= entry.item.weight();
        entry.item.patched = Some(event.clone());
        self.weight += entry.item.weight();
        self.shrink();
    }

    /// Forgets the oldest items beyond the limit.
    fn shrink(&mut self) {
        while self.weight > MOST {
            let Some((_, entry)) = self.items.pop_first() else {
                return;
            };
            self.weight -= entry.item.weight();
            self.unindex(&entry.turn, &entry.id);
            tracing::warn!(
                turn = entry.turn,
                item = entry.id,
                "too many items are open: an approval of this one comes without it"
            );
        }
    }

    fn remove(&mut self, turn: &str, id: &str) {
        if let Some(entry) = self.unindex(turn, id).and_then(|it| self.items.remove(it)) {
            self.weight -= entry.item.weight();
        }
    }

    fn unindex(&mut self, turn: &str, id: &str) -> Option<u64> {
        let ids = self.numbers.get_mut(turn)?;
        let number = ids.remove(id);
        if ids.is_empty() {
            self.numbers.remove(turn);
        }
        number
    }

    fn end_turn(&mut self, turn: &str) {
        for number in self
            .numbers
            .remove(turn)
            .into_iter()
            .flat_map(HashMap::into_values)
        {
            if let Some(entry) = self.items.remove(number) {
                self.weight -= entry.item.weight();
            }
        }
    }
}

/// The id of an item that a request may be about.
fn id_of(item: &ThreadItem) -> Option<&str> {
    match item {
        ThreadItem::CommandExecution(command) => Some(command.id.as_str()),
        ThreadItem::FileChange(change) => Some(change.id.as_str()),
        ThreadItem::McpToolCall(call) => Some(call.id.as_str()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MOST, OpenItems};
    use crate::shared::event::Event;

    fn event(method: &str, params: &Value) -> Event {
        Event::of_notification(method, params).unwrap()
    }

    fn change(path: &str) -> Value {
        json!([{"path": path, "kind": {"type": "add"}, "diff": "+x"}])
    }

    fn started(turn: &str, id: &str, path: &str) -> Event {
        let item = json!({
            "type": "fileChange", "id": id, "changes": change(path), "status": "inProgress",
        });
        let ids = json!({"threadId": "t", "turnId": turn, "startedAtMs": 1, "item": item});
        event("item/started", &ids)
    }

    fn completed(turn: &str, id: &str) -> Event {
        let item = json!({
            "type": "fileChange", "id": id, "changes": [], "status": "completed",
        });
        let ids = json!({"threadId": "t", "turnId": turn, "completedAtMs": 1, "item": item});
        event("item/completed", &ids)
    }

    fn path<'a>(items: &'a OpenItems, turn: &str, id: &str) -> Option<&'a str> {
        let changes = items.get(turn, id)?.changes()?;
        Some(changes.first()?.path.as_str())
    }

    fn assert_empty(items: &OpenItems) {
        assert!(items.items.is_empty() && items.numbers.is_empty());
        assert_eq!(items.weight, 0);
    }

    #[test]
    fn items_are_known_by_turn_and_id_until_they_complete() {
        let mut items = OpenItems::default();
        items.observe(&started("a", "1", "one"));
        items.observe(&started("b", "1", "two"));
        assert_eq!(path(&items, "a", "1"), Some("one"));
        assert_eq!(path(&items, "b", "1"), Some("two"));
        items.observe(&completed("a", "1"));
        assert_eq!(path(&items, "a", "1"), None);
        items.observe(&completed("b", "1"));
        assert_empty(&items);
    }

    #[test]
    fn the_end_of_a_turn_ends_its_items() {
        let mut items = OpenItems::default();
        items.observe(&started("a", "1", "one"));
        items.observe(&started("a", "2", "two"));
        let turn = json!({"id": "a", "items": [], "status": "interrupted"});
        items.observe(&event(
            "turn/completed",
            &json!({"threadId": "t", "turn": turn}),
        ));
        assert_empty(&items);
    }

    #[test]
    fn a_damaged_end_ends_the_items_of_its_turn() {
        let mut items = OpenItems::default();
        items.observe(&started("a", "1", "one"));
        let damaged = json!({"threadId": "t", "turn": {"id": "a", "items": 5}});
        items.observe(&event("turn/completed", &damaged));
        assert_empty(&items);
    }

    #[test]
    fn the_newest_patch_counts() {
        let mut items = OpenItems::default();
        items.observe(&started("a", "1", "one"));
        let patch = json!({
            "threadId": "t", "turnId": "a", "itemId": "1", "changes": change("two"),
        });
        items.observe(&event("item/fileChange/patchUpdated", &patch));
        assert_eq!(path(&items, "a", "1"), Some("two"));
        items.observe(&completed("a", "1"));
        items.observe(&event("item/fileChange/patchUpdated", &patch));
        assert_empty(&items);
    }

    #[test]
    fn the_oldest_items_are_forgotten_beyond_the_limit() {
        let mut items = OpenItems::default();
        let long = "x".repeat(MOST / 8);
        for id in ["1", "2", "3", "4", "5"] {
            items.observe(&started("a", id, &long));
        }
        assert!(items.weight <= MOST && items.weight > 0);
        assert_eq!(path(&items, "a", "1"), None);
        assert!(path(&items, "a", "5").is_some());
        for id in ["1", "2", "3", "4", "5"] {
            items.observe(&completed("a", id));
        }
        assert_empty(&items);
    }

    #[test]
    fn an_item_that_starts_again_replaces_the_first() {
        let mut items = OpenItems::default();
        items.observe(&started("a", "1", "one"));
        items.observe(&started("a", "1", "two"));
        assert_eq!(path(&items, "a", "1"), Some("two"));
        assert_eq!(items.items.len(), 1);
    }
}
