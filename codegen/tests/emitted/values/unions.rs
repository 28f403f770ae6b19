//! Unions, by tag, by key and by kind.

use serde_json::json;

use super::{fault, same};
use crate::*;

#[test]
fn variants_are_distinguished_by_their_tag() {
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
    // A malformed known one is an error, not an unknown one.
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
fn properties_beside_a_union_are_in_every_variant() {
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
fn values_are_distinguished_by_their_kind() {
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
fn objects_are_distinguished_by_their_keys() {
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
        same(json!({ "name": "n", "stream": "s" })),
        Source::Unrecognized(_)
    ));
    // Only known keys, without the distinguishing one: an alternative lost a field.
    assert_eq!(
        fault::<Source>(json!({ "name": "n" })),
        "text: missing field"
    );
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
fn types_that_contain_themselves_are_boxed() {
    use recursion::{Branch, Formula};
    let twig = json!({ "name": "a", "parent": { "name": "b", "parent": null }, "twigs": [] });
    let twig: Branch = same(twig);
    assert_eq!(twig.parent.unwrap().name, "b");
    let formula = json!({ "left": "x", "right": { "left": "y", "right": "z" } });
    let formula: Formula = same(formula);
    assert!(matches!(formula, Formula::Left(it) if matches!(it.right, Formula::Left(_))));
    assert_eq!(
        fault::<Formula>(json!({ "left": "x", "right": {} })),
        "right.left: missing field"
    );
}

#[test]
fn extensions_of_an_alternative_are_distinguished() {
    use overlap::{Bookcase, BookcaseContent};
    let content =
        |content: serde_json::Value| same::<Bookcase>(json!({ "content": content })).content;
    let novel = content(json!({ "title": "a", "pages": 3 }));
    assert!(matches!(novel, BookcaseContent::Novel(_)));
    let diary = content(json!({ "title": "a", "lock": "brass" }));
    assert!(matches!(diary, BookcaseContent::Diary(_)));
    let leaflet = content(json!({ "title": "a" }));
    assert!(matches!(leaflet, BookcaseContent::Leaflet(_)));
}

#[test]
fn null_of_a_definition_is_read_at_its_references() {
    use nullable_definition::Volume;
    let volume: Volume = same(json!({ "penname": null, "editors": [null, "a"] }));
    assert_eq!(volume.penname, None);
    assert!(volume.editors[0].is_none());
}
