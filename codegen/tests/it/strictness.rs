//! Unsupported constructs are errors with their place and a remedy.

use codegen::Inputs;
use insta::assert_snapshot;
use serde_json::{Map, Value, json};

use crate::fixture::{self, document, message};

/// The error of a dump of these definitions, of which the server sends `Book`.
#[track_caller]
fn error(definitions: &Value) -> String {
    error_of(&fixture::told("Book", definitions).inputs())
}

#[track_caller]
fn error_of(inputs: &Inputs) -> String {
    let result = codegen::generate(inputs);
    result.err().unwrap().to_string()
}

/// The error of a dump with one more branch in a union of messages.
#[track_caller]
fn error_with(union: &str, branch: Value, definitions: &Value) -> String {
    let mut inputs = fixture::told("Book", definitions).inputs();
    let mut dump: Value = serde_json::from_str(&inputs.experimental).unwrap();
    let branches = dump["definitions"][union]["oneOf"].as_array_mut().unwrap();
    branches.push(branch);
    inputs.experimental = dump.to_string();
    error_of(&inputs)
}

fn lines<const N: usize>(errors: &[String; N]) -> String {
    errors.join("\n")
}

/// An object that requires its fields.
fn object(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().unwrap().keys().collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

#[test]
fn unknown_keywords() {
    let title = json!({ "type": "string", "pattern": "^a" });
    let deep = object(&json!({ "titles": { "type": "array", "items": title } }));
    let beside = json!({ "type": "string", "format": "uri" });
    let below = json!({ "oneOf": [{ "type": "string", "enum": ["a"] }, { "not": {} }] });
    assert_snapshot!(lines(&[
        error(&json!({ "Book": deep })),
        error(&json!({ "Book": object(&json!({ "link": beside })) })),
        error(&json!({ "Book": below }))
    ]));
}

#[test]
fn known_keywords_with_unknown_values() {
    let property = |schema: Value| error(&json!({ "Book": object(&json!({ "x": schema })) }));
    let parts = json!([{ "$ref": "#/definitions/Book" }, { "type": "object" }]);
    let typed = json!({
        "type": "object",
        "properties": { "y": true },
        "additionalProperties": { "type": "string" },
    });
    let undescribed = json!({ "type": "object", "properties": {}, "required": ["y"] });
    assert_snapshot!(lines(&[
        property(json!({ "type": "integer", "format": "int128" })),
        property(json!({ "type": "integer" })),
        property(json!({ "type": "string", "enum": [1, 2] })),
        property(json!({ "type": "thing" })),
        property(json!(false)),
        property(json!({ "allOf": parts })),
        property(typed),
        property(undescribed)
    ]));
}

#[test]
fn references_that_lead_nowhere() {
    let dangling = object(&json!({ "shelf": { "$ref": "#/definitions/Shelf" } }));
    let elsewhere = object(&json!({ "shelf": { "$ref": "https://example.com/shelf" } }));
    assert_snapshot!(lines(&[
        error(&json!({ "Book": dangling })),
        error(&json!({ "Book": elsewhere }))
    ]));
}

#[test]
fn a_definition_that_contains_itself() {
    let book = object(&json!({ "shelf": { "$ref": "#/definitions/Shelf" } }));
    let shelf = object(&json!({ "book": { "$ref": "#/definitions/Book" } }));
    assert_snapshot!(error(&json!({ "Book": book, "Shelf": shelf })));
}

#[test]
fn indistinguishable_variants() {
    let variant = |tag: &str| object(&json!({ "type": { "type": "string", "enum": [tag] } }));
    let book = |one, other| error(&json!({ "Book": { "oneOf": [variant(one), variant(other)] } }));
    assert_snapshot!(lines(&[
        book("a", "a"),
        book("a b", "a  b"),
        book("a", "unrecognized")
    ]));
}

#[test]
fn names_that_collide() {
    let text = json!({ "type": "string" });
    let fields = object(&json!({ "aField": text, "a_field": text }));
    let inline = object(&json!({ "cover": { "type": "string", "enum": ["a"] } }));
    let value = object(&json!({ "value": { "$ref": "#/definitions/Value" } }));
    assert_snapshot!(lines(&[
        error(&json!({ "Book": fields })),
        error(&json!({ "Book": inline, "BookCover": text })),
        error(&json!({ "Book": text, "snake_case": text })),
        error(&json!({ "Book": value, "Value": text }))
    ]));
}

#[test]
fn responses_that_belong_to_no_method_and_methods_without() {
    let empty = json!({ "type": "object" });
    let definitions = json!({ "Book": empty });
    let params = json!({ "$ref": "#/definitions/MemoryParams" });
    let twice = json!({ "Book": empty, "MemoryParams": empty });
    assert_snapshot!(lines(&[
        error_with("ClientRequest", message("book/lend", None), &definitions),
        error(&json!({ "Book": empty, "BookLendResponse": empty })),
        error_with("ClientRequest", message("other", Some(params)), &twice)
    ]));
}

#[test]
fn messages_that_are_none() {
    let definitions = json!({ "Book": { "type": "object" } });
    let bare = object(&json!({ "params": { "$ref": "#/definitions/Book" } }));
    let inline = message("inline", Some(json!({ "type": "string" })));
    let mut inputs = fixture::told("Book", &definitions).inputs();
    let dump = inputs
        .experimental
        .replace("\"ServerRequest\"", "\"Renamed\"");
    (inputs.stable, inputs.experimental) = (dump.clone(), dump);
    assert_snapshot!(lines(&[
        error_with("ServerNotification", bare, &definitions),
        error_with("ServerNotification", inline, &definitions),
        error_of(&inputs)
    ]));
}

#[test]
fn a_message_inside_a_message() {
    let book = object(&json!({ "sent": { "$ref": "#/definitions/ServerNotification" } }));
    assert_snapshot!(error(&json!({ "Book": book })));
}

#[test]
fn a_fixup_that_no_longer_applies() {
    let mended = object(&json!({ "tool": { "type": "string" } }));
    let book = object(&json!({ "tools": { "$ref": "#/definitions/AppToolsConfig" } }));
    assert_snapshot!(error(&json!({ "Book": book, "AppToolsConfig": mended })));
}

#[test]
fn typescript_that_disagrees() {
    let fixture = fixture::read("server_presence");
    let with = |name: &str, from: &str, to: &str| {
        let mut inputs = fixture.inputs();
        let file = inputs.typescript.as_mut().unwrap().get_mut(name).unwrap();
        assert!(file.contains(from));
        *file = file.replace(from, to);
        error_of(&inputs)
    };
    let mut inputs = fixture.inputs();
    inputs.typescript.as_mut().unwrap().remove("LoanState.ts");
    assert_snapshot!(lines(&[
        with("Loan.ts", "due:", "dueAt:"),
        with("LoanState.ts", "\"open\"", "\"opened\""),
        with("ClientRequest.ts", "getAuthStatus", "getSomethingElse"),
        with("LoanState.ts", "= \"open\"", "= keyof Loan"),
        error_of(&inputs)
    ]));
}

#[test]
fn documents_that_are_no_dump() {
    let inputs = fixture::told("Book", &json!({ "Book": { "type": "object" } })).inputs();
    let experimental = |text: &str| {
        error_of(&Inputs {
            experimental: text.to_owned(),
            ..inputs.clone()
        })
    };
    assert_snapshot!(lines(&[
        experimental("{"),
        experimental("[]"),
        experimental(&document(&Map::new()))
    ]));
}

#[test]
fn one_name_for_two_things() {
    let mut inputs = fixture::told("Book", &json!({ "Book": { "type": "object" } })).inputs();
    let mut dump: Value = serde_json::from_str(&inputs.experimental).unwrap();
    dump["definitions"]["v2"] = json!({ "Book": { "type": "string" } });
    inputs.experimental = dump.to_string();
    assert_snapshot!(error_of(&inputs));
}
