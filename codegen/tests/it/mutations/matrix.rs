//! Every kind of schema at every kind of place.

use serde_json::{Value, json};

use super::{Expected, Generates, Mutant, Refused, object, reference};

/// A kind of place, and the definitions with a schema there.
type Place = (&'static str, fn(Value) -> Value);

const PLACES: &[Place] = &[
    (
        "a required field",
        |it| json!({ "@Book": object(&json!({ "part": it })) }),
    ),
    (
        "an optional field",
        |it| json!({ "@Book": { "type": "object", "properties": { "part": it } } }),
    ),
    (
        "a list's item",
        |it| json!({ "@Book": object(&json!({ "parts": { "type": "array", "items": it } })) }),
    ),
    ("a map's value", |it| {
        let map = json!({ "type": "object", "additionalProperties": it });
        json!({ "@Book": object(&json!({ "parts": map })) })
    }),
    (
        "a definition",
        |it| json!({ "@Book": object(&json!({ "part": reference("Part") })), "@Part": it }),
    ),
    ("a variant's field", |it| {
        let tag = |tag: &str| json!({ "type": "string", "enum": [tag] });
        let one = object(&json!({ "type": tag("one"), "part": it }));
        let two = object(&json!({ "type": tag("two") }));
        json!({ "@Book": { "oneOf": [one, two] } })
    }),
    ("a key's payload", |it| {
        let mut keyed = object(&json!({ "part": it }));
        keyed["additionalProperties"] = json!(false);
        let union = json!({ "oneOf": [{ "type": "string", "enum": ["none"] }, keyed] });
        json!({ "@Book": object(&json!({ "state": reference("State") })), "@State": union })
    }),
    ("an alternative", |it| {
        let list = json!({ "type": "array", "items": { "type": "string" } });
        let union = json!({ "anyOf": [it, list] });
        json!({ "@Book": object(&json!({ "choice": union })) })
    }),
];

/// The kinds of schemas, and their outcomes.
#[expect(clippy::too_many_lines, reason = "a table")]
fn schemas() -> Vec<(&'static str, Value, Expected)> {
    vec![
        ("a string", json!({ "type": "string" }), Generates),
        (
            "a nullable string",
            json!({ "type": ["string", "null"] }),
            Generates,
        ),
        (
            "a long string",
            json!({ "type": "string", "minLength": 3 }),
            Generates,
        ),
        (
            "an integer",
            json!({ "type": "integer", "format": "int64" }),
            Generates,
        ),
        (
            "a small integer",
            json!({ "type": "integer", "format": "uint16" }),
            Generates,
        ),
        (
            "a number",
            json!({ "type": "number", "format": "double" }),
            Generates,
        ),
        ("a boolean", json!({ "type": "boolean" }), Generates),
        ("anything", json!(true), Generates),
        (
            "an enumeration",
            json!({ "type": "string", "enum": ["a", "b"] }),
            Generates,
        ),
        (
            "a constant",
            json!({ "type": "string", "const": "a" }),
            Generates,
        ),
        (
            "an enumeration with null",
            json!({ "type": ["string", "null"], "enum": ["a", null] }),
            Generates,
        ),
        (
            "an object",
            object(&json!({ "a": { "type": "string" } })),
            Generates,
        ),
        (
            "an open object",
            json!({ "type": "object", "properties": { "a": true },
            "additionalProperties": true }),
            Generates,
        ),
        (
            "a map",
            json!({ "type": "object", "additionalProperties": { "type": "boolean" } }),
            Generates,
        ),
        (
            "a list of lists",
            json!({ "type": "array",
            "items": { "type": "array", "items": { "type": "number" } } }),
            Generates,
        ),
        (
            "two types",
            json!({ "type": ["string", "integer"], "format": "int64" }),
            Generates,
        ),
        (
            "a union with null",
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
            Generates,
        ),
        (
            "a deprecated string",
            json!({ "type": "string", "deprecated": true }),
            Generates,
        ),
        (
            "a written string",
            json!({ "type": "string", "writeOnly": true }),
            Generates,
        ),
        (
            "an unknown keyword",
            json!({ "type": "string", "pattern": "a" }),
            Refused("unsupported keyword `pattern`"),
        ),
        (
            "a format of strings",
            json!({ "type": "string", "format": "uri" }),
            Refused("unsupported keyword `format`"),
        ),
        (
            "an integer without format",
            json!({ "type": "integer" }),
            Refused("an integer without a format"),
        ),
        (
            "an unknown integer",
            json!({ "type": "integer", "format": "int128" }),
            Refused("unsupported integer format `int128`"),
        ),
        (
            "an unknown type",
            json!({ "type": "thing" }),
            Refused("unknown type `thing`"),
        ),
        (
            "nothing",
            json!(false),
            Refused("must be an object or `true`"),
        ),
        (
            "numbers in an enumeration",
            json!({ "type": "string", "enum": [1] }),
            Refused("must hold strings, found 1"),
        ),
        (
            "an empty enumeration",
            json!({ "type": "string", "enum": [] }),
            Refused("an enumeration without values"),
        ),
        (
            "a constant number",
            json!({ "const": 1 }),
            Refused("must hold strings, found 1"),
        ),
        (
            "two parts at once",
            json!({ "allOf": [{ "type": "string" }, { "type": "string" }] }),
            Refused("`allOf` with more than one part"),
        ),
        (
            "two unions at once",
            json!({ "anyOf": [{ "type": "string" }], "oneOf": [true] }),
            Refused("both `oneOf` and `anyOf`"),
        ),
        (
            "a reference to nothing",
            json!({ "$ref": "#/definitions/Nothing" }),
            Refused("refers to `Nothing`"),
        ),
        (
            "a reference elsewhere",
            json!({ "$ref": "other.json" }),
            Refused("unsupported reference `other.json`"),
        ),
        (
            "a tuple",
            json!({ "type": "array", "prefixItems": [true] }),
            Refused("unsupported keyword `prefixItems`"),
        ),
        (
            "a misfit default",
            json!({ "type": "boolean", "default": "no" }),
            Refused("the default \"no\" does not fit"),
        ),
        (
            "a hidden value",
            json!({ "type": "string", "enum": ["a\u{202e}b"] }),
            Refused("invisible characters"),
        ),
    ]
}

/// The different outcome at one of the places.
fn exception(schema: &str, place: &str) -> Option<Expected> {
    match (schema, place) {
        ("nothing", "a map's value") => Some(Generates),
        ("anything" | "a list of lists", "an alternative") => {
            Some(Refused("they cannot be distinguished"))
        }
        ("an enumeration" | "a constant" | "an enumeration with null", "an alternative") => {
            Some(Refused("mixed with other shapes"))
        }
        ("a map" | "two types", "an alternative") => Some(Refused("a union inside a union")),
        ("an open object", "an alternative") => Some(Refused("no required key distinguishes")),
        _ => None,
    }
}

pub(super) fn mutants() -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (place, definitions) in PLACES {
        for (name, schema, expected) in schemas() {
            let expected = exception(name, place).unwrap_or(expected);
            mutants.push(Mutant::new(
                format!("{name} as {place}"),
                definitions(schema),
                expected,
            ));
        }
    }
    mutants
}
