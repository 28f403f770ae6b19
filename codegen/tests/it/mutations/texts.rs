//! Descriptions that rustdoc or the compiler would misinterpret.

use serde_json::{Value, json};

use super::{Generates, Mutant, object, reference};

const TEXTS: &[(&str, &str)] = &[
    ("a lone carriage return", "one\rtwo"),
    ("line breaks of Windows", "one\r\ntwo"),
    (
        "text from right to left",
        "one \u{202e}two\u{202c} \u{2066}three\u{2069}",
    ),
    ("a line separator", "one\u{2028}two\u{2029}three"),
    ("the end of a comment", "one */ two /* three `*/` four"),
    (
        "a fence of Rust",
        "one\n```rust\nlet x: u8 = \"no\";\n```\ntwo",
    ),
    (
        "a fence of tildes",
        "one\n~~~\nlet x: u8 = \"no\";\n~~~\ntwo",
    ),
    ("a fence in a list", "one\n- ````rust\n  let x = ;"),
    ("a fence without end", "one\n```\nlet x = ;"),
    ("an indented block", "one\n\n    let x: u8 = \"no\";\n\ntwo"),
    ("quotes and backslashes", "\"one\" \\two\\ 'three' {four}"),
    (
        "links and tags",
        "[one](two) [three] <four> https://example.com/a_b.",
    ),
    ("nothing but spaces", "  \n \t\n "),
    ("a zero byte", "one\u{0}two\u{7f}"),
];

pub(super) fn mutants() -> Vec<Mutant> {
    TEXTS
        .iter()
        .map(|(name, text)| Mutant::new(*name, definitions(text), Generates))
        .collect()
}

/// The text in every place that can have one.
fn definitions(text: &str) -> Value {
    let tag = |tag: &str| json!({ "type": "string", "enum": [tag] });
    let mut variant = object(&json!({ "type": tag("one") }));
    variant["description"] = json!(text);
    let mut book = object(&json!({
        "field": { "type": "string", "description": text },
        "union": reference("Union"),
        "set": reference("Set"),
    }));
    book["description"] = json!(text);
    let value = |value: &str| json!({ "type": "string", "enum": [value], "description": text });
    json!({
        "@Book": book,
        "@Union": { "oneOf": [variant, object(&json!({ "type": tag("two") }))] },
        "@Set": { "oneOf": [value("a"), value("b")], "description": text },
    })
}
