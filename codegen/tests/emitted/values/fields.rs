//! Objects: their fields, and the forms of empty fields.

use codex_types::Field;
use serde_json::{Value, json};

use super::{fault, same};
use crate::*;

#[test]
fn objects() {
    let value = json!({ "title": "A", "pages": 1, "lent": false, "shelf": { "row": "x" } });
    let book: object::Book = same(value);
    assert_eq!((book.pages, book.shelf.row.as_str()), (1, "x"));
    assert_eq!(
        book,
        object::Book::new(false, 1, object::Shelf::new("x"), "A")
    );
    let fault =
        fault::<object::Book>(json!({ "title": "A", "pages": 1, "lent": true, "shelf": {} }));
    assert_eq!(fault, "shelf.row: missing field");
}

#[test]
fn unknown_fields_are_kept() {
    let book: empty_object::Book = same(json!({ "added": { "later": null } }));
    assert_eq!(book.extra()["added"]["later"], Value::Null);
    assert_eq!(empty_object::Book::default().extra().len(), 0);
    let register: open_object::Register = same(json!({ "owner": "x", "any": 1 }));
    assert_eq!(register.extra()["any"], 1);
    let _: closed_object::Update = same(json!({ "owner": "x", "added": true }));
}

#[test]
fn empty_fields_of_the_server_keep_their_form() {
    use server_presence::{Loan, LoanState};
    let empty = json!({ "due": null, "note": null, "returned": null });
    let loan: Loan = same(empty.clone());
    assert_eq!(loan, Loan::new(None));
    assert_eq!(loan.days_or_default(), 14);
    assert_eq!(loan.label_or_default(), "none");
    assert_eq!(loan.state_or_default(), LoanState::Open);
    assert!(loan.tags_or_default().is_empty());
    let full = Loan::new(String::from("today"))
        .note("n")
        .remark("r")
        .renewed(true)
        .days(3);
    let full = full
        .returned("t")
        .state(LoanState::Closed)
        .tags(["a".to_owned()])
        .label("l");
    let written = serde_json::to_value(&full).unwrap();
    assert_eq!(same::<Loan>(written.clone()), full);
    assert_eq!(written.as_object().unwrap().len(), 9);
    assert_eq!(fault::<Loan>(json!({})), "due: missing field");
}

#[test]
fn in_what_a_client_sends_absent_null_and_a_value_differ() {
    use client_presence::Order;
    let order = |value| same::<Order>(value);
    assert_eq!(
        order(json!({ "title": "A", "deadline": null })).binding,
        Field::Absent
    );
    let null = order(json!({ "title": "A", "deadline": null, "binding": null }));
    assert_eq!(null, Order::new(None, "A").binding_null());
    let full = order(json!({ "title": "A", "deadline": "d", "binding": "linen", "copies": 2 }));
    assert_eq!(
        full,
        Order::new("d".to_owned(), "A").binding("linen").copies(2)
    );
    assert_eq!((null.copies_or_default(), full.copies_or_default()), (1, 2));
    let free = order(json!({ "title": "A", "deadline": null, "anything": null }));
    assert_eq!(free.anything, Some(Value::Null));
}

#[test]
fn references_with_words_or_null_beside_them() {
    let book: all_of_reference::Book = same(json!({ "binding": "paper" }));
    assert_eq!(book.cover_or_default(), all_of_reference::Binding::Paper);
    let book: any_of_null::Book = same(json!({ "owner": null, "shelf": null }));
    assert_eq!(book.owner, None);
    let _: any_of_null::Book = same(json!({ "owner": { "row": "x" }, "shelf": { "row": "y" } }));
    let patch: any_of_null::BookPatch = same(json!({ "shelf": null }));
    assert_eq!(patch.shelf, Field::Null);
    let _: any_of_null::BookPatch = same(json!({}));
}

#[test]
fn every_type_may_be_null() {
    let empty = json!({
        "text": null, "integer": null, "number": null,
        "boolean": null, "list": null, "map": null,
    });
    let _: nullable_types::Book = same(empty);
    let full = json!({
        "text": "x", "integer": -1, "number": 0.5,
        "boolean": true, "list": ["x", null], "map": { "a": null, "b": "y" },
    });
    let book: nullable_types::Book = same(full);
    assert_eq!(book.list.unwrap()[1], None);
}

#[test]
fn secrets_are_sent_but_not_printed() {
    let key: secret::Key = same(json!({ "owner": "me", "apiKey": "abc", "accessToken": "def" }));
    let printed = format!("{key:?}");
    assert!(printed.contains("me"), "{printed}");
    assert!(
        !printed.contains("abc") && !printed.contains("def"),
        "{printed}"
    );
}

#[test]
fn documentation_and_stability_leave_no_trace_in_the_value() {
    let _: documentation::Book = same(json!({ "title": "A" }));
    let book: stability::Book = same(json!({ "title": "A", "draft": { "version": 1 } }));
    assert_eq!(book.draft, Some(stability::Draft::new(1)));
}

#[test]
fn unnamed_objects_are_named_by_their_place() {
    let value = json!({ "cover": { "color": "red", "print": { "type": "gold" } } });
    let book: inline::Book = same(value);
    assert_eq!(book.cover.color, inline::BookCoverColor::Red);
    assert!(matches!(book.cover.print, inline::BookCoverPrint::Gold(_)));
}

#[test]
fn names_that_are_none_in_rust() {
    let value = json!({
        "type": "t", "async": true, "enum": ["e"], "const": "c", "_meta": "m", "$schema": "s",
        "ca-certificate": "x", "PreToolUse": "p", "snake_case": "a", "camelCase": "b",
        "extra": "1", "new": "2", "7d": "3", "value": "some/thing",
    });
    let names: names::Names = same(value);
    assert!(names.extra().is_empty(), "{names:?}");
    assert_eq!(names.value, Some(names::Value7::SomeSlashThing));
}
