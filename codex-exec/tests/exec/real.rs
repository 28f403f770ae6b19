//! The real runtime, with only the model mocked.

#[cfg(target_os = "linux")]
mod ending;
mod failures;
mod options;
#[cfg(target_os = "linux")]
mod orphans;
mod retry;
mod sessions;
mod work;

use codex_exec::event::ItemDetails;
use codex_exec::{Action, ActionKind, Detail, ExecEvent, ExecRunner};
use codex_testing::AppServerHarness;

fn runner(harness: &AppServerHarness) -> ExecRunner {
    harness.exec_runner().build().unwrap()
}

/// The actions of one kind.
fn actions<'a>(events: &'a [ExecEvent], kind: &ActionKind) -> Vec<&'a Action> {
    events
        .iter()
        .filter_map(|event| match event {
            ExecEvent::Action(action) if action.kind == *kind => Some(action),
            _ => None,
        })
        .collect()
}

fn item(action: &Action) -> &ItemDetails {
    match &action.detail {
        Detail::Item(item) => &item.details,
        other => panic!("not an item: {other:?}"),
    }
}

/// Asserts that the runtime sends nothing unknown to this crate.
fn assert_all_known(events: &[ExecEvent]) {
    let text = format!("{events:?}");
    for sign in ["Unrecognized", "malformed line"] {
        assert!(!text.contains(sign), "{text}");
    }
    let (extras, empty) = ("extra: {", "extra: {}");
    assert_eq!(
        text.matches(extras).count(),
        text.matches(empty).count(),
        "{text}"
    );
}
