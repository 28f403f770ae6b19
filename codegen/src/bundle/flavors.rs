//! Compares the stable dump with the experimental one, which must be a superset of it.
//!
//! Only then is generating from the experimental dump alone sound, and only then are the items that
//! the stable one lacks experimental: dumps of two different runtimes would mark hundreds of fields
//! wrongly. One runtime writes the same definition the same way into both; the experimental one has
//! more properties, alternatives and values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{EXPERIMENTAL, STABLE};
use crate::Error;
use crate::schema::encode::encode;
use crate::schema::{Property, Schema, Shape};

/// Maximum number of reported differences; two runtimes have hundreds.
const LIMIT: usize = 10;

/// Rejects everything in the stable dump that the experimental one lacks or has in another form.
pub(super) fn require_subset(
    stable: &BTreeMap<String, Schema>,
    experimental: &BTreeMap<String, Schema>,
) -> Vec<Error> {
    let mut differences = Differences::described();
    for (name, schema) in stable {
        match experimental.get(name) {
            Some(other) => compare(schema, other, &mut differences),
            None => differences.push(|| missing(schema, "the definition")),
        }
    }
    let mut problems = differences.descriptions.unwrap_or_default();
    let more = problems.len().saturating_sub(LIMIT);
    if more > 0 {
        problems.truncate(LIMIT);
        let problem = format!("{more} more differences from {EXPERIMENTAL} are not shown");
        problems.push(Error::schema(STABLE, problem));
    }
    problems
}

/// Rejects server notifications that only one dump has, and many differing types below them: no
/// runtime has gated these so far, so the dumps come from two runtimes.
///
/// Applies only to a dump with an envelope: a handmade dump of a test may gate any item.
pub(super) fn require_same_notifications(
    stable: &BTreeMap<String, Schema>,
    experimental: &BTreeMap<String, Schema>,
) -> Vec<Error> {
    if !experimental.contains_key("JSONRPCMessage") {
        return Vec::new();
    }
    let known = methods(stable);
    let more: Vec<_> = methods(experimental).difference(&known).cloned().collect();
    if !more.is_empty() {
        let at = format!("{STABLE}#/definitions/{NOTIFICATIONS}");
        let problem = format!("lacks `{}`, which {EXPERIMENTAL} has", more.join("`, `"));
        return vec![of_two_runtimes(at, &problem)];
    }
    let types = reached(experimental)
        .into_iter()
        .filter(|name| !GATED.contains(name));
    let differing: Vec<_> = types
        .filter(|name| !is_same(name, stable, experimental))
        .collect();
    if differing.len() <= MISTAKES {
        return Vec::new();
    }
    let problem = format!(
        "the types `{}`, which notifications use, differ from {EXPERIMENTAL}",
        differing.join("`, `")
    );
    vec![of_two_runtimes(STABLE.to_owned(), &problem)]
}

/// The union of the server's notifications.
const NOTIFICATIONS: &str = "ServerNotification";

/// The types below notifications that have had experimental fields.
const GATED: &[&str] = &["Thread", "ThreadSettings"];

/// Maximum number of other differing types: a runtime may begin to gate one.
const MISTAKES: usize = 2;

/// The rows about types that are not below notifications, or have no experimental fields.
pub(super) fn stale(
    stable: &BTreeMap<String, Schema>,
    experimental: &BTreeMap<String, Schema>,
) -> Vec<String> {
    let reached = reached(experimental);
    let is_gated = |name: &&&str| reached.contains(**name) && !is_same(name, stable, experimental);
    let rows = GATED.iter().filter(|name| !is_gated(name));
    rows.map(|name| format!("codegen/src/bundle/flavors.rs: GATED ({name})"))
        .collect()
}

fn of_two_runtimes(pointer: String, problem: &str) -> Error {
    let problem = format!(
        "{problem}; no runtime gates notifications: dump both with one runtime, or, if this one \
         does, support it in codegen/src/bundle/flavors.rs"
    );
    Error::schema(pointer, problem)
}

fn methods(definitions: &BTreeMap<String, Schema>) -> BTreeSet<String> {
    let union = definitions.get(NOTIFICATIONS).map(|schema| &schema.shape);
    let Some(Shape::Union(union)) = union else {
        return BTreeSet::new();
    };
    let objects = union.branches.iter().filter_map(Schema::as_object);
    let methods = objects.filter_map(|object| object.properties.get("method"));
    let names = methods.filter_map(|method| method.schema.as_single_value());
    names.map(str::to_owned).collect()
}

fn reached(definitions: &BTreeMap<String, Schema>) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![NOTIFICATIONS];
    while let Some(name) = open.pop() {
        if let Some((name, schema)) = definitions.get_key_value(name) {
            if seen.insert(name.as_str()) {
                open.extend(schema.references());
            }
        }
    }
    seen
}

fn is_same(
    name: &str,
    stable: &BTreeMap<String, Schema>,
    experimental: &BTreeMap<String, Schema>,
) -> bool {
    let (one, other) = (stable.get(name), experimental.get(name));
    one.map(|schema| &schema.shape) == other.map(|schema| &schema.shape)
}

/// The differences of two schemas. A trial only counts them: a description prints both schemas, and
/// most alternatives of a union differ from most others.
struct Differences {
    count: usize,
    descriptions: Option<Vec<Error>>,
}

impl Differences {
    fn described() -> Self {
        Self {
            count: 0,
            descriptions: Some(Vec::new()),
        }
    }

    fn counted() -> Self {
        Self {
            count: 0,
            descriptions: None,
        }
    }

    fn push(&mut self, describe: impl FnOnce() -> Error) {
        self.count += 1;
        if let Some(descriptions) = &mut self.descriptions {
            descriptions.push(describe());
        }
    }
}

fn compare(stable: &Schema, experimental: &Schema, differences: &mut Differences) {
    let before = differences.count;
    match (&stable.shape, &experimental.shape) {
        (Shape::Object(one), Shape::Object(other)) if one.closed == other.closed => {
            members(&one.properties, &other.properties, differences);
        }
        (Shape::Array(one), Shape::Array(other)) | (Shape::Map(one), Shape::Map(other)) => {
            compare(one, other, differences);
        }
        (Shape::Union(one), Shape::Union(other)) => {
            members(&one.common, &other.common, differences);
            for branch in &one.branches {
                if !other
                    .branches
                    .iter()
                    .any(|candidate| is_subset(branch, candidate))
                {
                    differences.push(|| missing(branch, "this alternative"));
                }
            }
        }
        (Shape::Enumeration(one), Shape::Enumeration(other)) => {
            for value in one {
                if !other.iter().any(|candidate| candidate.value == value.value) {
                    differences.push(|| missing(stable, &format!("the value `{}`", value.value)));
                }
            }
        }
        // A union of one alternative that gained another, or an enumeration that gained values.
        (_, Shape::Union(other)) if other.branches.iter().any(|it| is_subset(stable, it)) => {}
        (one, other) if one == other => {}
        _ => differences.push(|| differs(stable, experimental)),
    }
    let same_facts =
        stable.nullable == experimental.nullable && stable.default == experimental.default;
    if differences.count == before && !same_facts {
        differences.push(|| differs(stable, experimental));
    }
}

fn members(
    stable: &BTreeMap<String, Property>,
    experimental: &BTreeMap<String, Property>,
    differences: &mut Differences,
) {
    for (name, property) in stable {
        match experimental.get(name) {
            Some(other) if other.required == property.required => {
                compare(&property.schema, &other.schema, differences);
            }
            Some(other) => differences.push(|| {
                let words = |required| if required { "required" } else { "optional" };
                let problem = format!(
                    "{} here, but {} at {}",
                    words(property.required),
                    words(other.required),
                    other.schema.pointer()
                );
                refuse(&property.schema, &problem)
            }),
            None => differences.push(|| missing(&property.schema, "the property")),
        }
    }
}

fn is_subset(stable: &Schema, experimental: &Schema) -> bool {
    let mut differences = Differences::counted();
    compare(stable, experimental, &mut differences);
    differences.count == 0
}

fn missing(at: &Schema, thing: &str) -> Error {
    refuse(at, &format!("{EXPERIMENTAL} lacks {thing}"))
}

fn differs(stable: &Schema, experimental: &Schema) -> Error {
    let (one, other) = (shortened(&encode(stable)), shortened(&encode(experimental)));
    refuse(
        stable,
        &format!("{one} here, but {other} at {}", experimental.pointer()),
    )
}

fn shortened(json: &Value) -> String {
    const WIDTH: usize = 200;
    let text = json.to_string();
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn refuse(at: &Schema, problem: &str) -> Error {
    let problem = format!(
        "{problem}; the experimental dump must be a superset of the stable one: \
         dump both with one runtime"
    );
    Error::schema(at.pointer(), problem)
}
