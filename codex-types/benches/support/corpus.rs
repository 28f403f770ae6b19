//! Lines to measure: the recorded notifications of the pinned runtime, and the
//! deltas of agent messages among them.

use std::collections::BTreeMap;
use std::path::Path;

use codex_types::rpc::{Envelope, EnvelopeKind};
use serde_json::value::RawValue;

/// The measured messages.
pub(crate) const CORPORA: [&str; 2] = ["corpus", "deltas"];

/// The lines of a corpus.
pub(crate) fn corpus(name: &str) -> Vec<String> {
    match name {
        "corpus" => lines(|_| true),
        _ => lines(|method| method == "item/agentMessage/delta"),
    }
}

/// The notifications whose method passes.
fn lines(passes: fn(&str) -> bool) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/0.169.0");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the corpus is there")
        .map(|entry| entry.expect("the corpus is readable").path())
        .collect();
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("a recording is text");
        lines.extend(text.lines().filter_map(|record| line(record, passes)));
    }
    lines
}

/// The message of a record, if it is such a notification.
fn line(record: &str, passes: fn(&str) -> bool) -> Option<String> {
    let record: BTreeMap<&str, &RawValue> = serde_json::from_str(record).expect("a record is JSON");
    let message = compact(record["msg"].get());
    let envelope = Envelope::parse(&message).expect("a message");
    let is_wanted = record["dir"].get() == r#""s2c""#
        && envelope.kind() == EnvelopeKind::Notification
        && envelope.method.as_deref().is_some_and(passes);
    is_wanted.then_some(message)
}

/// Without spaces between tokens, like the runtime writes; the order of the
/// keys stays.
fn compact(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    json.chars()
        .filter(|letter| {
            let keep = in_string || !letter.is_ascii_whitespace();
            match letter {
                '"' if !escaped => in_string = !in_string,
                _ => {}
            }
            escaped = *letter == '\\' && !escaped;
            keep
        })
        .collect()
}
