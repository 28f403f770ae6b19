//! Breaks the corrected dump in memory and expects to hear about it.

use super::{check, known};
use crate::bundle::Bundle;
use crate::fixups;
use crate::schema::{Schema, Shape};
use crate::typescript::testing;

fn corrected() -> Bundle {
    let mut bundle = testing::bundle();
    fixups::apply(&mut bundle).unwrap();
    bundle
}

/// What the check says after `damage` was done to one definition.
fn error_after(definition: &str, damage: impl FnOnce(&mut Schema)) -> String {
    let mut bundle = corrected();
    damage(bundle.definitions.get_mut(definition).unwrap());
    let error = check(&bundle, &testing::typescript()).unwrap_err();
    error.to_string()
}

fn rename(schema: &mut Schema, from: &str, to: &str) {
    let Shape::Object(object) = &mut schema.shape else {
        panic!("not an object");
    };
    let property = object.properties.remove(from).unwrap();
    object.properties.insert(to.to_owned(), property);
}

fn branch<'a>(schema: &'a mut Schema, tag: &str) -> &'a mut Schema {
    let Shape::Union(union) = &mut schema.shape else {
        panic!("not a union");
    };
    let is_it = |branch: &Schema| {
        let object = branch.as_object().unwrap();
        object.properties["type"].schema.as_single_value() == Some(tag)
    };
    union.branches.iter_mut().find(|b| is_it(b)).unwrap()
}

#[test]
fn the_dump_agrees_and_all_of_it_is_compared() {
    let bundle = corrected();
    let coverage = check(&bundle, &testing::typescript()).unwrap();
    let names = bundle.definitions.keys();
    let excused = names
        .filter(|name| known::is_not_in_typescript(name))
        .count();
    assert!(excused < 20, "{excused}");
    assert_eq!(coverage.definitions, bundle.definitions.len() - excused);
    // Floors a little below what 0.169.0 has: releases add.
    assert!(coverage.objects >= 1200, "{coverage:?}");
    assert!(coverage.properties >= 4000, "{coverage:?}");
    assert!(coverage.literals >= 1000, "{coverage:?}");
}

#[test]
fn a_renamed_field_is_reported_with_both_names() {
    let error = error_after("Thread", |schema| rename(schema, "createdAt", "created_at"));
    assert_eq!(
        error,
        "Thread: JSON schema and TypeScript disagree: \
         only JSON has `created_at`, only TypeScript has `createdAt`; \
         add a fixup, or the reason in DIFFERENCES in codegen/src/crosscheck/known.rs"
    );
}

#[test]
fn a_renamed_field_of_a_variant_is_reported_with_the_variant() {
    let error = error_after("ThreadItem", |schema| {
        rename(
            branch(schema, "agentMessage"),
            "memoryCitation",
            "memory_citation",
        );
    });
    let place = "ThreadItem: JSON schema and TypeScript disagree: at `[type=agentMessage]` ";
    assert!(error.starts_with(place), "{error}");
}

#[test]
fn a_renamed_field_of_an_inline_object_is_reported() {
    let error = error_after("CodexErrorInfo", |schema| {
        let Shape::Union(union) = &mut schema.shape else {
            panic!("not a union");
        };
        let holder = union.branches.iter_mut().find_map(|branch| {
            let Shape::Object(object) = &mut branch.shape else {
                return None;
            };
            object.properties.get_mut("httpConnectionFailed")
        });
        rename(
            &mut holder.unwrap().schema,
            "httpStatusCode",
            "http_status_code",
        );
    });
    assert!(error.contains("at `.httpConnectionFailed`"), "{error}");
}

#[test]
fn a_renamed_tag_is_reported() {
    let error = error_after("ThreadItem", |schema| {
        let Shape::Object(object) = &mut branch(schema, "plan").shape else {
            panic!("not an object");
        };
        let tag = object.properties.get_mut("type").unwrap();
        tag.schema.shape = Shape::Enumeration(vec![crate::schema::EnumValue {
            value: String::from("scheme"),
            description: None,
        }]);
    });
    let difference = "only JSON has `[type=scheme]`, only TypeScript has `[type=plan]`";
    assert!(error.contains(difference), "{error}");
}

#[test]
fn a_missing_enum_value_is_reported() {
    let error = error_after("PlanType", |schema| {
        let Shape::Enumeration(values) = &mut schema.shape else {
            panic!("not an enumeration");
        };
        values.retain(|value| value.value != "plus");
    });
    assert!(error.contains("only TypeScript has `plus`"), "{error}");
}

#[test]
fn another_kind_of_value_is_reported() {
    let error = error_after("Thread", |schema| {
        let Shape::Object(object) = &mut schema.shape else {
            panic!("not an object");
        };
        object.properties.get_mut("createdAt").unwrap().schema.shape = Shape::Boolean;
    });
    let difference = "at `.createdAt` only JSON has `boolean`, only TypeScript has `number`";
    assert!(error.contains(difference), "{error}");
}

#[test]
fn a_definition_that_nothing_checks_is_reported() {
    let mut bundle = corrected();
    let invented = bundle.definitions["Thread"].clone();
    bundle
        .definitions
        .insert(String::from("Invented"), invented);
    let error = check(&bundle, &testing::typescript()).unwrap_err();
    assert!(
        error.to_string().contains("TypeScript has no such type"),
        "{error}"
    );
}

#[test]
fn a_known_difference_that_is_gone_is_reported() {
    let mut files = testing::files();
    let config = files.get_mut("v2/AnalyticsConfig.ts").unwrap();
    let start = config.find(" & (").unwrap();
    config.replace_range(start.., ";");
    let typescript = crate::typescript::TypeScript::parse(&files).unwrap();
    let error = check(&corrected(), &typescript).unwrap_err();
    assert!(
        error.to_string().contains("a known difference is gone"),
        "{error}"
    );
}
