//! Walks a JSON schema and a TypeScript type side by side and collects differing names.
//!
//! Compares names of properties, tags and string values, and the kinds of values below them,
//! through inline objects, arrays and maps; a reference to the same definition on both sides ends
//! the walk, because every definition is compared separately. Does not compare which fields may be
//! absent: there the two differ on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::alternatives::{Alternative, Properties, alternatives};
use crate::schema::{Schema, Shape};
use crate::typescript::{self, Fields, Type, TypeScript};

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
    pub(super) typescript: &'a TypeScript,
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

/// The shapes of one side, sorted by kind.
struct Sorted<O> {
    /// Objects by their tags (`type=agentMessage`); untagged ones under the empty key.
    objects: BTreeMap<String, Vec<O>>,
    literals: BTreeSet<String>,
    kinds: BTreeSet<&'static str>,
}

impl<'a> Comparison<'a> {
    /// Compares a definition with the type of the same name.
    pub(super) fn definition(&mut self, name: &str, schema: &'a Schema, body: &'a Type) {
        self.coverage.definitions += 1;
        let place = Place {
            definition: name,
            steps: String::new(),
        };
        self.shapes(&place, schema, body);
    }

    fn value(&mut self, place: &Place<'_>, schema: &'a Schema, body: &'a Type) {
        if !self.is_same_reference(schema, body) {
            self.shapes(place, schema, body);
        }
    }

    fn is_same_reference(&self, schema: &Schema, body: &Type) -> bool {
        let Shape::Reference(name) = &schema.shape else {
            return false;
        };
        let target = self.typescript.module_of(name);
        let is_it = |part: &Type| matches!(part, Type::Reference(module) if target == Some(module));
        match body {
            Type::Union(parts) => parts
                .iter()
                .all(|part| is_it(part) || matches!(part, Type::Null | Type::Undefined)),
            one => is_it(one),
        }
    }

    fn shapes(&mut self, place: &Place<'_>, schema: &'a Schema, body: &'a Type) {
        let from_json = alternatives(self.definitions, schema);
        let from_typescript = self.typescript.alternatives(body);
        self.below_lists(place, &from_json, &from_typescript);
        let json = sort_json(&from_json);
        let typescript = sort_typescript(&from_typescript);
        if !json.kinds.contains("any") && !typescript.kinds.contains("any") {
            self.names(place, json.kinds.iter(), typescript.kinds.iter());
        }
        self.coverage.literals += json.literals.len();
        self.names(place, json.literals.iter(), typescript.literals.iter());
        self.objects(place, &json.objects, &typescript.objects);
    }

    /// Compares the objects with the same tags.
    fn objects(
        &mut self,
        place: &Place<'_>,
        json: &BTreeMap<String, Vec<&Properties<'a>>>,
        typescript: &BTreeMap<String, Vec<&Fields<'a>>>,
    ) {
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
    fn same_tags(&mut self, place: &Place<'_>, json: &[&Properties<'a>], ts: &[&Fields<'a>]) {
        let mut rest: Vec<&Fields<'a>> = ts.to_vec();
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

    fn object(&mut self, place: &Place<'_>, properties: &Properties<'a>, fields: &Fields<'a>) {
        self.coverage.objects += 1;
        self.coverage.properties += properties.len();
        // TypeScript describes the reading side, so it lacks write-only properties.
        let is_read = |(name, property): &(&&str, &&crate::schema::Property)| {
            fields.contains_key(**name) || !property.schema.write_only
        };
        let names = properties.iter().filter(is_read).map(|(name, _)| name);
        self.names(place, names, fields.keys());
        for (name, property) in properties {
            if let Some(field) = fields.get(name) {
                let below = place.below(&format!(".{name}"));
                self.value(&below, &property.schema, &field.value);
            }
        }
    }

    /// Enters arrays and maps.
    fn below_lists(
        &mut self,
        place: &Place<'_>,
        json: &[Alternative<'a>],
        ts: &[typescript::Alternative<'a>],
    ) {
        let items = json.iter().find_map(|shape| match shape {
            Alternative::Other(schema) => match &schema.shape {
                Shape::Array(items) => Some(&**items),
                _ => None,
            },
            _ => None,
        });
        let elements = ts.iter().find_map(|shape| match shape {
            typescript::Alternative::Other(Type::Array(elements)) => Some(&**elements),
            _ => None,
        });
        if let (Some(items), Some(elements)) = (items, elements) {
            self.value(&place.below("[]"), items, elements);
        }
        let values = json.iter().find_map(|shape| match shape {
            Alternative::Map(values) => Some(*values),
            _ => None,
        });
        let entries = ts.iter().find_map(|shape| match shape {
            typescript::Alternative::Object { map, .. } => *map,
            _ => None,
        });
        if let (Some(values), Some(entries)) = (values, entries) {
            self.value(&place.below("{}"), values, entries);
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

fn sort_json<'s, 'a>(shapes: &'s [Alternative<'a>]) -> Sorted<&'s Properties<'a>> {
    let mut sorted = Sorted::new();
    for shape in shapes {
        match shape {
            Alternative::Object { properties, open } => {
                if *open {
                    sorted.add_kind("any other key");
                }
                let tags = properties.iter().filter_map(|(name, property)| {
                    let tag = property.schema.as_single_value()?;
                    property.required.then(|| format!("{name}={tag}"))
                });
                sorted.add_object(&tags.collect::<Vec<_>>(), properties);
            }
            Alternative::Map(_) => sorted.add_kind("any other key"),
            Alternative::Literal(text) => sorted.add_literal(text),
            Alternative::Other(schema) => sorted.add_kind(json_kind(&schema.shape)),
        }
    }
    sorted
}

fn sort_typescript<'s, 'a>(shapes: &'s [typescript::Alternative<'a>]) -> Sorted<&'s Fields<'a>> {
    let mut sorted = Sorted::new();
    for shape in shapes {
        match shape {
            typescript::Alternative::Object { fields, map } => {
                if map.is_some() {
                    sorted.add_kind("any other key");
                }
                if map.is_none() || !fields.is_empty() {
                    sorted.add_object(&literal_fields(fields), fields);
                }
            }
            typescript::Alternative::Literal(text) => sorted.add_literal(text),
            typescript::Alternative::Other(body) => sorted.add_kind(typescript_kind(body)),
        }
    }
    sorted
}

fn literal_fields(fields: &Fields<'_>) -> Vec<String> {
    let tags = fields
        .iter()
        .filter_map(|(name, field)| match &field.value {
            Type::Literal(tag) => Some(format!("{name}={tag}")),
            _ => None,
        });
    tags.collect()
}

impl<O> Sorted<O> {
    fn new() -> Self {
        Self {
            objects: BTreeMap::new(),
            literals: BTreeSet::new(),
            kinds: BTreeSet::new(),
        }
    }

    fn add_object(&mut self, tags: &[String], object: O) {
        let tags = match tags {
            [] => String::new(),
            tags => format!("[{}]", tags.join(", ")),
        };
        self.objects.entry(tags).or_default().push(object);
    }

    fn add_literal(&mut self, text: &str) {
        self.literals.insert(text.to_owned());
    }

    fn add_kind(&mut self, kind: &'static str) {
        self.kinds.insert(kind);
    }
}

fn json_kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::String { .. } => "string",
        Shape::Integer(_) | Shape::Number => "number",
        Shape::Boolean => "boolean",
        Shape::Array(_) => "array",
        _ => "any",
    }
}

fn typescript_kind(body: &Type) -> &'static str {
    match body {
        Type::String => "string",
        Type::Number => "number",
        Type::Boolean => "boolean",
        Type::Array(_) => "array",
        _ => "any",
    }
}
