//! Unions with tags, keys and values that no union of the dump has.

use serde_json::{Value, json};

use super::{Generates, Mutant, Refused, object, reference};

fn text() -> Value {
    json!({ "type": "string" })
}

fn tag(tag: &str) -> Value {
    json!({ "type": "string", "enum": [tag] })
}

fn union(branches: &Value) -> Value {
    json!({ "@Book": object(&json!({ "part": { "oneOf": branches } })) })
}

fn tagged() -> Vec<Mutant> {
    let loose = |mut tag: Value| {
        tag["default"] = json!("a");
        json!({ "type": "object", "properties": { "type": tag, "x": text() }, "required": ["x"] })
    };
    let many: Vec<_> = (0..300)
        .map(|index| object(&json!({ "type": tag(&format!("v{index}")) })))
        .collect();
    let both = ["a", "b"].map(|it| object(&json!({ "type": tag(it) })));
    let mut nested = union(&json!([
        reference("More"),
        object(&json!({ "type": tag("c") }))
    ]));
    nested["@More"] = json!({ "oneOf": both });
    let mut up = json!({ "@Book": object(&json!({ "node": reference("Node") })) });
    up["@Node"] = json!({
        "type": "object",
        "properties": { "up": reference("Node") },
        "oneOf": both,
    });
    vec![
        Mutant::new(
            "a tag that may be missing",
            union(&json!([
                loose(tag("a")),
                object(&json!({ "type": tag("b"), "y": text() }))
            ])),
            Generates,
        ),
        Mutant::new(
            "two variants of one tag",
            union(&json!([
                object(&json!({ "type": tag("a"), "x": text() })),
                object(&json!({ "type": tag("a"), "y": text() })),
            ])),
            Generates,
        ),
        Mutant::new(
            "two tags, of which one distinguishes",
            union(&json!([
                object(&json!({ "type": tag("a"), "kind": tag("x") })),
                object(&json!({ "type": tag("a"), "kind": tag("y") })),
            ])),
            Generates,
        ),
        Mutant::new("300 variants", union(&json!(many)), Generates),
        Mutant::new("a tagged union in another", nested, Generates),
        Mutant::new("a field of all variants that is the union", up, Generates),
        Mutant::new(
            "tags that differ by case",
            union(&json!(
                ["ab", "aB", "AB"].map(|it| object(&json!({ "type": tag(it) })))
            )),
            Refused("get one name"),
        ),
        Mutant::new(
            "an empty tag",
            union(&json!(
                ["", "b"].map(|it| object(&json!({ "type": tag(it) })))
            )),
            Generates,
        ),
        Mutant::new(
            "tags that are numbers",
            union(&json!([1, 2].map(|it| {
                object(&json!({ "type": { "type": "integer", "format": "int64", "enum": [it] } }))
            }))),
            Refused("no required key distinguishes"),
        ),
        Mutant::new(
            "tags of odd keys",
            union(&json!(
                ["a", "b"].map(|it| object(&json!({ "$the-kind": tag(it) })))
            )),
            Generates,
        ),
    ]
}

fn keyed() -> Vec<Mutant> {
    let one = |key: &str, payload: Value| {
        let mut object = object(&json!({ key: payload }));
        object["additionalProperties"] = json!(false);
        object
    };
    let mut two = object(&json!({ "a": text(), "b": text() }));
    two["additionalProperties"] = json!(false);
    vec![
        Mutant::new(
            "a key with nothing",
            union(&json!([one("a", json!({ "type": "null" })), tag("x")])),
            Generates,
        ),
        Mutant::new(
            "a key with anything",
            union(&json!([one("a", json!(true)), tag("x")])),
            Generates,
        ),
        Mutant::new(
            "a key that is also a value",
            union(&json!([one("x", text()), tag("x")])),
            Refused("get one name"),
        ),
        Mutant::new(
            "two keys at once",
            union(&json!([two, tag("x")])),
            Refused("mixed"),
        ),
    ]
}

fn untagged() -> Vec<Mutant> {
    let any = |alternatives: Value| json!({ "@Book": object(&json!({ "part": { "anyOf": alternatives } })) });
    let many: Vec<_> = (0..20)
        .map(|index| object(&json!({ format!("k{index}"): text() })))
        .collect();
    let list = |items: Value| json!({ "type": "array", "items": items });
    let integer = json!({ "type": "integer", "format": "int64" });
    let grown = |keys: &[&str]| {
        let fields = keys.iter().map(|key| ((*key).to_owned(), text()));
        object(&Value::Object(fields.collect()))
    };
    vec![
        Mutant::new("20 objects", any(json!(many)), Generates),
        Mutant::new(
            "three that require more and more",
            any(json!([
                grown(&["x"]),
                grown(&["x", "y"]),
                grown(&["x", "y", "z"])
            ])),
            Refused("no required key distinguishes"),
        ),
        Mutant::new(
            "two kinds of lists",
            any(json!([list(text()), list(integer.clone())])),
            Refused("can be both"),
        ),
        Mutant::new(
            "numbers, integers and booleans",
            any(json!([{ "type": "number" }, integer, { "type": "boolean" }])),
            Generates,
        ),
        Mutant::new(
            "any object before one with fields",
            any(json!([{ "type": "object" }, grown(&["x"])])),
            Refused("no required key distinguishes"),
        ),
        Mutant::new(
            "null or null",
            any(json!([{ "type": "null" }, { "type": "null" }])),
            Refused("a union without"),
        ),
        Mutant::new("one alternative", any(json!([text()])), Generates),
        Mutant::new("no alternative", any(json!([])), Refused("a union without")),
        Mutant::new(
            "no part at all",
            json!({ "@Book": object(&json!({ "part": { "allOf": [] } })) }),
            Refused("allOf"),
        ),
    ]
}

/// Defaults whose text is not plain.
fn defaults() -> Vec<Mutant> {
    let with = |default: &str| {
        let text = json!({ "type": "string", "default": default });
        json!({ "@Book": { "type": "object", "properties": { "part": text } } })
    };
    [
        ("a default from right to left", "a\u{202e}b"),
        ("a default with line breaks", "a\nb\r\u{2028}c\u{85}"),
        ("a default with quotes", "a\"b\\c`d``e"),
        ("a default without width", "\u{feff}\u{200b}"),
        (
            "a default beyond 16 bits of a character",
            "\u{1f980}\u{e0001}",
        ),
        ("a default that ends a comment", "*/ /* {} {0} %s"),
        ("an empty default", ""),
    ]
    .map(|(name, default)| Mutant::new(name, with(default), Generates))
    .into()
}

pub(super) fn mutants() -> Vec<Mutant> {
    let mut all = tagged();
    all.extend(keyed());
    all.extend(untagged());
    all.extend(defaults());
    all
}
