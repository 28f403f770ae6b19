//! A conversation as server-sent events: the whole view first, then what changes in it.
//!
//! A slow browser fills nothing: the live view drops events for it, reads the history again, and then
//! reports the differences.

use axum::response::sse::Event;
use codex_client::types::{ItemId, TurnError, TurnId, TurnStatus};
use codex_client::view::{
    Changes, ItemChange, ItemChangeKind, ItemView, LiveView, PendingRequest, TextField, ThreadPart,
    ThreadView, TurnPart,
};
use futures_util::{Stream, StreamExt as _, stream};
use serde::Serialize;

/// The events of a view. Once `end` is ready, those that have arrived are the last.
pub(crate) fn of(
    live: LiveView,
    end: impl Future<Output = ()> + Send + 'static,
) -> impl Stream<Item = Result<Event, axum::Error>> {
    let whole = Event::default().event("view").json_data(live.view());
    let updates = stream::unfold((live, Box::pin(end)), |(mut live, mut end)| async {
        let changes = tokio::select! {
            biased;
            changes = live.next() => changes?,
            () = &mut end => return None,
        };
        let event = match changes {
            Ok(changes) => event(live.view(), &changes),
            Err(error) => Ok(Event::default().event("failed").data(error.to_string())),
        };
        Some((event, (live, end)))
    });
    stream::iter([whole]).chain(updates)
}

fn event(view: &ThreadView, changes: &Changes) -> Result<Event, axum::Error> {
    if is_rearranged(changes) {
        return Event::default().event("view").json_data(view);
    }
    Event::default()
        .event("update")
        .json_data(Update::new(view, changes))
}

/// Returns whether turns or items have another place, so that the whole view is sent again.
fn is_rearranged(changes: &Changes) -> bool {
    let thread = |part: &ThreadPart| matches!(part, ThreadPart::Order | ThreadPart::Staleness);
    let turn = |part: &TurnPart| matches!(part, TurnPart::Removed | TurnPart::Items);
    changes.thread.iter().any(thread) || changes.turns.iter().any(|it| it.parts.iter().any(turn))
}

#[derive(Serialize)]
struct Update<'a> {
    turns: Vec<TurnUpdate<'a>>,
    items: Vec<ItemUpdate<'a>>,
    pending: &'a [PendingRequest],
}

#[derive(Serialize)]
struct TurnUpdate<'a> {
    id: &'a TurnId,
    status: &'a TurnStatus,
    error: Option<&'a TurnError>,
}

/// An item that has changed: the text that was appended to it, or all of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemUpdate<'a> {
    turn_id: &'a TurnId,
    item_id: &'a ItemId,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    appended: Vec<Appended<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<&'a ItemView>,
}

#[derive(Serialize)]
struct Appended<'a> {
    field: TextField,
    text: &'a str,
}

impl<'a> Update<'a> {
    fn new(view: &'a ThreadView, changes: &'a Changes) -> Self {
        let turns = changes.turns.iter();
        let turns = turns.filter_map(|change| {
            let turn = &view.turn(&change.turn_id)?.turn;
            Some(TurnUpdate {
                id: &turn.id,
                status: &turn.status,
                error: turn.error.as_ref(),
            })
        });
        let items = changes.items.iter().map(|it| ItemUpdate::new(view, it));
        Self {
            turns: turns.collect(),
            items: items.collect(),
            pending: view.pending(),
        }
    }
}

impl<'a> ItemUpdate<'a> {
    fn new(view: &'a ThreadView, change: &'a ItemChange) -> Self {
        let item = view.turn(&change.turn_id);
        let item = item.and_then(|turn| turn.item(&change.item_id));
        let mut update = Self {
            turn_id: &change.turn_id,
            item_id: &change.item_id,
            appended: Vec::new(),
            item: None,
        };
        match (&change.kind, item) {
            (ItemChangeKind::Appended(pieces), Some(item)) => {
                let pieces = pieces.iter().map(|piece| Appended {
                    field: piece.field,
                    text: item
                        .text(piece.field)
                        .and_then(|text| text.get(piece.range.clone()))
                        .unwrap_or_default(),
                });
                update.appended = pieces.collect();
            }
            (_, item) => update.item = item,
        }
        update
    }
}
