//! A diff as a JSON document.

use serde_json::{Value, json};

use super::{CLASSES, aspect_name, item};
use crate::diff::{Change, Diff};

pub(super) fn render(diff: &Diff, old: &str, new: &str) -> String {
    let verdicts = diff.verdicts.iter().map(|verdict| {
        json!({
            "crate": verdict.of.to_string(),
            "release": verdict.level.to_string(),
            "broken": verdict.broken,
            "added": verdict.added,
        })
    });
    let document = json!({
        "old": old,
        "new": new,
        "verdicts": verdicts.collect::<Vec<_>>(),
        "changes": diff.changes.iter().map(change).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn change(change: &Change) -> Value {
    let class = change.class();
    let class = CLASSES.iter().find(|(it, _, _)| *it == class);
    json!({
        "place": change.place,
        "item": item(change.item),
        "aspect": aspect_name(change.aspect),
        "sentByClient": change.senders.client,
        "sentByServer": change.senders.server,
        "before": change.before,
        "after": change.after,
        "class": class.map(|(_, name, _)| *name),
        "breaksDecoding": change.decoding,
        "breaksApi": change.api,
    })
}
