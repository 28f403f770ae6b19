//! Damages the corrected dump in memory and expects an error.

use super::{check, known};
use crate::bundle::Bundle;
use crate::casing;
use crate::schema::{Schema, Shape};
use crate::typescript::{TypeScript, testing};

fn corrected() -> Bundle {
    let mut bundle = testing::bundle();
    casing::follow(&mut bundle, &testing::typescript());
    bundle
}

/// The error after `damage` was applied to one definition.
fn error_after(definition: &str, damage: impl FnOnce(&mut Schema)) -> String {
    let mut bundle = corrected();
    damage(bundle.definitions.get_mut(definition).unwrap());
    problems(&bundle, &testing::typescript())
}

fn problems(bundle: &Bundle, typescript: &TypeScript) -> String {
    let problems = check(bundle, typescript).problems;
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    problems.join("\n")
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
    let checked = check(&bundle, &testing::typescript());
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
    let coverage = checked.coverage;
    let names = bundle.definitions.keys();
    let excused = names
        .filter(|name| known::is_not_in_typescript(name))
        .count();
    assert!(excused < 20, "{excused}");
    assert_eq!(coverage.definitions, bundle.definitions.len() - excused);
    // Lower limits slightly below the counts of 0.169.0: releases add.
    assert!(coverage.objects >= 1200, "{coverage:?}");
    assert!(coverage.properties >= 4000, "{coverage:?}");
    assert!(coverage.literals >= 1000, "{coverage:?}");
}

#[test]
fn a_renamed_field_is_reported_with_both_names() {
    let error = error_after("Thread", |schema| rename(schema, "createdAt", "madeAt"));
    assert_eq!(
        error,
        "experimental/codex_app_server_protocol.schemas.json#/definitions/v2/Thread: \
         JSON schema and TypeScript disagree about `Thread`: \
         only JSON has `madeAt`, only TypeScript has `createdAt`; \
         correct the one that is wrong in EDITS in codegen/src/fixups.rs, \
         or add the reason to DIFFERENCES in codegen/src/crosscheck/known.rs"
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
    let place = "disagree about `ThreadItem`: at `[type=agentMessage]` ";
    assert!(error.contains(place), "{error}");
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
    let error = problems(&bundle, &testing::typescript());
    assert!(error.contains("TypeScript has no such type"), "{error}");
}

#[test]
fn obsolete_known_difference_is_reported() {
    let mut files = testing::files();
    let requests = files.get_mut("ClientRequest.ts").unwrap();
    for method in ["getAuthStatus", "getConversationSummary", "gitDiffToRemote"] {
        let start = requests
            .find(&format!(" | {{ \"method\": \"{method}\""))
            .unwrap();
        let end = requests[start + 3..]
            .find(" | {")
            .map(|end| start + 3 + end);
        requests.replace_range(start..end.unwrap_or(requests.len() - 1), "");
    }
    let typescript = TypeScript::parse(&files).unwrap();
    let error = problems(&corrected(), &typescript);
    assert!(error.contains("a known difference is gone"), "{error}");
}

#[test]
fn all_differences_are_reported_at_once() {
    let mut bundle = corrected();
    for (definition, field) in [("Thread", "createdAt"), ("Turn", "items")] {
        rename(
            bundle.definitions.get_mut(definition).unwrap(),
            field,
            "other",
        );
    }
    let error = problems(&bundle, &testing::typescript());
    assert!(
        error.contains("about `Thread`") && error.contains("about `Turn`"),
        "{error}"
    );
}

#[test]
fn write_only_fields_may_be_missing_in_typescript() {
    let error = error_after("Thread", |schema| {
        let Shape::Object(object) = &mut schema.shape else {
            panic!("not an object");
        };
        let mut written = object.properties["id"].clone();
        written.schema.write_only = true;
        object.properties.insert(String::from("written"), written);
    });
    assert_eq!(error, "");
}

#[test]
fn any_other_key_is_compared() {
    let error = error_after("AnalyticsConfig", |schema| {
        let Shape::Object(object) = &mut schema.shape else {
            panic!("not an object");
        };
        object.open = false;
    });
    assert!(
        error.contains("only TypeScript has `any other key`"),
        "{error}"
    );
}
