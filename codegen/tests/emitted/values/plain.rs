//! Values that are no objects: strings, numbers, maps, lists and any JSON.

use serde_json::{Value, json};

use super::{fault, same};
use crate::*;

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
