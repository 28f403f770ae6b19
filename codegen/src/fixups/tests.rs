//! Every correction is needed, checked, and fails when its defect is missing.

use serde_json::{Value, json};

use super::{EDITS, Edit, Fixups, apply, wire};
use crate::Error;
use crate::crosscheck;
use crate::documents::Document;
use crate::schema::decode::decode;
use crate::schema::{Schema, Shape};
use crate::typescript::testing;

fn dumped() -> Document {
    Document::read("dump", &testing::inputs().experimental).unwrap()
}

fn document(definitions: &Value) -> Document {
    Document::read("dump", &json!({ "definitions": definitions }).to_string()).unwrap()
}

fn corrected() -> crate::bundle::Bundle {
    let mut bundle = testing::bundle();
    crate::casing::follow(&mut bundle, &testing::typescript());
    bundle
}

#[test]
fn each_edit_corrects_what_the_cross_check_would_refuse() {
    let typescript = testing::typescript();
    let mut dumped = dumped();
    for edit in EDITS {
        let mut bundle = corrected();
        let json = dumped.named_mut(edit.definition).next().unwrap();
        let broken = decode(json, edit.definition).unwrap();
        bundle
            .definitions
            .insert(edit.definition.to_owned(), broken);
        let problems = crosscheck::check(&bundle, &typescript).problems;
        let is_named = |error: &Error| matches!(error, Error::CrossCheck { type_name, .. } if type_name == edit.definition);
        assert!(problems.iter().any(is_named), "{}: {problems:?}", edit.name);
    }
}

#[test]
fn an_edit_without_its_defect_fails() {
    let mut document = dumped();
    assert!(apply(&mut document).is_empty());
    let problems = apply(&mut document);
    assert_eq!(problems.len(), EDITS.len());
    for (edit, error) in EDITS.iter().zip(problems) {
        let is_it = matches!(error, Error::Fixup { fixup, found: 0, .. } if fixup == edit.name);
        assert!(is_it, "{}: {error}", edit.name);
    }
}

#[test]
fn a_definition_that_the_dump_lacks_needs_no_fixup() {
    assert!(apply(&mut document(&json!({ "Other": {} }))).is_empty());
}

#[test]
fn definitions_are_renamed_removed_added_and_edited() {
    const FIXUPS: Fixups = Fixups {
        renamed: &[("snake_case", "SnakeCase")],
        removed: &["Odd"],
        added: &[("Missing", "{\"type\": \"string\"}")],
        edits: &[Edit {
            name: "no_pattern",
            definition: "SnakeCase",
            expected: 1,
            apply: |json| usize::from(json.as_object_mut().unwrap().remove("pattern").is_some()),
        }],
    };
    let dump = json!({
        "snake_case": { "type": "string", "pattern": "a" },
        "Odd": { "not": {} },
        "Book": { "$ref": "#/definitions/snake_case" },
    });
    let mut document = document(&dump);
    assert!(FIXUPS.apply(&mut document).is_empty());
    let expected = json!({
        "Book": { "$ref": "#/definitions/SnakeCase" },
        "Missing": { "type": "string" },
        "SnakeCase": { "type": "string" },
    });
    assert_eq!(json!(document.definitions), expected);
    // Definitions that the dump has now are not added, and not the target of a rename.
    let problems: Vec<_> = FIXUPS
        .apply(&mut document)
        .iter()
        .map(Error::to_string)
        .collect();
    assert!(
        problems[0].contains("RENAMED (`snake_case`)"),
        "{problems:?}"
    );
    assert!(problems[1].contains("ADDED (`Missing`)"), "{problems:?}");
}

#[test]
fn lost_maps_are_found_again() {
    let bundle = testing::bundle();
    let expected = Shape::Map(Box::new(Schema::reference("AppToolConfig")));
    assert_eq!(bundle.definitions["AppToolsConfig"].shape, expected);
    assert_eq!(bundle.stable["AppToolsConfig"].shape, expected);
}

#[test]
fn every_entry_about_the_wire_is_about_this_dump() {
    let typescript = testing::typescript();
    let tables = wire::ABSENT_WHEN_EMPTY.iter().chain(wire::NULL_WHEN_EMPTY);
    for (definition, field) in tables {
        let facts = typescript.field(definition, None, field);
        assert!(facts.is_some(), "{definition}.{field}");
    }
}

#[test]
fn the_wire_tables_go_before_typescript() {
    let typescript = testing::typescript();
    let is_absent = |definition, variant, field| {
        wire::is_absent_when_empty(Some(&typescript), definition, variant, field)
    };
    assert!(is_absent("ConfigReadResponse", None, "layers"));
    assert!(!is_absent("ThreadItem", Some("plan"), "completedAtMs"));
    assert!(is_absent("ConfigWarningNotification", None, "range"));
    assert!(!is_absent("Thread", None, "name"));
    assert!(!is_absent("NoSuchType", None, "name"));
}

#[test]
fn a_notification_that_gets_listed_is_reported() {
    let mut bundle = corrected();
    let union = bundle.definitions.get_mut("ServerNotification").unwrap();
    let Shape::Union(union) = &mut union.shape else {
        panic!("not a union");
    };
    let mut listed = union.branches[0].clone();
    let Shape::Object(object) = &mut listed.shape else {
        panic!("not an object");
    };
    let method = object.properties.get_mut("method").unwrap();
    let Shape::Enumeration(values) = &mut method.schema.shape else {
        panic!("not a tag");
    };
    values[0].value = String::from("rawResponse/completed");
    union.branches.push(listed);
    let problems = wire::require_needed(&bundle.definitions, &testing::typescript());
    let problems: Vec<_> = problems.iter().map(Error::to_string).collect();
    assert!(problems.join("").contains("lists it now"), "{problems:?}");
}
