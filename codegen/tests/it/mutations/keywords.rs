//! Keywords of JSON Schema that the dump does not have: none may be ignored.

use serde_json::{Value, json};

use super::{Generates, Mutant, Refused, object, reference};

/// A book with a part of this schema.
fn part(schema: &Value) -> Value {
    json!({ "@Book": object(&json!({ "part": schema })) })
}

/// A keyword beside others that make a schema which generates without it.
fn keywords() -> Vec<(&'static str, Value, Value)> {
    let text = json!({ "type": "string" });
    let list = json!({ "type": "array", "items": text });
    let map = json!({ "type": "object", "additionalProperties": text });
    let record = object(&json!({ "a": text }));
    let integer = json!({ "type": "integer", "format": "int64" });
    vec![
        ("not", text.clone(), json!({ "type": "object" })),
        ("if", text.clone(), json!({})),
        ("nullable", text.clone(), json!(true)),
        ("readOnly", text.clone(), json!(true)),
        ("examples", text.clone(), json!(["a"])),
        ("$comment", text.clone(), json!("a")),
        ("$id", text.clone(), json!("a")),
        ("$anchor", text.clone(), json!("a")),
        ("$dynamicRef", text.clone(), json!("#a")),
        ("maxLength", text.clone(), json!(3)),
        ("contentEncoding", text.clone(), json!("base64")),
        ("contentMediaType", text.clone(), json!("text/html")),
        ("maxItems", list.clone(), json!(2)),
        ("contains", list.clone(), json!({})),
        ("additionalItems", list.clone(), json!(false)),
        ("unevaluatedItems", list, json!(false)),
        ("patternProperties", map.clone(), json!({ "^a": true })),
        ("propertyNames", map.clone(), json!({ "minLength": 1 })),
        ("minProperties", map, json!(1)),
        ("maxProperties", record.clone(), json!(1)),
        ("dependentRequired", record.clone(), json!({ "a": ["b"] })),
        ("dependentSchemas", record.clone(), json!({ "a": {} })),
        ("unevaluatedProperties", record, json!(false)),
        ("exclusiveMinimum", integer.clone(), json!(0)),
        ("multipleOf", integer, json!(2)),
    ]
}

pub(super) fn mutants() -> Vec<Mutant> {
    let mut all = Vec::new();
    for (keyword, mut schema, value) in keywords() {
        schema[keyword] = value;
        let expected = Refused("unsupported keyword");
        all.push(Mutant::new(
            format!("the keyword `{keyword}`"),
            part(&schema),
            expected,
        ));
    }
    let record = |name: &str| object(&json!({ name: { "type": "string" } }));
    let with_record = |schema: &Value| {
        let mut definitions = part(schema);
        definitions["@One"] = record("a");
        definitions
    };
    let mut beside = reference("One");
    beside["properties"] = json!({ "b": { "type": "string" } });
    let all_of =
        json!({ "allOf": [reference("One")], "properties": { "b": { "type": "string" } } });
    let required = json!({
        "type": "object",
        "properties": { "a": { "type": "string" }, "b": { "type": "string" } },
        "anyOf": [{ "required": ["a"] }, { "required": ["b"] }],
    });
    let open = json!({
        "type": "object",
        "properties": { "a": { "type": "string" } },
        "additionalProperties": { "type": "string" },
    });
    all.extend([
        Mutant::new(
            "properties beside a reference",
            with_record(&beside),
            Refused("unsupported keyword `properties`"),
        ),
        Mutant::new(
            "properties beside all of one",
            with_record(&all_of),
            Refused("unsupported keyword `properties`"),
        ),
        Mutant::new(
            "alternatives that only require",
            part(&required),
            Refused("unsupported keyword `required`"),
        ),
        Mutant::new(
            "values of a type beside properties",
            part(&open),
            Refused("named properties beside typed"),
        ),
        Mutant::new(
            "a reference into a definition",
            part(&json!({ "$ref": "#/definitions/@Book/properties/part" })),
            Refused("reference"),
        ),
        Mutant::new(
            "a reference to the document",
            part(&json!({ "$ref": "#" })),
            Refused("reference"),
        ),
        Mutant::new(
            "a reference that is no text",
            part(&json!({ "$ref": 5 })),
            Refused("$ref"),
        ),
        Mutant::new(
            "a type that is a number",
            part(&json!({ "type": 5 })),
            Refused("type"),
        ),
        Mutant::new(
            "required fields that are a text",
            part(&json!({ "type": "object", "properties": { "a": true }, "required": "a" })),
            Refused("required"),
        ),
        Mutant::new(
            "fields that are a list",
            part(&json!({ "type": "object", "properties": [] })),
            Refused("properties"),
        ),
        Mutant::new(
            "a description that is a number",
            part(&json!({ "type": "string", "description": 5 })),
            Refused("description"),
        ),
        Mutant::new(
            "a title from right to left",
            part(&json!({ "type": "string", "title": "a\u{202e}b" })),
            Generates,
        ),
    ]);
    all
}
