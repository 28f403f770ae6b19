//! Lifetimes across runtimes, and the attributes and texts derived from them.

use codegen::Inventory;
use codegen::history::{History, Runtime};
use serde_json::{Value, json};

use crate::dump::INPUTS;
use crate::fixture::{self, Fixture, emitted};

fn runtime(version: &str) -> Runtime {
    Runtime {
        version: version.to_owned(),
        archive: format!("sha512-{version}"),
        schema: "0".to_owned(),
    }
}

fn object(required: &[&str], optional: &[&str]) -> Value {
    let fields = required.iter().chain(optional);
    let properties = fields.map(|name| ((*name).to_owned(), json!({ "type": "string" })));
    let properties: serde_json::Map<_, _> = properties.collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn told(thing: &Value) -> Fixture {
    fixture::told("Thing", &json!({ "Thing": thing }))
}

fn inspect(fixture: &Fixture) -> Inventory {
    codegen::inspect(&fixture.inputs()).unwrap_or_else(|error| panic!("{error}"))
}

/// Runtimes 1.0.0, 1.1.0, ... with these schemas.
fn history(fixtures: &[Fixture]) -> History {
    let mut history = History::default();
    for (index, fixture) in fixtures.iter().enumerate() {
        history.extend(runtime(&format!("1.{index}.0")), &inspect(fixture));
    }
    history
}

#[test]
fn fields_come_go_and_come_back() {
    let history = history(&[
        told(&object(&["a"], &["b"])),
        told(&object(&["a"], &["c"])),
        told(&object(&["a"], &["b", "c"])),
    ]);
    assert_eq!(history.since("Thing"), None);
    assert_eq!(history.since("Thing.c"), Some("1.1.0"));
    assert_eq!(history.since("Thing.b"), None);
    assert_eq!(history.until("Thing.b"), None);
    assert!(
        history
            .render()
            .contains(r#""Thing.b": {"gaps":[["1.1.0","1.1.0"]]}"#)
    );
}

#[test]
fn removed_field_has_a_last_runtime() {
    let history = history(&[told(&object(&["a"], &["b"])), told(&object(&["a"], &[]))]);
    assert_eq!(history.until("Thing.b"), Some("1.0.0"));
}

#[test]
fn member_as_old_as_its_owner_has_no_line() {
    let later = fixture::told(
        "Thing",
        &json!({
            "Thing": object(&["a"], &[]),
            "Other": object(&["x"], &["y"]),
        }),
    );
    let history = history(&[told(&object(&["a"], &[])), later]);
    // No message reaches it.
    assert_eq!(history.since("Other"), None);
    assert!(!history.render().contains("Thing"));
}

#[test]
fn stable_schema_takes_over_an_experimental_field() {
    let thing = object(&["a"], &["b"]);
    let history = history(&[told(&thing).experimental(&["Thing.b"]), told(&thing)]);
    assert_eq!(history.since("Thing.b"), None);
    assert_eq!(history.stable_since("Thing.b"), Some("1.1.0"));
    assert_eq!(history.stable_since("Thing.a"), None);
}

#[test]
fn required_field_that_an_older_runtime_did_not_always_send() {
    let history = history(&[
        told(&object(&["a"], &["b"])),
        told(&object(&["a", "b", "c"], &[])),
    ]);
    assert_eq!(history.required_since("Thing", "a", true), None);
    assert_eq!(history.required_since("Thing", "b", true), Some("1.1.0"));
    assert_eq!(history.required_since("Thing", "c", true), Some("1.1.0"));
}

#[test]
fn file_extended_release_by_release_is_the_file_made_at_once() {
    let fixtures = [
        told(&object(&["a"], &["b"])),
        told(&object(&["a"], &["c"])).experimental(&["Thing.c"]),
        told(&object(&["a", "b"], &["c"])),
        told(&object(&["a", "b"], &[])),
        told(&object(&["b", "c"], &["a"])),
    ];
    let mut text = history(&fixtures[..1]).render();
    for index in 1..fixtures.len() {
        let mut read = History::parse(&text).unwrap();
        read.complete(&inspect(&fixtures[index - 1]));
        read.extend(runtime(&format!("1.{index}.0")), &inspect(&fixtures[index]));
        text = read.render();
        assert_eq!(text, history(&fixtures[..=index]).render());
    }
}

#[test]
fn damaged_file_is_an_error_with_a_place() {
    let check = |text: &str, expected: &str| {
        let error = History::parse(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    };
    check("{", "schema/history.json: not valid JSON");
    check("{}", "schema/history.json: runtimes: it is missing");
    let unknown = r#"{"runtimes":[],"methods":{"a":{"since":"9.9.9"}},"types":{}}"#;
    check(
        unknown,
        "schema/history.json: a: \"9.9.9\" is no runtime of the file",
    );
}

#[test]
fn field_that_not_every_runtime_sends_is_optional() {
    let old = told(&object(&["a"], &[]));
    let new = told(&object(&["a", "b"], &[]));
    let mut inputs = new.inputs();
    inputs.history = Some(history(&[old, told(&object(&["a", "b"], &[]))]).render());
    let output = codegen::generate(&inputs).unwrap_or_else(|error| panic!("{error}"));
    let types = emitted(&output, "common");
    assert!(types.contains("pub a: String"), "{types}");
    assert!(
        types.contains("/// Since 1.1.0.\n    pub b: Option<String>"),
        "{types}"
    );
    assert!(
        types.contains("pub fn new(a: impl Into<String>) -> Self"),
        "{types}"
    );
}

#[test]
fn field_that_clients_send_stays_required() {
    let sent = |thing: &Value| Fixture::sent(&[], &["Thing"], &json!({ "Thing": thing }));
    let new = sent(&object(&["a", "b"], &[]));
    let mut inputs = new.inputs();
    inputs.history = Some(history(&[sent(&object(&["a"], &[])), new]).render());
    let output = codegen::generate(&inputs).unwrap_or_else(|error| panic!("{error}"));
    let types = emitted(&output, "common");
    assert!(types.contains("pub b: String"), "{types}");
}

#[test]
fn checked_in_history_reaches_to_the_pinned_runtime() {
    let text = INPUTS.history.as_deref().unwrap();
    let mut history = History::parse(text).unwrap();
    assert_eq!(history.newest(), Some(INPUTS.runtime_version.as_str()));
    // Reading and writing neither loses nor invents anything.
    assert_eq!(history.render(), text);
    history.complete(&codegen::inspect(&bare()).unwrap());
    assert_eq!(history.render(), text);
    assert_eq!(history.since("thread/rollback"), None);
    assert!(history.until("thread/rollback").is_some());
}

fn bare() -> codegen::Inputs {
    codegen::Inputs {
        history: None,
        ..INPUTS.clone()
    }
}
