//! Definitions that depend on each other: alternatives, recursion, null, defaults, many fields.

use serde_json::{Map, Value, json};

use super::{Generates, Mutant, Refused, object, reference};

fn text() -> Value {
    json!({ "type": "string" })
}

fn number() -> Value {
    json!({ "type": "integer", "format": "int64" })
}

fn optional(properties: &Value) -> Value {
    json!({ "type": "object", "properties": properties })
}

/// A book with a choice between definitions.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the calls are easier to read"
)]
fn choice(one: Value, other: Value) -> Value {
    let union = json!({ "anyOf": [reference("One"), reference("Other")] });
    json!({ "@Book": object(&json!({ "choice": union })), "@One": one, "@Other": other })
}

fn alternatives() -> Vec<Mutant> {
    let x = object(&json!({ "x": text() }));
    let map = |values: Value| json!({ "type": "object", "additionalProperties": values });
    let mut x_or_y = object(&json!({ "x": text() }));
    x_or_y["properties"]["y"] = text();
    let apart = "they cannot be distinguished";
    let overlapping = choice(x.clone(), object(&json!({ "x": text() })));
    let nothing = choice(
        optional(&json!({ "a": text() })),
        optional(&json!({ "b": text() })),
    );
    let more = choice(x.clone(), object(&json!({ "x": text(), "y": text() })));
    let kinds = choice(x.clone(), object(&json!({ "x": number() })));
    let constant = |tag: &str| object(&json!({ "x": { "type": "string", "enum": [tag] } }));
    vec![
        Mutant::new("one requires more", more, Generates),
        Mutant::new(
            "one has more, if it wants",
            choice(x_or_y.clone(), x.clone()),
            Generates,
        ),
        Mutant::new(
            "one may have what the other requires",
            choice(x_or_y, object(&json!({ "x": text(), "y": text() }))),
            Refused(apart),
        ),
        Mutant::new("the same keys", overlapping, Refused(apart)),
        Mutant::new("nothing required", nothing, Generates),
        Mutant::new("kinds of one key", kinds, Generates),
        Mutant::new(
            "constants of one key",
            choice(constant("a"), constant("b")),
            Generates,
        ),
        Mutant::new(
            "one constant of one key",
            choice(constant("a"), constant("a")),
            Refused(apart),
        ),
        Mutant::new(
            "a map before an object of its values",
            choice(map(text()), x.clone()),
            Refused(apart),
        ),
        Mutant::new(
            "a map before another object",
            choice(map(number()), x.clone()),
            Generates,
        ),
        Mutant::new(
            "two maps",
            choice(map(number()), map(text())),
            Refused(apart),
        ),
        Mutant::new("two strings", choice(text(), text()), Refused(apart)),
        Mutant::new(
            "a string before a list of them",
            choice(text(), json!({ "type": "string", "enum": ["a"] })),
            Generates,
        ),
        Mutant::new(
            "a number before an integer",
            choice(json!({ "type": "number" }), number()),
            Generates,
        ),
        Mutant::new(
            "two integers",
            choice(number(), json!({ "type": "integer", "format": "int32" })),
            Refused(apart),
        ),
        Mutant::new("an object and a string", choice(x, text()), Generates),
    ]
}

fn recursion() -> Vec<Mutant> {
    let next = optional(&json!({ "next": reference("Book") }));
    let endless = object(&json!({ "next": reference("Book") }));
    let two = json!({
        "@Book": optional(&json!({ "shelf": reference("Shelf") })),
        "@Shelf": object(&json!({ "book": reference("Book") })),
    });
    let holder = |it: Value| json!({ "@Book": object(&json!({ "m": reference("M") })), "@M": it });
    let choice = json!({ "anyOf": [text(), object(&json!({ "l": reference("M") }))] });
    let itself = json!({ "anyOf": [reference("M"), text()] });
    let list = json!({ "type": "array", "items": reference("M") });
    let map = json!({ "type": "object", "additionalProperties": reference("M") });
    let nullable = json!({ "anyOf": [reference("Book"), { "type": "null" }] });
    let mut keyed = object(&json!({ "more": reference("M") }));
    keyed["additionalProperties"] = json!(false);
    let keyed = json!({ "oneOf": [{ "type": "string", "enum": ["none"] }, keyed] });
    let tag = |tag: &str| json!({ "type": "string", "enum": [tag] });
    let leaf = object(&json!({ "type": tag("leaf") }));
    let node =
        object(&json!({ "type": tag("node"), "left": reference("M"), "right": reference("M") }));
    let itself_alone = "consists of nothing but itself";
    let many = json!({ "type": "array", "items": reference("Book") });
    vec![
        Mutant::new(
            "an object in itself, if it wants",
            json!({ "@Book": next }),
            Generates,
        ),
        Mutant::new(
            "an object in itself, or null",
            json!({ "@Book": object(&json!({ "n": nullable })) }),
            Generates,
        ),
        Mutant::new(
            "an object in itself",
            json!({ "@Book": endless }),
            Refused("contains itself"),
        ),
        Mutant::new(
            "an object in a list in itself",
            json!({ "@Book": object(&json!({ "books": many })) }),
            Generates,
        ),
        Mutant::new("two objects in each other", two, Generates),
        Mutant::new("a union in an object in itself", holder(choice), Generates),
        Mutant::new(
            "a tagged union in itself",
            holder(json!({ "oneOf": [leaf, node] })),
            Generates,
        ),
        Mutant::new("a keyed union in itself", holder(keyed), Generates),
        Mutant::new(
            "a union of itself",
            holder(itself),
            Refused("they cannot be distinguished"),
        ),
        Mutant::new("a list of itself", holder(list), Refused(itself_alone)),
        Mutant::new("a map of itself", holder(map), Refused(itself_alone)),
        Mutant::new(
            "a name for itself",
            holder(reference("M")),
            Refused(itself_alone),
        ),
        Mutant::new(
            "all of itself",
            holder(json!({ "allOf": [reference("M")] })),
            Refused(itself_alone),
        ),
    ]
}

fn defaults() -> Vec<Mutant> {
    let with = |mut schema: Value, default: Value| {
        schema["default"] = default;
        json!({ "@Book": optional(&json!({ "x": schema })) })
    };
    let small = |format: &str| json!({ "type": "integer", "format": format });
    let misfit = "does not fit its own schema";
    let set = json!({ "type": "string", "enum": ["a", "b"] });
    let list = json!({ "type": "array", "items": text() });
    vec![
        Mutant::new("a default string", with(text(), json!("a")), Generates),
        Mutant::new(
            "a default integer",
            with(small("uint16"), json!(65_535)),
            Generates,
        ),
        Mutant::new(
            "a default value of a list",
            with(set.clone(), json!("b")),
            Generates,
        ),
        Mutant::new(
            "an empty default list",
            with(list.clone(), json!([])),
            Generates,
        ),
        Mutant::new(
            "a default that is null",
            with(json!({ "type": ["string", "null"] }), json!(null)),
            Generates,
        ),
        Mutant::new(
            "a default beyond 16 bits",
            with(small("uint16"), json!(65_536)),
            Refused(misfit),
        ),
        Mutant::new(
            "a default beyond 32 bits",
            with(small("int32"), json!(1_u64 << 31)),
            Refused(misfit),
        ),
        Mutant::new(
            "a default below zero",
            with(small("uint64"), json!(-1)),
            Refused(misfit),
        ),
        Mutant::new(
            "a default with a fraction",
            with(number(), json!(1.5)),
            Refused(misfit),
        ),
        Mutant::new(
            "a default that is no value of a list",
            with(set, json!("c")),
            Refused(misfit),
        ),
        Mutant::new(
            "a default list of others",
            with(list, json!([1])),
            Refused(misfit),
        ),
        Mutant::new(
            "a default null that is not allowed",
            with(text(), json!(null)),
            Refused(misfit),
        ),
    ]
}

fn null() -> Vec<Mutant> {
    let holder = |it: Value| json!({ "@Book": object(&json!({ "n": reference("N") })), "@N": it });
    let record = json!({ "type": ["object", "null"], "properties": { "a": text() } });
    let set = json!({ "type": ["string", "null"], "enum": ["a", "b", null] });
    let alias = json!({
        "@Book": object(&json!({ "n": reference("A") })),
        "@A": reference("N"),
        "@N": { "type": ["string", "null"] },
    });
    vec![
        Mutant::new(
            "a nullable definition",
            holder(json!({ "type": ["string", "null"] })),
            Generates,
        ),
        Mutant::new("a nullable record", holder(record), Generates),
        Mutant::new("a nullable set", holder(set), Generates),
        Mutant::new("a name of a nullable definition", alias, Generates),
        Mutant::new(
            "a nullable list",
            holder(json!({ "type": ["array", "null"], "items": text() })),
            Generates,
        ),
    ]
}

fn fields() -> Vec<Mutant> {
    let many = |count: usize| {
        let fields: Map<String, Value> =
            (0..count).map(|i| (format!("field{i}"), text())).collect();
        json!({ "@Book": optional(&Value::Object(fields)) })
    };
    vec![
        Mutant::new("64 fields", many(64), Generates),
        Mutant::new("65 fields", many(65), Generates),
        Mutant::new("128 fields", many(128), Generates),
        Mutant::new("129 fields", many(129), Refused("129 fields")),
    ]
}

pub(super) fn mutants() -> Vec<Mutant> {
    let mut all = alternatives();
    all.extend(recursion());
    all.extend(defaults());
    all.extend(null());
    all.extend(fields());
    all
}
