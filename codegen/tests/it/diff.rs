//! The rules by which a difference between two schemas breaks decoding, the Rust API, or neither.

use std::collections::BTreeSet;

use codegen::Inventory;
use codegen::diff::{self, Change, Class, Diff, Format, Level};
use serde_json::{Value, json};

use crate::fixture::{Fixture, document, message};

/// The end that sends the definition `Thing` of a test.
#[derive(Clone, Copy)]
enum Sender {
    Server,
    Client,
}
use Sender::{Client, Server};

fn inspect(fixture: &Fixture) -> Inventory {
    codegen::inspect(&fixture.inputs()).unwrap_or_else(|error| panic!("{error}"))
}

fn fixture(sender: Sender, definitions: &Value) -> Fixture {
    match sender {
        Server => Fixture::sent(&["Thing"], &[], definitions),
        Client => Fixture::sent(&[], &["Thing"], definitions),
    }
}

fn compare(sender: Sender, old: &Value, new: &Value) -> Diff {
    let (old, new) = (fixture(sender, old), fixture(sender, new));
    diff::compare(&inspect(&old), &inspect(&new))
}

/// `class place aspect` of a change.
fn line(change: &Change) -> String {
    let class = match change.class() {
        Class::BreaksDecoding => "decoding",
        Class::BreaksApi => "api",
        _ => "additive",
    };
    let aspect = format!("{:?}", change.aspect).to_lowercase();
    format!("{class} {} {aspect}", change.place)
}

#[track_caller]
fn check_definitions(sender: Sender, old: &Value, new: &Value, expected: &[&str]) {
    let changes = compare(sender, old, new).changes;
    let lines: Vec<String> = changes.iter().map(line).collect();
    assert_eq!(lines, expected);
}

#[track_caller]
fn check(sender: Sender, old: &Value, new: &Value, expected: &[&str]) {
    let thing = |thing: &Value| json!({ "Thing": thing });
    check_definitions(sender, &thing(old), &thing(new), expected);
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the callers write the properties in place"
)]
fn object(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn nullable_text() -> Value {
    json!({ "type": ["string", "null"] })
}

fn tagged(variants: &[(&str, Value)]) -> Value {
    let branch = |(tag, value): &(&str, Value)| {
        let tag = json!({ "type": "string", "enum": [tag] });
        object(json!({ "type": tag, "value": value }), &["type", "value"])
    };
    json!({ "oneOf": variants.iter().map(branch).collect::<Vec<_>>() })
}

#[test]
fn equal_schemas_have_no_difference() {
    let thing = json!({ "Thing": object(json!({ "a": text() }), &["a"]) });
    let diff = compare(Server, &thing, &thing);
    assert_eq!(diff.changes, []);
    assert!(diff.verdicts.iter().all(|it| it.level == Level::None));
}

#[test]
fn removed_required_field() {
    let old = object(json!({ "a": text(), "b": text() }), &["a"]);
    let (new, required) = (
        object(json!({ "b": text() }), &[]),
        &["decoding Thing.a removed"],
    );
    check(Server, &old, &new, required);
    check(Client, &old, &new, &["api Thing.a removed"]);
}

#[test]
fn removed_optional_field() {
    let old = object(json!({ "a": text(), "b": text() }), &[]);
    let new = object(json!({ "b": text() }), &[]);
    check(Server, &old, &new, &["api Thing.a removed"]);
    check(Client, &old, &new, &["api Thing.a removed"]);
}

#[test]
fn added_optional_field() {
    let old = object(json!({ "b": text() }), &[]);
    let new = object(json!({ "a": text(), "b": text() }), &[]);
    check(Server, &old, &new, &["additive Thing.a added"]);
    check(Client, &old, &new, &["additive Thing.a added"]);
}

#[test]
fn added_required_field() {
    let old = object(json!({ "b": text() }), &["b"]);
    let new = object(json!({ "a": text(), "b": text() }), &["a", "b"]);
    // `new` has one more argument.
    check(Server, &old, &new, &["api Thing.a added"]);
    check(Client, &old, &new, &["decoding Thing.a added"]);
}

#[test]
fn required_field_becomes_optional() {
    let old = object(json!({ "a": text() }), &["a"]);
    let new = object(json!({ "a": text() }), &[]);
    check(Server, &old, &new, &["decoding Thing.a required"]);
    check(Client, &old, &new, &["api Thing.a required"]);
    check(Server, &new, &old, &["api Thing.a required"]);
    check(Client, &new, &old, &["decoding Thing.a required"]);
}

#[test]
fn required_field_becomes_nullable() {
    let old = object(json!({ "a": text() }), &["a"]);
    let new = object(json!({ "a": nullable_text() }), &["a"]);
    check(Server, &old, &new, &["decoding Thing.a nullable"]);
    check(Client, &old, &new, &["api Thing.a nullable"]);
    check(Server, &new, &old, &["api Thing.a nullable"]);
    check(Client, &new, &old, &["decoding Thing.a nullable"]);
}

#[test]
fn empty_field_written_in_another_way_breaks_nothing() {
    let old = object(json!({ "a": text() }), &[]);
    let new = object(json!({ "a": nullable_text() }), &[]);
    check(Server, &old, &new, &["additive Thing.a nullable"]);
}

#[test]
fn changed_type_of_a_field() {
    let old = object(json!({ "a": text() }), &["a"]);
    let new = object(json!({ "a": { "type": "boolean" } }), &["a"]);
    check(Server, &old, &new, &["decoding Thing.a type"]);
    check(Client, &old, &new, &["decoding Thing.a type"]);
}

#[test]
fn wider_and_narrower_integers() {
    let integer = |format: &str| {
        let integer = json!({ "type": "integer", "format": format });
        object(json!({ "a": integer }), &["a"])
    };
    let (narrow, wide) = (integer("int32"), integer("int64"));
    check(Server, &narrow, &wide, &["decoding Thing.a type"]);
    check(Client, &narrow, &wide, &["api Thing.a type"]);
    check(Server, &wide, &narrow, &["api Thing.a type"]);
    check(Client, &wide, &narrow, &["decoding Thing.a type"]);
}

#[test]
fn string_type_with_another_name_is_the_same_on_the_wire() {
    let thing = |target: &str| {
        let reference = json!({ "$ref": format!("#/definitions/{target}") });
        object(json!({ "a": reference }), &["a"])
    };
    let old = json!({ "Thing": thing("Road"), "Road": text(), "Street": text() });
    let new = json!({ "Thing": thing("Street"), "Road": text(), "Street": text() });
    let expected = [
        "api Road removed",
        "additive Street added",
        "api Thing.a type",
    ];
    check_definitions(Server, &old, &new, &expected);
}

#[test]
fn element_that_became_an_object_around_it() {
    let list = |target: &str| {
        let items = json!({ "$ref": format!("#/definitions/{target}") });
        object(
            json!({ "data": { "type": "array", "items": items } }),
            &["data"],
        )
    };
    let item = object(json!({ "name": text() }), &["name"]);
    let reference = json!({ "$ref": "#/definitions/Item" });
    let entry = object(json!({ "item": reference }), &["item"]);
    let definitions = |target: &str| json!({ "Thing": list(target), "Item": item, "Entry": entry });
    let (old, new) = (definitions("Item"), definitions("Entry"));
    let changes = compare(Server, &old, &new).changes;
    let decoding = changes.iter().find(|it| it.place == "Thing.data").unwrap();
    let expected = "old types read the new runtime: `name` is required, and no longer sent";
    assert_eq!(decoding.decoding.as_deref(), Some(expected));
}

#[test]
fn values_of_an_enumeration() {
    let values = |values: &[&str]| {
        let values = json!({ "type": "string", "enum": values });
        object(json!({ "a": { "$ref": "#/definitions/Color" } }), &["a"])
            .as_object()
            .map(|thing| json!({ "Thing": thing, "Color": values }))
            .unwrap()
    };
    let (one, two) = (values(&["red", "blue"]), values(&["red"]));
    check_definitions(Server, &one, &two, &["api Color=blue removed"]);
    check_definitions(Client, &one, &two, &["decoding Color=blue removed"]);
    check_definitions(Server, &two, &one, &["additive Color=blue added"]);
    check_definitions(Client, &two, &one, &["additive Color=blue added"]);
}

#[test]
fn enumeration_that_was_opened() {
    let closed = json!({ "type": "string", "enum": ["red"] });
    let thing = object(json!({ "a": { "$ref": "#/definitions/Color" } }), &["a"]);
    let old = json!({ "Thing": thing, "Color": closed });
    let new = json!({ "Thing": thing, "Color": text() });
    check_definitions(Server, &old, &new, &["api Color type"]);
    check_definitions(Client, &old, &new, &["api Color type"]);
    // In the other direction, the runtime accepts one value only.
    check_definitions(Client, &new, &old, &["decoding Color type"]);
}

#[test]
fn values_with_descriptions_are_the_same_values() {
    let plain = json!({ "type": "string", "enum": ["red", "blue"] });
    let value = |value: &str| json!({ "type": "string", "enum": [value], "description": "New." });
    let described = json!({ "oneOf": [value("red"), value("blue")] });
    let expected = [
        "additive Thing=blue documentation",
        "additive Thing=red documentation",
    ];
    check(Server, &plain, &described, &expected);
}

#[test]
fn variants_of_a_union() {
    let one = tagged(&[("b", text()), ("c", text())]);
    let two = tagged(&[("b", text())]);
    check(Server, &one, &two, &["api Thing[c] removed"]);
    check(Client, &one, &two, &["decoding Thing[c] removed"]);
    check(Server, &two, &one, &["additive Thing[c] added"]);
    check(Client, &two, &one, &["additive Thing[c] added"]);
}

#[test]
fn field_of_a_variant() {
    let old = tagged(&[("b", text())]);
    let new = tagged(&[("b", json!({ "type": "boolean" }))]);
    let changes = compare(Server, &json!({ "Thing": old }), &json!({ "Thing": new })).changes;
    let places: Vec<_> = changes.iter().map(|it| it.place.as_str()).collect();
    assert_eq!(places, ["Thing[b].value"]);
}

#[test]
fn object_that_became_a_union() {
    let old = object(json!({ "value": text() }), &["value"]);
    let new = tagged(&[("b", text())]);
    let changes = compare(Server, &json!({ "Thing": old }), &json!({ "Thing": new })).changes;
    let change = changes.iter().find(|it| it.place == "Thing").unwrap();
    assert_eq!(line(change), "api Thing type");
    assert!(
        change
            .api
            .iter()
            .any(|it| it.contains("`Thing::new` is removed"))
    );
}

#[test]
fn default_stability_and_documentation_break_nothing() {
    let field = |field: Value| json!({ "Thing": object(json!({ "a": field }), &[]) });
    let plain = field(json!({ "type": "boolean" }));
    let default = field(json!({ "type": "boolean", "default": true }));
    check_definitions(Server, &plain, &default, &["additive Thing.a default"]);
    // The accessor that fills in the default is removed with it.
    check_definitions(Server, &default, &plain, &["api Thing.a default"]);
    let described = field(json!({ "type": "boolean", "description": "Read me." }));
    check_definitions(
        Server,
        &plain,
        &described,
        &["additive Thing.a documentation"],
    );
    let fixture = fixture(Server, &plain);
    let experimental = self::fixture(Server, &plain).experimental(&["Thing.a"]);
    let diff = diff::compare(&inspect(&fixture), &inspect(&experimental));
    let lines: Vec<_> = diff.changes.iter().map(line).collect();
    assert_eq!(lines, ["additive Thing.a stability"]);
    let levels: Vec<_> = diff.verdicts.iter().map(|it| it.level).collect();
    assert_eq!(levels, [Level::Patch; 3]);
}

/// A dump with these client requests, each with params and an empty response.
fn dump(requests: &[(&str, &str)], definitions: &Value) -> Inventory {
    let mut all = definitions.as_object().unwrap().clone();
    let branches = requests.iter().map(|(method, params)| {
        let response = format!("{}Response", params.trim_end_matches("Params"));
        all.insert(response, json!({ "type": "object" }));
        message(
            method,
            Some(json!({ "$ref": format!("#/definitions/{params}") })),
        )
    });
    let branches: Vec<Value> = branches.collect();
    all.insert("ClientRequest".into(), json!({ "oneOf": branches }));
    all.insert(
        "ServerRequest".into(),
        json!({ "oneOf": [message("skill", None)] }),
    );
    all.insert("SkillResponse".into(), json!({ "type": "object" }));
    let nothing = json!({ "oneOf": [message("nothing", None)] });
    all.insert("ServerNotification".into(), nothing.clone());
    all.insert("ClientNotification".into(), nothing);
    codegen::inspect(&codegen::Inputs {
        stable: document(&all),
        experimental: document(&all),
        ..codegen::Inputs::default()
    })
    .unwrap_or_else(|error| panic!("{error}"))
}

fn two_methods() -> Inventory {
    let definitions = json!({
        "BookParams": object(json!({ "a": text() }), &[]),
        "ShelfParams": object(json!({ "b": text() }), &[]),
    });
    dump(
        &[("book", "BookParams"), ("shelf", "ShelfParams")],
        &definitions,
    )
}

fn one_method() -> Inventory {
    let definitions = json!({ "BookParams": object(json!({ "a": text() }), &["a"]) });
    dump(&[("book", "BookParams")], &definitions)
}

#[test]
fn methods_that_come_and_go() {
    let gone = diff::compare(&two_methods(), &one_method());
    let method = gone.changes.iter().find(|it| it.place == "shelf").unwrap();
    assert_eq!(line(method), "decoding shelf removed");
    assert!(
        method
            .api
            .iter()
            .any(|it| it == "`Client::shelf()` is removed")
    );
    let come = diff::compare(&one_method(), &two_methods());
    let method = come.changes.iter().find(|it| it.place == "shelf").unwrap();
    assert_eq!(line(method), "additive shelf added");
}

#[test]
fn only_used_methods_are_reported() {
    let (old, new) = (two_methods(), one_method());
    let used = |methods: &[&str]| {
        let methods: BTreeSet<String> = methods.iter().map(ToString::to_string).collect();
        let diff = diff::compare(&old, &new).used_by(&methods, &old, &new);
        diff.map(|diff| diff.changes.iter().map(line).collect::<Vec<_>>())
    };
    assert_eq!(used(&["book"]).unwrap(), ["decoding BookParams.a required"]);
    let shelf = [
        "api ShelfParams removed",
        "api ShelfResponse removed",
        "decoding shelf removed",
    ];
    assert_eq!(used(&["shelf"]).unwrap(), shelf);
    assert_eq!(used(&["lamp", "book"]).unwrap_err(), ["lamp"]);
}

#[test]
fn report_in_every_format() {
    let diff = diff::compare(&two_methods(), &one_method());
    let render = |format| diff.render("1.0.0", "1.1.0", format);
    insta::assert_snapshot!("text", render(Format::Text));
    insta::assert_snapshot!("markdown", render(Format::Markdown));
    let json: Value = serde_json::from_str(&render(Format::Json)).unwrap();
    assert_eq!(json["verdicts"][1]["crate"], "codex-types");
    assert_eq!(json["verdicts"][1]["release"], "major");
    let changes = json["changes"].as_array().unwrap();
    let method = changes.iter().find(|it| it["place"] == "shelf").unwrap();
    assert_eq!(method["class"], "breaks-decoding");
    assert_eq!(method["sentByClient"], true);
}
