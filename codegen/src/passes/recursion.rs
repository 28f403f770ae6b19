//! Boxes recursive types.
//!
//! An object that may contain another one of its type is infinitely large without a pointer in
//! between. Lists and maps have one; optional fields and the variants of unions get one here. A
//! type that contains itself in required fields has no finite value, and is rejected.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::ir::{Definition, Field, Kind, Model, Presence, Type};

/// A place for a pointer, in the order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Link {
    /// An optional field.
    Field,
    /// The payload of a variant.
    Variant,
    /// A required field, or an alias: no pointer helps.
    Fixed,
}

/// The definitions that each definition contains without a pointer in between.
type Graph = BTreeMap<String, BTreeMap<String, Link>>;

/// Rejects aliases that consist only of themselves, and turns them into `Any`: following them would
/// not terminate.
pub(super) fn refuse_endless_names(model: &mut Model) -> Vec<Error> {
    let definitions = model.definitions.values();
    let endless = definitions.filter_map(|definition| {
        Some((definition.name.clone(), alias_of_itself(model, definition)?))
    });
    let (names, problems): (Vec<_>, Vec<_>) = endless.unzip();
    for name in names {
        if let Some(definition) = model.definitions.get_mut(&name) {
            definition.kind = Kind::Alias(Type::Any);
        }
    }
    problems
}

/// An alias of a list, a map or the like that refers to itself through aliases alone.
fn alias_of_itself(model: &Model, definition: &Definition) -> Option<Error> {
    let mut path = vec![definition.name.as_str()];
    let mut current = definition;
    while let Kind::Alias(inner) = &current.kind {
        let next = inner.named()?;
        if next == definition.name {
            let problem = format!(
                "consists of nothing but itself, by way of {}; \
                 correct it in EDITS in codegen/src/fixups.rs",
                path.join(", ")
            );
            return Some(Error::schema(definition.place.pointer(), problem));
        }
        // A cycle that starts later is reported where it starts.
        if path.contains(&next) {
            return None;
        }
        path.push(next);
        current = model.definitions.get(next)?;
    }
    None
}

/// Breaks every cycle, or returns those that cannot be broken.
pub(super) fn break_cycles(model: &mut Model) -> Vec<Error> {
    for link in [Link::Field, Link::Variant] {
        let graph = graph(model);
        for cycle in cycles(&graph) {
            for name in &cycle {
                if let Some(definition) = model.definitions.get_mut(name) {
                    box_links(&mut definition.kind, link, &cycle);
                }
            }
        }
    }
    let cycles = cycles(&graph(model)).into_iter();
    let unbroken = cycles.filter_map(|cycle| {
        let names: Vec<&str> = cycle.iter().map(String::as_str).collect();
        let definition = model.definitions.get(names[0])?;
        let problem = format!(
            "contains itself by way of {}, in fields that are always there: no value of it ends; \
             make one of them optional in EDITS in codegen/src/fixups.rs",
            names.join(", ")
        );
        Some(Error::schema(definition.place.pointer(), problem))
    });
    unbroken.collect()
}

fn graph(model: &Model) -> Graph {
    let definitions = model.definitions.iter();
    definitions
        .map(|(name, definition)| (name.clone(), links(&definition.kind)))
        .collect()
}

fn links(kind: &Kind) -> BTreeMap<String, Link> {
    let mut links = BTreeMap::new();
    let mut add = |name: Option<&str>, link: Link| {
        if let Some(name) = name {
            let known = links.entry(name.to_owned()).or_insert(link);
            *known = link.max(*known);
        }
    };
    match kind {
        Kind::Struct(object) => {
            for field in &object.fields {
                let link = if may_be_empty(field) {
                    Link::Field
                } else {
                    Link::Fixed
                };
                add(direct(&field.value), link);
            }
        }
        Kind::Alias(inner) => add(direct(inner), Link::Fixed),
        Kind::Tagged(union) => {
            let inside = union.variants.iter().filter(|variant| !variant.boxed);
            inside.for_each(|variant| add(Some(&variant.payload), Link::Variant));
        }
        Kind::Keyed(union) => {
            for key in &union.keys {
                add(direct(&key.payload), Link::Variant);
            }
        }
        Kind::Untagged(alternatives) => {
            for it in alternatives {
                add(direct(&it.payload), Link::Variant);
            }
        }
        Kind::StringEnum(_) | Kind::Newtype => {}
    }
    links
}

fn may_be_empty(field: &Field) -> bool {
    field.presence != Presence::Required || matches!(field.value, Type::Nullable(_))
}

/// The definition that a value contains without a pointer in between.
fn direct(value: &Type) -> Option<&str> {
    match value {
        Type::Named(name) => Some(name),
        Type::Nullable(inner) => direct(inner),
        _ => None,
    }
}

/// The sets of definitions that contain each other.
fn cycles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let back = reversed(graph);
    let forward: BTreeMap<&str, Vec<&str>> = graph
        .iter()
        .map(|(name, links)| (name.as_str(), links.keys().map(String::as_str).collect()))
        .collect();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for name in graph.keys().map(String::as_str) {
        if found.iter().any(|cycle| cycle.contains(name)) {
            continue;
        }
        let ahead = reachable(&forward, name);
        if ahead.contains(name) {
            let behind = reachable(&back, name);
            let members = ahead.intersection(&behind);
            found.push(members.map(|member| (*member).to_owned()).collect());
        }
    }
    found
}

fn reversed(graph: &Graph) -> BTreeMap<&str, Vec<&str>> {
    let mut back: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, links) in graph {
        for to in links.keys() {
            back.entry(to).or_default().push(from);
        }
    }
    back
}

fn reachable<'a>(graph: &BTreeMap<&'a str, Vec<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = graph.get(from).cloned().unwrap_or_default();
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(graph.get(name).into_iter().flatten());
        }
    }
    seen
}

/// Adds a pointer to every link of this kind into the cycle.
fn box_links(kind: &mut Kind, link: Link, cycle: &BTreeSet<String>) {
    let leads_back = |value: &Type| direct(value).is_some_and(|name| cycle.contains(name));
    match (kind, link) {
        (Kind::Struct(object), Link::Field) => {
            for field in &mut object.fields {
                if may_be_empty(field) && leads_back(&field.value) {
                    put_in_box(&mut field.value);
                }
            }
        }
        (Kind::Tagged(union), Link::Variant) => {
            for variant in &mut union.variants {
                variant.boxed |= cycle.contains(&variant.payload);
            }
        }
        (Kind::Keyed(union), Link::Variant) => {
            let payloads = union.keys.iter_mut().map(|key| &mut key.payload);
            payloads
                .filter(|payload| leads_back(payload))
                .for_each(put_in_box);
        }
        (Kind::Untagged(alternatives), Link::Variant) => {
            let payloads = alternatives.iter_mut().map(|it| &mut it.payload);
            payloads
                .filter(|payload| leads_back(payload))
                .for_each(put_in_box);
        }
        _ => {}
    }
}

/// Boxes the definition itself, inside of its nullable wrapper.
fn put_in_box(value: &mut Type) {
    match value {
        Type::Nullable(inner) => put_in_box(inner),
        other => {
            let inner = std::mem::replace(other, Type::Any);
            *other = Type::Boxed(Box::new(inner));
        }
    }
}
