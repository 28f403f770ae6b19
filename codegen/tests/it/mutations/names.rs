//! Names that collide, or that emitted code uses.

use serde_json::{Value, json};

use super::{Generates, Mutant, Refused, object, reference};

/// Types of Rust, of emitted code, and of hand-written code in the same scope.
const TAKEN: &[&str] = &[
    "AsRef",
    "Box",
    "Clone",
    "DecodeError",
    "Default",
    "Extra",
    "Field",
    "From",
    "Into",
    "IntoIterator",
    "Iterator",
    "Method",
    "NoParams",
    "Option",
    "Ord",
    "Result",
    "Send",
    "Shape",
    "Stability",
    "String",
    "ToString",
    "TryFrom",
    "UnrecognizedVariant",
    "Value",
    "Vec",
];

fn fields(names: &[&str]) -> Value {
    let text = json!({ "type": ["string", "null"] });
    let properties = names.iter().map(|name| ((*name).to_owned(), text.clone()));
    let properties: serde_json::Map<String, Value> = properties.collect();
    json!({ "@Book": { "type": "object", "properties": properties } })
}

fn with_default(name: &str, other: &str) -> Value {
    let text = json!({ "type": "string", "default": "a" });
    json!({ "@Book": { "type": "object", "properties": { name: text, other: text } } })
}

fn values(values: &[&str]) -> Value {
    let set = json!({ "type": "string", "enum": values });
    json!({ "@Book": object(&json!({ "set": set })) })
}

fn variants(common: &str) -> Value {
    let variant = |tag: &str| {
        object(
            &json!({ "type": { "type": "string", "enum": [tag] }, common: { "type": "string" } }),
        )
    };
    json!({ "@Book": { "oneOf": [variant("one"), variant("two")] } })
}

fn alternative(name: &str) -> Value {
    let union = json!({ "anyOf": [{ "$ref": format!("#/definitions/{name}@Choice") }, { "type": "string" }] });
    json!({
        "@Book": object(&json!({ "choice": reference("Choice") })),
        "@Choice": union,
        format!("{name}@Choice"): object(&json!({ "a": { "type": "string" } })),
    })
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn mutants() -> Vec<Mutant> {
    let methods = "two methods called";
    let mut all = vec![
        Mutant::new(
            "fields of two styles",
            fields(&["aField", "a_field"]),
            Refused("two fields called `a_field`"),
        ),
        Mutant::new(
            "fields of other letters",
            fields(&["\u{e9}", "\u{e8}"]),
            Refused("two fields"),
        ),
        Mutant::new(
            "a field and its null",
            fields(&["lead", "leadNull"]),
            Refused(methods),
        )
        .sent_by_client(),
        Mutant::new(
            "a field and its null of servers",
            fields(&["lead", "leadNull"]),
            Generates,
        ),
        Mutant::new(
            "a field of all variants and a payload",
            variants("asOne"),
            Refused(methods),
        ),
        Mutant::new(
            "a field of all variants like a payload",
            variants("asThree"),
            Generates,
        ),
        Mutant::new(
            "a field and its default",
            with_default("lead", "leadOrDefault"),
            Refused(methods),
        ),
        Mutant::new(
            "keywords",
            fields(&["type", "self", "async", "gen", "crate", "Self"]),
            Refused("two fields called `self_`"),
        ),
        Mutant::new(
            "methods of structs",
            fields(&[
                "extra",
                "new",
                "into",
                "serialize",
                "clone",
                "default",
                "extraMut",
                "eq",
                "fmt",
            ]),
            Generates,
        ),
        Mutant::new(
            "odd fields",
            fields(&["", "-", "1", "$ref", "a.b", "a b"]),
            Refused("two fields called"),
        ),
        Mutant::new(
            "fields with quotes",
            fields(&["a\"b", "c\\d", "e'f", "g`h"]),
            Generates,
        ),
        Mutant::new(
            "fields with line breaks",
            fields(&["a\nb"]),
            Refused("invisible characters"),
        ),
        Mutant::new("values of two styles", values(&["a/b", "a-b"]), Generates),
        Mutant::new(
            "values that differ by spaces",
            values(&["a b", "a  b"]),
            Refused("get one name"),
        ),
        Mutant::new(
            "a value that is unknown",
            values(&["unrecognized"]),
            Refused("variants called `Unrecognized`"),
        ),
        Mutant::new(
            "odd values",
            values(&["", "Self", "1", "none", "Some", "Ok", "a\"b"]),
            Generates,
        ),
        Mutant::new("a field `tag` of all variants", variants("tag"), Generates),
        Mutant::new(
            "a field `extra` of all variants",
            variants("extra"),
            Generates,
        ),
        Mutant::new(
            "an alternative that is unknown",
            alternative("Unrecognized"),
            Refused("variants called `Unrecognized`"),
        ),
        Mutant::new(
            "an id that is no string",
            json!({
                "@Book": object(&json!({ "threadId": { "type": "string" }, "t": { "$ref": "#/definitions/ThreadId" } })),
                "ThreadId": object(&json!({ "a": { "type": "string" } })),
            }),
            Refused("is what ids are called here"),
        ),
    ];
    for name in TAKEN {
        let used = json!({ "$ref": format!("#/definitions/{name}") });
        let definitions = json!({
            "@Book": object(&json!({ "it": used })),
            *name: { "type": "string" },
        });
        let words = "emitted code uses the name";
        all.push(Mutant::new(
            format!("a definition called {name}"),
            definitions,
            Refused(words),
        ));
    }
    all
}
