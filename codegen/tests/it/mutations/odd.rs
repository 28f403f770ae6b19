//! Schemas that a writer could produce and none has so far.

use serde_json::{Map, Value, json};

use super::{Generates, Mutant, Refused, object, reference};

fn text() -> Value {
    json!({ "type": "string" })
}

/// A book with a required field of this schema, and further definitions.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the calls are easier to read"
)]
fn with(part: Value, others: Value) -> Value {
    let mut all = json!({ "@Book": object(&json!({ "part": part })) });
    let definitions: Map<String, Value> = others.as_object().cloned().unwrap_or_default();
    all.as_object_mut().unwrap().extend(definitions);
    all
}

fn alone(part: Value) -> Value {
    with(part, json!({}))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the calls are easier to read"
)]
fn optional(part: Value) -> Value {
    json!({ "@Book": { "type": "object", "properties": { "part": part } } })
}

fn fields(names: &[&str]) -> Value {
    let properties = names.iter().map(|name| ((*name).to_owned(), text()));
    let properties: Map<_, _> = properties.collect();
    json!({ "@Book": object(&Value::Object(properties)) })
}

fn enumerations() -> Vec<Mutant> {
    let set = |values: Value| json!({ "type": "string", "enum": values });
    vec![
        Mutant::new(
            "no values",
            alone(set(json!([]))),
            Refused("without values"),
        ),
        Mutant::new(
            "a value twice",
            alone(set(json!(["a", "a"]))),
            Refused("get one name"),
        ),
        Mutant::new(
            "values that overlap",
            alone(json!({ "anyOf": [set(json!(["a", "b"])), set(json!(["b", "c"]))] })),
            Refused("get one name"),
        ),
        Mutant::new(
            "a constant beside values",
            alone(json!({ "const": "a", "enum": ["a", "b"] })),
            Generates,
        ),
        Mutant::new(
            "a constant outside of its values",
            alone(json!({ "const": "c", "enum": ["a", "b"] })),
            Refused("lacks the `const`"),
        ),
        Mutant::new(
            "a constant number",
            alone(json!({ "const": 1 })),
            Refused("must hold strings"),
        ),
        Mutant::new(
            "a constant number of a type",
            alone(json!({ "type": "integer", "format": "uint8", "minimum": 0.0, "enum": [1] })),
            Generates,
        ),
        Mutant::new(
            "several constant numbers or null",
            alone(json!({ "type": ["integer", "null"], "format": "int64", "enum": [-1, 7, null] })),
            Generates,
        ),
        Mutant::new(
            "a constant number out of range",
            alone(json!({ "type": "integer", "format": "uint8", "const": 256 })),
            Refused("must hold integers of this format, found 256"),
        ),
        Mutant::new(
            "a constant of another type",
            alone(json!({ "type": "integer", "format": "int64", "const": "a" })),
            Refused("`const`"),
        ),
        Mutant::new(
            "a value that is null",
            alone(json!({ "enum": ["a", null] })),
            Refused("must hold strings"),
        ),
        Mutant::new(
            "values that differ by letters of other scripts",
            alone(set(json!(["\u{e9}t\u{e9}", "\u{e8}t\u{e8}"]))),
            Refused("get one name"),
        ),
        Mutant::new(
            "values of digits and signs",
            alone(set(json!(["1", "-1", "+1"]))),
            Refused("get one name"),
        ),
        Mutant::new("an empty value", alone(set(json!(["", "a"]))), Generates),
        Mutant::new(
            "values called like variants of std",
            alone(set(json!(["none", "some", "ok", "err", "default", "self"]))),
            Generates,
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn compositions() -> Vec<Mutant> {
    let one = object(&json!({ "a": text() }));
    let mut siblings = json!({ "allOf": [reference("One")] });
    siblings["properties"] = json!({ "b": text() });
    siblings["type"] = json!("object");
    let tagged = |extra: &str| {
        json!({ "type": "object", "required": ["type", extra], "properties": {
            "type": { "type": "string", "enum": ["one"] }, extra: text() } })
    };
    let chain = json!({
        "@A": reference("B"), "@B": reference("C"), "@C": { "type": ["integer", "null"], "format": "int64" },
    });
    vec![
        Mutant::new(
            "all of one with more",
            with(siblings, json!({ "@One": one.clone() })),
            Refused("`properties`"),
        ),
        Mutant::new(
            "all of two",
            with(
                json!({ "allOf": [reference("One"), reference("Two")] }),
                json!({ "@One": one.clone(), "@Two": object(&json!({ "b": text() })) }),
            ),
            Refused("more than one part"),
        ),
        Mutant::new(
            "all of nothing",
            alone(json!({ "allOf": [] })),
            Refused("more than one part"),
        ),
        Mutant::new(
            "any of nothing",
            alone(json!({ "anyOf": [] })),
            Refused("without alternatives"),
        ),
        Mutant::new(
            "any of one",
            with(
                json!({ "anyOf": [reference("One")] }),
                json!({ "@One": one.clone() }),
            ),
            Generates,
        ),
        Mutant::new(
            "one of one tagged",
            alone(json!({ "oneOf": [tagged("a")] })),
            Generates,
        ),
        Mutant::new(
            "null at the end of a chain",
            with(reference("A"), chain.clone()),
            Generates,
        ),
        Mutant::new(
            "null at the end of a chain in a list",
            with(
                json!({ "type": "array", "items": reference("A") }),
                chain.clone(),
            ),
            Generates,
        ),
        Mutant::new(
            "null at the end of a chain in a map, from a client",
            with(
                json!({ "type": "object", "additionalProperties": reference("A") }),
                chain.clone(),
            ),
            Generates,
        )
        .sent_by_client(),
        Mutant::new(
            "null in null",
            with(
                json!({ "anyOf": [{ "anyOf": [reference("One"), { "type": "null" }] }, { "type": "null" }] }),
                json!({ "@One": one }),
            ),
            Generates,
        ),
        Mutant::new("only null", alone(json!({ "type": "null" })), Generates),
        Mutant::new(
            "a list of types",
            alone(json!({ "type": ["null"] })),
            Generates,
        ),
        Mutant::new("no type", alone(json!({ "type": [] })), Refused("`type`")),
        Mutant::new(
            "three types",
            alone(json!({ "type": ["string", "boolean", "null"] })),
            Generates,
        ),
        Mutant::new(
            "items that are a list",
            alone(json!({ "type": "array", "items": [text(), text()] })),
            Refused("must be an object"),
        ),
        Mutant::new("no items", alone(json!({ "type": "array" })), Generates),
        Mutant::new(
            "unique items",
            alone(json!({ "type": "array", "items": text(), "uniqueItems": true })),
            Refused("uniqueItems"),
        ),
        Mutant::new(
            "a tag of the wrong case",
            alone(
                json!({ "oneOf": [tagged("a"), { "type": "object", "required": ["Type", "b"], "properties": { "Type": { "type": "string", "enum": ["two"] }, "b": text() } }] }),
            ),
            Generates,
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn objects() -> Vec<Mutant> {
    let mut twice = object(&json!({ "a": text() }));
    twice["required"] = json!(["a", "a"]);
    let many = |count: usize| {
        let names: Vec<String> = (0..count).map(|index| format!("f{index}")).collect();
        fields(&names.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let tree = json!({
        "@Book": object(&json!({
            "list": { "type": "array", "items": reference("Book") },
            "map": { "type": "object", "additionalProperties": { "type": "array", "items": reference("Book") } },
        }))
    });
    let deep = (0..60).fold(
        text(),
        |inner, _| json!({ "type": "array", "items": inner }),
    );
    vec![
        Mutant::new(
            "a field required twice",
            json!({ "@Book": twice }),
            Generates,
        ),
        Mutant::new("100 required fields", many(100), Generates),
        Mutant::new("130 required fields", many(130), Refused("130 fields")),
        Mutant::new("itself in lists and maps", tree.clone(), Generates),
        Mutant::new("itself in lists and maps, from a client", tree, Generates).sent_by_client(),
        Mutant::new("60 lists in each other", alone(deep), Generates),
        Mutant::new(
            "a field called like one with an underscore",
            fields(&["type", "type_"]),
            Refused("two fields"),
        ),
        Mutant::new(
            "fields of other scripts",
            fields(&["\u{65e5}\u{672c}", "\u{fc}ber"]),
            Generates,
        ),
        Mutant::new(
            "fields called like what emitted code uses",
            fields(&[
                "reader",
                "fields",
                "value",
                "formatter",
                "index",
                "map",
                "f",
                "u",
                "crate_",
                "std",
                "core",
            ]),
            Generates,
        ),
        Mutant::new(
            "an object default of another type",
            optional(
                json!({ "type": "object", "properties": { "a": text() }, "default": { "a": 1 } }),
            ),
            Refused("default"),
        ),
        Mutant::new(
            "a list default of another type",
            optional(json!({ "type": "array", "items": text(), "default": [1] })),
            Refused("default"),
        ),
        Mutant::new(
            "a map default of another type",
            optional(
                json!({ "type": "object", "additionalProperties": text(), "default": { "a": 1 } }),
            ),
            Refused("default"),
        ),
        Mutant::new(
            "an object default",
            optional(
                json!({ "type": "object", "properties": { "a": text() }, "default": { "a": "b" } }),
            ),
            Generates,
        ),
        Mutant::new(
            "a number beyond 64 bits",
            alone(
                json!({ "type": "integer", "format": "uint64", "minimum": 0, "maximum": 36_893_488_147_419_103_232.0_f64 }),
            ),
            Generates,
        ),
        Mutant::new(
            "a default beyond 64 bits",
            optional(
                json!({ "type": "integer", "format": "uint64", "default": 36_893_488_147_419_103_232.0_f64 }),
            ),
            Refused("default"),
        ),
        Mutant::new(
            "an unknown format",
            alone(json!({ "type": "integer", "format": "int24" })),
            Refused("int24"),
        ),
        Mutant::new(
            "no format",
            alone(json!({ "type": "integer" })),
            Refused("format"),
        ),
        Mutant::new(
            "a format of another type",
            alone(json!({ "type": "string", "format": "int64" })),
            Refused("format"),
        ),
        Mutant::new(
            "properties of a string",
            alone(json!({ "type": "string", "properties": { "a": text() } })),
            Refused("properties"),
        ),
        Mutant::new(
            "a default of a required field",
            json!({ "@Book": { "type": "object", "required": ["part"], "properties": { "part": { "type": "string", "default": "a" } } } }),
            Generates,
        ),
        Mutant::new(
            "closed and required but not described",
            json!({ "@Book": { "type": "object", "required": ["b"], "additionalProperties": false, "properties": { "a": text() } } }),
            Refused("required"),
        ),
    ]
}

pub(super) fn mutants() -> Vec<Mutant> {
    let mut all = enumerations();
    all.extend(compositions());
    all.extend(objects());
    all
}
