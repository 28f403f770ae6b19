//! Walks two schemas side by side, the one of the JSON dump and that of TypeScript, and collects
//! differing names.
//!
//! Compares names of properties, tags and string values, and the kinds of values below them,
//! through inline objects, arrays and maps; a reference to the same definition on both sides ends
//! the walk, because every definition is compared separately. Does not compare which fields may be
//! absent: there the two differ on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::alternatives::{Alternative, Properties, alternatives};
use crate::schema::{Property, Schema, Shape};

/// Counts of compared items, which expose a check that compares nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// Definitions that have a TypeScript type.
    pub(crate) definitions: usize,
    /// Objects and object variants, inline ones included.
    pub(crate) objects: usize,
    /// Properties of these.
    pub(crate) properties: usize,
    /// String values of enumerations.
    pub(crate) literals: usize,
}

/// A place where the two disagree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Difference {
    /// The definition.
    pub(super) definition: String,
    /// The place in it: `[type=agentMessage].questions`.
    pub(super) place: String,
    /// Names only in the JSON schema.
    pub(super) only_json: Vec<String>,
    /// Names only in TypeScript.
    pub(super) only_typescript: Vec<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |names: &[String]| match names {
            [] => String::from("nothing more"),
            names => format!("`{}`", names.join("`, `")),
        };
        if !self.place.is_empty() {
            write!(f, "at `{}` ", self.place)?;
        }
        let (json, typescript) = (names(&self.only_json), names(&self.only_typescript));
        write!(f, "only JSON has {json}, only TypeScript has {typescript}")
    }
}

/// A comparison in progress.
pub(super) struct Comparison<'a> {
    pub(super) definitions: &'a BTreeMap<String, Schema>,
    pub(super) typescript: &'a BTreeMap<String, Schema>,
    pub(super) coverage: Coverage,
    pub(super) differences: Vec<Difference>,
}

/// The definition being compared, and the place in it.
#[derive(Clone, Debug)]
struct Place<'a> {
    definition: &'a str,
    steps: String,
}

impl Place<'_> {
    fn below(&self, step: &str) -> Self {
        Self {
            definition: self.definition,
            steps: format!("{}{step}", self.steps),
        }
    }
}

/// Objects by their tags (`type=agentMessage`); untagged ones under the empty key.
type Objects<'s, 'a> = BTreeMap<String, Vec<&'s Properties<'a>>>;

/// The shapes of one side, sorted by kind.
#[derive(Default)]
struct Sorted<'s, 'a> {
    objects: Objects<'s, 'a>,
    literals: BTreeSet<String>,
    kinds: BTreeSet<&'static str>,
}

impl<'a> Comparison<'a> {
    /// Compares a definition with that of the same name.
    pub(super) fn definition(&mut self, name: &str, json: &'a Schema, typescript: &'a Schema) {
        self.coverage.definitions += 1;
        let place = Place {
            definition: name,
            steps: String::new(),
        };
        self.shapes(&place, json, typescript);
    }

    fn value(&mut self, place: &Place<'_>, json: &'a Schema, typescript: &'a Schema) {
        let is_reference = matches!(json.shape, Shape::Reference(_));
        if !(is_reference && json.shape == typescript.shape) {
            self.shapes(place, json, typescript);
        }
    }

    fn shapes(&mut self, place: &Place<'_>, json: &'a Schema, typescript: &'a Schema) {
        let from_json = alternatives(self.definitions, json);
        let from_typescript = alternatives(self.typescript, typescript);
        self.below_lists(place, &from_json, &from_typescript);
        let json = Sorted::of(&from_json);
        let typescript = Sorted::of(&from_typescript);
        if !json.kinds.contains("any") && !typescript.kinds.contains("any") {
            self.names(place, json.kinds.iter(), typescript.kinds.iter());
        }
        self.coverage.literals += json.literals.len();
        self.names(place, json.literals.iter(), typescript.literals.iter());
        self.objects(place, &json.objects, &typescript.objects);
    }

    /// Compares the objects with the same tags.
    fn objects(&mut self, place: &Place<'_>, json: &Objects<'_, 'a>, typescript: &Objects<'_, 'a>) {
        let label = |tags| match tags {
            "" => "an object",
            tags => tags,
        };
        let json_labels = json.keys().map(|tags| label(tags.as_str()));
        let typescript_labels = typescript.keys().map(|tags| label(tags.as_str()));
        self.names(place, json_labels, typescript_labels);
        for (tags, properties) in json {
            if let Some(fields) = typescript.get(tags) {
                self.same_tags(&place.below(tags), properties, fields);
            }
        }
    }

    /// Pairs shapes with the same tags by their names; shapes without such a partner are compared
    /// in order, to report the names.
    fn same_tags(&mut self, place: &Place<'_>, json: &[&Properties<'a>], ts: &[&Properties<'a>]) {
        let mut rest: Vec<&Properties<'a>> = ts.to_vec();
        let mut alone = Vec::new();
        for properties in json {
            match rest.iter().position(|f| f.keys().eq(properties.keys())) {
                Some(partner) => self.object(place, properties, rest.remove(partner)),
                None => alone.push(*properties),
            }
        }
        if alone.len() != rest.len() {
            let signature = |names: Vec<&str>| format!("{{{}}}", names.join(", "));
            let json = alone.iter().map(|p| signature(p.keys().copied().collect()));
            let ts = rest.iter().map(|f| signature(f.keys().copied().collect()));
            let (json, ts): (BTreeSet<_>, BTreeSet<_>) = (json.collect(), ts.collect());
            self.names(place, json.iter(), ts.iter());
            return;
        }
        for (properties, fields) in alone.into_iter().zip(rest) {
            self.object(place, properties, fields);
        }
    }

    fn object(&mut self, place: &Place<'_>, properties: &Properties<'a>, fields: &Properties<'a>) {
        self.coverage.objects += 1;
        self.coverage.properties += properties.len();
        // TypeScript describes the reading side, so it lacks write-only properties.
        let is_read = |(name, property): &(&&str, &&Property)| {
            fields.contains_key(**name) || !property.schema.write_only
        };
        let names = properties.iter().filter(is_read).map(|(name, _)| name);
        self.names(place, names, fields.keys());
        for (name, property) in properties {
            if let Some(field) = fields.get(name) {
                let below = place.below(&format!(".{name}"));
                self.value(&below, &property.schema, &field.schema);
            }
        }
    }

    /// Enters arrays and maps.
    fn below_lists(
        &mut self,
        place: &Place<'_>,
        json: &[Alternative<'a>],
        typescript: &[Alternative<'a>],
    ) {
        for (step, inner) in [("[]", items as Inner), ("{}", values as Inner)] {
            let json = json.iter().find_map(inner);
            if let (Some(json), Some(other)) = (json, typescript.iter().find_map(inner)) {
                self.value(&place.below(step), json, other);
            }
        }
    }

    fn names<T: AsRef<str> + Ord, U: AsRef<str> + Ord>(
        &mut self,
        place: &Place<'_>,
        json: impl Iterator<Item = T>,
        typescript: impl Iterator<Item = U>,
    ) {
        let json: BTreeSet<String> = json.map(|name| name.as_ref().to_owned()).collect();
        let typescript: BTreeSet<String> = typescript.map(|n| n.as_ref().to_owned()).collect();
        if json != typescript {
            self.differences.push(Difference {
                definition: place.definition.to_owned(),
                place: place.steps.clone(),
                only_json: json.difference(&typescript).cloned().collect(),
                only_typescript: typescript.difference(&json).cloned().collect(),
            });
        }
    }
}

type Inner = for<'s, 'a> fn(&'s Alternative<'a>) -> Option<&'a Schema>;

fn items<'a>(alternative: &Alternative<'a>) -> Option<&'a Schema> {
    match alternative {
        Alternative::Other(schema) => schema.as_items(),
        _ => None,
    }
}

fn values<'a>(alternative: &Alternative<'a>) -> Option<&'a Schema> {
    match alternative {
        Alternative::Map(values) => Some(values),
        _ => None,
    }
}

impl<'s, 'a> Sorted<'s, 'a> {
    fn of(shapes: &'s [Alternative<'a>]) -> Self {
        let mut sorted = Self::default();
        for shape in shapes {
            match shape {
                Alternative::Object { properties, open } => {
                    if *open {
                        sorted.kinds.insert("any other key");
                    }
                    let objects = sorted.objects.entry(tags(properties)).or_default();
                    objects.push(properties);
                }
                Alternative::Map(_) => {
                    sorted.kinds.insert("any other key");
                }
                Alternative::Literal(text) => {
                    sorted.literals.insert((*text).to_owned());
                }
                Alternative::Other(schema) => {
                    sorted.kinds.insert(kind(&schema.shape));
                }
            }
        }
        sorted
    }
}

/// The constants of an object, as `[type=agentMessage]`; empty if there are none.
fn tags(properties: &Properties<'_>) -> String {
    let tags = properties.iter().filter_map(|(name, property)| {
        let tag = property.schema.as_single_value()?;
        property.required.then(|| format!("{name}={tag}"))
    });
    match tags.collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        tags => format!("[{}]", tags.join(", ")),
    }
}

fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::String { .. } => "string",
        Shape::Integer(_) | Shape::Number => "number",
        Shape::Boolean => "boolean",
        Shape::Array(_) => "array",
        _ => "any",
    }
}
