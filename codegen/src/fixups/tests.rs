//! Every correction is needed, checked, and fails when it is not.

use super::{FIXUPS, apply, apply_all, wire};
use crate::Error;
use crate::crosscheck;
use crate::schema::{Schema, Shape};
use crate::typescript::testing;

#[test]
fn each_fixup_corrects_what_the_cross_check_would_refuse() {
    let typescript = testing::typescript();
    let dumped = testing::bundle();
    let mut corrected = dumped.clone();
    apply(&mut corrected).unwrap();
    for fixup in FIXUPS {
        let mut bundle = corrected.clone();
        let broken = dumped.definitions[fixup.definition].clone();
        bundle
            .definitions
            .insert(fixup.definition.to_owned(), broken);
        let error = crosscheck::check(&bundle, &typescript).unwrap_err();
        let named = matches!(&error, Error::CrossCheck { type_name, .. }
            if type_name == fixup.definition);
        assert!(named, "{}: {error}", fixup.name);
    }
}

#[test]
fn a_fixup_without_its_defect_fails() {
    for fixup in FIXUPS {
        let mut definitions = testing::bundle().definitions;
        definitions.retain(|name, _| name == fixup.definition);
        apply_all(FIXUPS, &mut definitions).unwrap();
        let error = apply_all(FIXUPS, &mut definitions).unwrap_err();
        let is_it =
            matches!(error, Error::Fixup { fixup: name, found: 0, .. } if name == fixup.name);
        assert!(is_it, "{}: {error}", fixup.name);
    }
}

#[test]
fn a_definition_that_the_dump_lacks_needs_no_fixup() {
    let mut bundle = testing::bundle();
    bundle.definitions.clear();
    bundle.stable.clear();
    apply(&mut bundle).unwrap();
}

#[test]
fn lost_maps_are_found_again() {
    let mut bundle = testing::bundle();
    apply(&mut bundle).unwrap();
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
    let mut bundle = testing::bundle();
    apply(&mut bundle).unwrap();
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
    let error = wire::require_needed(&bundle.definitions, &testing::typescript()).unwrap_err();
    assert!(error.to_string().contains("lists it now"), "{error}");
}

#[test]
fn camel_case_joins_words() {
    assert_eq!(super::camel_case("turn_id"), "turnId");
    assert_eq!(super::camel_case("a_b_c"), "aBC");
    assert_eq!(super::camel_case("plain"), "plain");
}
