//! One value through every construct, and what is to be seen of it on the way.

use codex_types::support::macros::{Deserialize, Serialize};
use codex_types::{DecodeError, Field};
use serde_json::{Value, json};

use crate::*;

/// Reads a value and proves that it is written as it was.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "the calls are easier to read"
)]
fn same<T>(value: Value) -> T
where
    T: for<'de> Deserialize<'de> + Serialize,
{
    let model: T = serde_json::from_str(&value.to_string()).unwrap();
    assert_eq!(serde_json::to_value(&model).unwrap(), value);
    model
}

/// The path and the problem of a value that cannot be read.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "the calls are easier to read"
)]
fn fault<T: for<'de> Deserialize<'de>>(value: Value) -> String {
    let result: Result<T, _> = serde_json::from_str(&value.to_string());
    DecodeError::from(result.err().unwrap()).to_string()
}

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
fn fields_that_nobody_knows_are_kept() {
    let book: empty_object::Book = same(json!({ "added": { "later": null } }));
    assert_eq!(book.extra()["added"]["later"], Value::Null);
    assert_eq!(empty_object::Book::default().extra().len(), 0);
    let register: open_object::Register = same(json!({ "owner": "x", "any": 1 }));
    assert_eq!(register.extra()["any"], 1);
    let _: closed_object::Update = same(json!({ "owner": "x", "added": true }));
}

#[test]
fn what_the_server_leaves_empty_is_written_the_way_it_does() {
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
fn any_json_stays_what_it_is() {
    let value = json!({
        "required": null, "optional": null, "described": [1, { "a": 2.50 }],
        "list": [null, 5, "x"], "map": { "b": 1, "a": null },
    });
    let book: any_value::Book = same(value);
    assert_eq!(
        (book.required, book.optional),
        (Value::Null, Some(Value::Null))
    );
    let _: any_value::Book = same(json!({ "required": 1, "list": [], "map": {} }));
}

#[test]
fn enumerations_are_open() {
    use string_enum::Binding;
    for (wire, binding) in [
        ("half-linen", Binding::HalfLinen),
        ("FULL_LEATHER", Binding::FullLeather),
        ("unknown", Binding::Unknown),
        ("other", Binding::Other),
        ("velvet", Binding::Unrecognized("velvet".to_owned())),
    ] {
        let book: string_enum::Book = same(json!({ "binding": wire, "only": "book" }));
        assert_eq!(book.binding, binding);
    }
    assert_eq!(Binding::KNOWN.len(), 5);
    let book: documented_enum::Book = same(json!({ "binding": "linen", "reason": "reading" }));
    assert_eq!(book.reason, documented_enum::LendingReason::Reading);
    let book: mixed_enum::Book = same(json!({ "size": "none" }));
    assert_eq!(book.size, mixed_enum::Size::None);
    let fault = fault::<mixed_enum::Book>(json!({ "size": 1 }));
    assert!(fault.starts_with("size: "), "{fault}");
}

#[test]
fn variants_are_told_apart_by_their_tag() {
    use tagged_union::Medium;
    let book: Medium = same(json!({ "type": "book", "id": "1", "pages": 3 }));
    assert!(matches!(&book, Medium::Book(book) if book.pages == 3));
    assert_eq!((book.id(), book.tag()), (Some("1"), "book"));
    // The tag may come last, and a variant may be unknown.
    let late = r#"{ "id": "1", "tracks": ["x"], "type": "soundRecording" }"#;
    let late: Medium = serde_json::from_str(late).unwrap();
    assert!(matches!(late, Medium::SoundRecording(_)));
    let unknown: Medium = same(json!({ "type": "film", "id": "2", "reels": [1] }));
    assert!(matches!(unknown, Medium::Unrecognized(_)));
    assert_eq!((unknown.id(), unknown.tag()), (Some("2"), "film"));
    // A known one that is malformed is a fault, not an unknown one.
    assert_eq!(
        fault::<Medium>(json!({ "type": "book", "id": "1" })),
        "pages: missing field"
    );
    let _: tagged_union_of_one::Medium = same(json!({ "type": "book", "title": "A" }));
}

#[test]
fn tags_have_other_names_too() {
    use tag_keys::{Medium, Owner};
    for (mode, is_slash) in [("openai/form", true), ("openaiForm", false)] {
        let medium: Medium = same(json!({ "kind": "book", "owner": { "mode": mode } }));
        let Medium::Book(book) = medium else {
            panic!("not a book");
        };
        assert_eq!(matches!(book.owner, Owner::OpenaiSlashForm(_)), is_slash);
    }
    let _: Medium = same(json!({ "kind": "map" }));
}

#[test]
fn what_stands_beside_a_union_is_in_every_variant() {
    use flattened_union::Medium;
    let value = json!({ "type": "book", "shelf": "x", "pages": 1, "lentAtMs": 5 });
    let book: Medium = same(value);
    assert_eq!((book.shelf(), book.lent_at_ms()), (Some("x"), Some(5)));
    let unknown: Medium = same(json!({ "type": "film", "shelf": "y", "lentAtMs": 6 }));
    assert_eq!(
        (unknown.shelf(), unknown.lent_at_ms()),
        (Some("y"), Some(6))
    );
}

#[test]
fn alternatives_inside_a_variant_may_both_be_there() {
    use variant_alternatives::Medium;
    for alternative in [
        json!({ "type": "picture", "width": 1, "url": "u" }),
        json!({ "type": "picture", "width": 1, "fileId": "f" }),
        json!({ "type": "picture", "width": 1, "fileId": "f", "url": "u" }),
    ] {
        let _: Medium = same(alternative);
    }
}

#[test]
fn strings_and_objects_with_one_key() {
    use keyed_union::Decision;
    use keyed_union_catch_all::Failure;
    assert_eq!(same::<Decision>(json!("later")), Decision::Later);
    assert!(
        matches!(same(json!({ "conditional": { "days": 3 } })), Decision::Conditional(c) if c.days == 3)
    );
    assert_eq!(
        same::<Decision>(json!({ "reason": "x" })),
        Decision::Reason("x".to_owned())
    );
    for unknown in [json!("never"), json!({ "maybe": 1 })] {
        assert_eq!(
            same::<Decision>(unknown.clone()),
            Decision::Unrecognized(unknown)
        );
    }
    let fault = fault::<Decision>(json!({ "conditional": {} }));
    assert_eq!(fault, "conditional.days: missing field");
    assert!(matches!(same(json!("lost")), Failure::Lost));
    assert!(matches!(
        same(json!({ "overdue": { "days": null } })),
        Failure::Overdue(_)
    ));
    assert!(matches!(
        same(json!({ "burnt": true })),
        Failure::Unrecognized(_)
    ));
}

#[test]
fn values_told_apart_by_their_kind() {
    use untagged_union::{Body, Signature, SignatureId};
    let signature: Signature = same(json!({ "id": 5, "body": ["x"] }));
    assert_eq!(signature.id, SignatureId::Integer(5));
    assert!(matches!(signature.body, Body::List(_)));
    let signature: Signature = same(json!({ "id": "5", "body": { "pages": 1 } }));
    assert_eq!(signature.id, SignatureId::String("5".to_owned()));
    assert!(matches!(signature.body, Body::Pages(_)));
    let fault = fault::<Signature>(json!({ "id": "5", "body": true }));
    assert_eq!(
        fault,
        "body: invalid type: boolean, which no alternative is"
    );
}

#[test]
fn objects_told_apart_by_their_keys() {
    use untagged_objects::Source;
    assert!(matches!(
        same(json!({ "name": "n", "text": "t" })),
        Source::Text(_)
    ));
    assert!(matches!(
        same(json!({ "name": "n", "blob": "b" })),
        Source::Blob(_)
    ));
    assert!(matches!(same(json!({ "href": "h" })), Source::Link(_)));
    assert!(matches!(
        same(json!({ "name": "n" })),
        Source::Unrecognized(_)
    ));
}

#[test]
fn maps_and_lists() {
    let value = json!({
        "counts": { "b": u64::MAX, "a": 0 }, "notes": { "x": null, "y": "z" },
        "shelves": { "s": ["t"] }, "inline": { "i": { "row": "r" } },
    });
    let catalog: map::Catalog = same(value);
    assert_eq!(catalog.counts["b"], u64::MAX);
    assert_eq!(catalog.inline["i"].row, "r");
    let value =
        json!({ "titles": ["a"], "rows": [[1, -2], []], "books": [{ "title": "t" }], "names": [] });
    let catalog: array::Catalog = same(value);
    assert_eq!(catalog.books[0].title, "t");
    let fault =
        fault::<array::Catalog>(json!({ "titles": [], "rows": [], "names": [], "books": [{}] }));
    assert_eq!(fault, "books[0].title: missing field");
}

#[test]
fn numbers_of_every_size() {
    let value = json!({
        "signed32": i32::MIN, "signed64": i64::MIN, "unsigned": u64::MAX,
        "unsigned16": u16::MAX, "unsigned32": 0, "unsigned64": u64::MAX,
    });
    let _: integer::Numbers = same(value);
    let text = r#"{"estimate":0.1,"kilograms":5}"#;
    let weight: number::Weight = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&weight).unwrap(), text);
}

#[test]
fn strings_with_names_of_their_own() {
    let book: string_newtype::Book = same(json!({ "signature": "A 1", "short": "" }));
    assert_eq!(book, string_newtype::Book::new("", "A 1"));
    let value = json!({ "threadId": "t", "turnId": null, "itemId": "i", "threadIds": ["u"] });
    let position: ids::Position = same(value);
    assert_eq!(position.thread_id, codex_types::ThreadId::new("t"));
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
fn what_has_no_name_gets_one_from_where_it_stands() {
    let value = json!({ "cover": { "color": "red", "print": { "type": "gold" } } });
    let book: inline::Book = same(value);
    assert_eq!(book.cover.color, inline::BookCoverColor::Red);
    assert!(matches!(book.cover.print, inline::BookCoverPrint::Gold(_)));
}

#[test]
fn a_large_variant_does_not_make_the_others_large() {
    let mut large = json!({ "type": "large" });
    for index in 0..10 {
        large[format!("text{index:02}")] = json!("x");
    }
    let _: large_variant::Medium = same(large);
    assert!(size_of::<large_variant::Medium>() < size_of::<large_variant::LargeMedium>());
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

#[test]
fn documentation_and_stability_leave_no_trace_in_the_value() {
    let _: documentation::Book = same(json!({ "title": "A" }));
    let book: stability::Book = same(json!({ "title": "A", "draft": { "version": 1 } }));
    assert_eq!(book.draft, Some(stability::Draft::new(1)));
}
