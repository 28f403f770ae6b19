//! Texts of values: in any order, with spaces and duplicates, with faults, and broken.

use fastrand::Rng;
use serde_json::{Value, json};

/// A text of a value. Where it is `free`, keys come in any order, some of them twice, and there
/// are spaces.
pub(crate) fn written(value: &Value, free: bool, rng: &mut Rng) -> String {
    let mut text = String::new();
    write(value, free, rng, &mut text);
    text
}

fn write(value: &Value, free: bool, rng: &mut Rng, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, free, rng, text);
                write(item, free, rng, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut entries: Vec<_> = fields.iter().collect();
            let other = any(rng);
            if free {
                rng.shuffle(&mut entries);
                repeat(&mut entries, &other, rng);
            }
            text.push('{');
            for (index, (name, value)) in entries.into_iter().enumerate() {
                separate(index, free, rng, text);
                text.push_str(&json!(name).to_string());
                space(free, rng, text);
                text.push(':');
                write(value, free, rng, text);
            }
            text.push('}');
        }
        other => text.push_str(&other.to_string()),
    }
    space(free, rng, text);
}

/// Sometimes one key comes twice, with another value or the same one.
fn repeat<'a>(entries: &mut Vec<(&'a String, &'a Value)>, other: &'a Value, rng: &mut Rng) {
    if entries.is_empty() || rng.u8(..16) > 0 {
        return;
    }
    let (name, value) = entries[rng.usize(..entries.len())];
    let value = if rng.bool() { other } else { value };
    entries.insert(rng.usize(..=entries.len()), (name, value));
}

fn separate(index: usize, free: bool, rng: &mut Rng, text: &mut String) {
    if index > 0 {
        text.push(',');
    }
    space(free, rng, text);
}

fn space(free: bool, rng: &mut Rng, text: &mut String) {
    if free && rng.u8(..16) == 0 {
        text.push_str([" ", "\n", "\t", "\r\n "][rng.usize(..4)]);
    }
}

/// A value with up to two faults.
pub(crate) fn mutant(value: &Value, rng: &mut Rng) -> Value {
    let mut value = value.clone();
    for _ in 0..rng.usize(1..=2) {
        let mut pointers = Vec::new();
        collect(&value, String::new(), &mut pointers);
        let pointer = &pointers[rng.usize(..pointers.len())];
        let part = value.pointer_mut(pointer);
        change(part.expect("it was found there"), rng);
    }
    value
}

/// Collects the places of all parts.
fn collect(value: &Value, at: String, pointers: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{at}/{index}"), pointers);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(value, format!("{at}/{name}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(at);
}

/// Removes or adds a field, or exchanges the whole value.
fn change(part: &mut Value, rng: &mut Rng) {
    match (rng.u8(..3), &mut *part) {
        (0, Value::Object(fields)) if !fields.is_empty() => {
            let names: Vec<String> = fields.keys().cloned().collect();
            fields.remove(&names[rng.usize(..names.len())]);
        }
        (1, Value::Object(fields)) => drop(fields.insert("zNotYetKnown".to_owned(), json!([1]))),
        _ => *part = any(rng),
    }
}

fn any(rng: &mut Rng) -> Value {
    let values = [
        json!(null),
        json!(true),
        json!(5),
        json!(-1),
        json!(70_000),
        json!(1.5),
        json!(1e300),
        json!("x"),
        json!([]),
        json!([[1]]),
        json!({}),
        json!({ "a": 1 }),
    ];
    values[rng.usize(..values.len())].clone()
}

/// Pieces that turn JSON into something close to it.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "null",
    "true",
    "-",
    "0",
    "1.5",
    "1e99",
    "1e999",
    "\"\"",
    "{}",
    "[]",
    "\"type\":",
    "\"id\":",
    "\\u00e9",
    "\\ud800",
    "99999999999999999999",
    " ",
    "\n",
    "\u{0}",
    "é",
];

/// A text that is bent in up to three places; `None` if the result is no text.
pub(crate) fn bent(text: &str, rng: &mut Rng) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(..=bytes.len());
        let end = (at + rng.usize(..8)).min(bytes.len());
        match rng.u8(..6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..end, [rng.u8(..)])),
            3 => {
                let from = rng.usize(..=bytes.len());
                let to = (from + rng.usize(..40)).min(bytes.len());
                let piece = bytes[from..to].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            _ => {
                let piece = PIECES[rng.usize(..PIECES.len())];
                drop(bytes.splice(at..at, piece.bytes()));
            }
        }
    }
    String::from_utf8(bytes).ok()
}
