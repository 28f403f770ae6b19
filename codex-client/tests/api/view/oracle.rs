//! What a view is compared with.

use codex_client::types::Turn;
use codex_client::view::{ItemState, ThreadView};

/// Differences between the fold of events and `thread/read`, with their reasons. Everything else
/// has to be equal.
///
/// - Open and abandoned items: `thread/read` has completed items only. The view has them behind the
///   completed ones.
/// - Plans, diffs, progress messages and errors that are retried: `thread/read` does not have them.
/// - The times of an item whose id was completed twice: those of the first in `thread/read`, of the
///   last in events. Only models that repeat an id cause this.
/// - `itemsView` of a turn whose start was not seen: `notLoaded` until its history was read.
pub(super) const DIFFERENCES: &[&str] = &["openItems", "plan", "diff", "progress", "retrying"];

/// Requires that the view has exactly the turns of a complete history.
#[track_caller]
pub(super) fn assert_equal(view: &ThreadView, read: &[Turn], context: &str) {
    let folded = view.to_turns();
    let ids = |turns: &[Turn]| turns.iter().map(|turn| turn.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&folded), ids(read), "{context}: the turns");
    for (folded, read) in folded.iter().zip(read) {
        let (folded, read) = (json(folded), json(read));
        assert_eq!(folded, read, "{context}");
    }
    assert_order(view, context);
}

/// Requires that the items that `thread/read` does not have come last.
fn assert_order(view: &ThreadView, context: &str) {
    for turn in view.turns() {
        let is_completed = |state: ItemState| state == ItemState::Completed;
        let states: Vec<_> = turn.items().iter().map(|it| it.state).collect();
        assert!(
            states.is_sorted_by_key(|state| !is_completed(*state)),
            "{context}: {states:?}"
        );
        for item in turn.items() {
            let id = item.item.id().expect("items of the runtime have ids");
            assert_eq!(turn.item(id), Some(item), "{context}: the index");
        }
    }
}

fn json(turn: &Turn) -> String {
    serde_json::to_string_pretty(turn).expect("a turn can be written")
}

/// Requires that a view survives being written and read.
#[track_caller]
pub(super) fn assert_round_trip(view: &ThreadView, context: &str) {
    let text = serde_json::to_string(view).expect("a view can be written");
    let read: ThreadView = serde_json::from_str(&text).expect("a view can be read");
    assert_eq!(read.to_turns(), view.to_turns(), "{context}");
    let again = serde_json::to_string(&read).expect("a view can be written");
    assert_eq!(again, text, "{context}");
    for turn in read.turns() {
        for item in turn.items() {
            let id = item.item.id().expect("items have ids");
            assert!(turn.item(id).is_some(), "{context}: the index");
        }
    }
}
