//! Time per recorded line, of each way to decode it; all of them in one process, interleaved.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use codex_types::rpc::ServerMessage;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::clock;

/// Prints a line per way: its name and the nanoseconds per line.
pub(crate) fn run(corpus: &str, lines: usize) {
    let corpus = recorded(corpus == "deltas");
    let rounds = lines / corpus.len() + 1;
    let nanoseconds = |time: Duration| time.as_nanos() as f64 / (rounds * corpus.len()) as f64;
    let timed = |read: &dyn Fn(&str)| {
        let begin = clock::cpu();
        (0..rounds).for_each(|_| corpus.iter().for_each(|line| read(black_box(line))));
        nanoseconds(clock::cpu() - begin)
    };
    println!(
        "typed {:.1}",
        timed(&|line| drop(black_box(ServerMessage::parse(line))))
    );
    println!("value {:.1}", timed(&|line| drop(black_box(value(line)))));
    println!(
        "validate {:.1}",
        timed(&|line| _ = black_box(validate(line)))
    );
    println!(
        "codex-codes {:.1}",
        timed(&|line| drop(black_box(codes(line))))
    );
}

fn value(line: &str) -> Value {
    serde_json::from_slice(line.as_bytes()).expect("a line is JSON")
}

fn validate(line: &str) -> &RawValue {
    serde_json::from_str(line).expect("a line is JSON")
}

fn codes(line: &str) -> Result<codex_codes::ServerMessage, codex_codes::Error> {
    codex_codes::ServerMessage::from_json_str(line)
}

/// The recorded notifications of the pinned runtime, compact as the runtime writes them.
fn recorded(only_deltas: bool) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codex-types/tests/corpus/0.169.0");
    let entries = std::fs::read_dir(folder).expect("the corpus is there");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    let texts = files
        .iter()
        .map(|file| std::fs::read_to_string(file).expect("text"));
    let texts: Vec<String> = texts.collect();
    texts
        .iter()
        .flat_map(|text| text.lines())
        .filter_map(|record| line(record, only_deltas))
        .collect()
}

fn line(record: &str, only_deltas: bool) -> Option<String> {
    let record: BTreeMap<&str, &RawValue> = serde_json::from_str(record).expect("a record");
    let message = compact(record.get("msg")?.get());
    let parts: BTreeMap<&str, &RawValue> = serde_json::from_str(&message).ok()?;
    let is_delta = parts.get("method")?.get() == r#""item/agentMessage/delta""#;
    let is_notification = record["dir"].get() == r#""s2c""# && !parts.contains_key("id");
    (is_notification && (is_delta || !only_deltas)).then_some(message)
}

fn compact(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let keep = |letter: &char| {
        let keep = in_string || !letter.is_ascii_whitespace();
        if *letter == '"' && !escaped {
            in_string = !in_string;
        }
        escaped = *letter == '\\' && !escaped;
        keep
    };
    json.chars().filter(keep).collect()
}
