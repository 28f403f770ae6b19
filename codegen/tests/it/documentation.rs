//! Emitted items have informative documentation, or none.

use std::path::Path;

use codegen::Share;

use crate::dump::OUTPUT;

/// Sentences that only repeat a name, or address the protocol's own developers.
const EMPTY: &[&str] = &[
    "on the wire.",
    "` of the protocol.",
    "Sets `",
    "NEW NOTIFICATIONS",
    "NEW APIs",
    "DEPRECATED APIs",
    "EXPERIMENTAL - ",
    "TODO",
    "@deprecated",
];

/// The lines of documentation in all files, each with the name of its file.
fn doc_lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    let files = OUTPUT.tree.iter();
    let sources = files.filter(|(path, _)| is_source(path));
    sources.flat_map(|(path, text)| {
        let lines = text.lines().map(str::trim_start);
        let docs = lines.filter(|line| line.starts_with("///") || line.starts_with("#[doc = "));
        docs.map(move |line| (path, line))
    })
}

fn is_source(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|it| it == "rs")
}

#[test]
fn no_sentence_is_empty() {
    let mut count = 0;
    for (path, line) in doc_lines() {
        count += 1;
        for empty in EMPTY {
            assert!(!line.contains(empty), "{path}: {line}");
        }
    }
    assert!(count > 5_000, "only {count} lines were looked at");
}

#[test]
fn most_is_described() {
    let coverage = OUTPUT.coverage;
    let at_least = |share: Share, percent: usize, what: &str| {
        let (found, of) = (share.described, share.total);
        assert!(share.percent() >= percent, "{what}: {found} of {of}");
    };
    at_least(coverage.types, 90, "types");
    at_least(coverage.fields, 60, "fields");
    at_least(coverage.variants, 60, "variants");
    at_least(coverage.messages, 100, "messages");
}

/// The ends of names of instants, durations and amounts, and a word that each text must contain.
const UNITS: &[(&str, &str)] = &[
    ("_at_ms", "millisecond"),
    ("_ms", "millisecond"),
    ("_at", "second"),
    ("_sec", "second"),
    ("_secs", "second"),
    ("_seconds", "second"),
    ("_bytes", "byte"),
    ("_tokens", "token"),
    ("_percent", "percent"),
    ("_mins", "minute"),
];

#[test]
fn every_number_has_its_unit() {
    let mut seen = 0;
    for (path, text) in OUTPUT.tree.iter() {
        if !path.starts_with("codex-types") || !is_source(path) {
            continue;
        }
        let mut docs = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(words) = line.strip_prefix("///") {
                docs.push_str(&words.to_lowercase());
            } else if let Some((name, value)) = number_field(line) {
                let unit = UNITS.iter().find(|(end, _)| name.ends_with(end));
                if let Some((_, word)) = unit {
                    seen += 1;
                    assert!(docs.contains(word), "{path}: {name}: {value} has no unit");
                }
                docs.clear();
            } else if !line.starts_with("#[") {
                docs.clear();
            }
        }
    }
    assert!(seen > 60, "only {seen} fields were looked at");
}

/// The name and the type of a field that is a number.
fn number_field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix("pub ")?.split_once(": ")?;
    let value = value.strip_suffix(',')?;
    let inner = value.split('<').next_back()?.trim_end_matches('>');
    let is_number = ["i32", "i64", "u16", "u32", "u64", "Number"].contains(&inner);
    is_number.then_some((name, value))
}
