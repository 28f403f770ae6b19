//! The lifetime of everything in the protocol: the first and the last runtime that has it.
//!
//! The file contains only differences from an owner: from its type for a field, from its union for
//! a variant, from the history itself for a type or a method. Pure; versions are names in the order
//! in which they were added.

use std::collections::BTreeMap;

use crate::inventory::{Inventory, TypeEntry};

mod extend;
mod file;

/// The lifetimes of methods, types, fields, variants and values across runtimes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct History {
    /// The runtimes, oldest first.
    pub runtimes: Vec<Runtime>,
    /// The lifetimes by place, see [`Change::place`](crate::diff::Change::place); complete in
    /// memory, and only where they differ from their owner's in the file.
    lifetimes: BTreeMap<String, Lifetime>,
}

/// A runtime of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "callers build it; the crate is not published"
)]
pub struct Runtime {
    /// Its version.
    pub version: String,
    /// The integrity of its archive.
    pub archive: String,
    /// The sha256 of the canonical form of its experimental schema.
    pub schema: String,
}

/// The runtimes in which an item exists. Numbers are indices of runtimes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Lifetime {
    /// The first runtime that has it.
    since: usize,
    /// The last runtime that has it, if later ones do not.
    until: Option<usize>,
    /// First and last of the intermediate runtimes that do not have it.
    gaps: Vec<(usize, usize)>,
    /// The first of the latest runtimes whose stable schema has it.
    stable: Option<usize>,
    /// For a field, the first of the latest runtimes in which it is required.
    required: Option<usize>,
    /// For a field that is required and not `null`, the first of the latest runtimes in which this
    /// holds.
    filled: Option<usize>,
}

impl History {
    /// The oldest runtime.
    pub fn oldest(&self) -> Option<&str> {
        self.runtimes.first().map(|it| it.version.as_str())
    }

    /// The newest runtime.
    pub fn newest(&self) -> Option<&str> {
        self.runtimes.last().map(|it| it.version.as_str())
    }

    /// The first runtime that has the item at this place; `None` if the oldest one does, or if the
    /// place is unknown.
    pub fn since(&self, place: &str) -> Option<&str> {
        let since = self.lifetime(place)?.since;
        (since > 0).then(|| self.version(since)).flatten()
    }

    /// The first of the latest runtimes whose stable schema has the item at this place; `None` if
    /// it was never experimental, or still is.
    pub fn stable_since(&self, place: &str) -> Option<&str> {
        let lifetime = self.lifetime(place)?;
        let stable = lifetime.stable.filter(|stable| *stable != lifetime.since)?;
        self.version(stable)
    }

    /// The last runtime that has the item at this place, if later ones lack it.
    pub fn until(&self, place: &str) -> Option<&str> {
        let until = self.lifetime(place)?.until?;
        self.version(until)
    }

    /// The first runtime from which on an object always has this required field, if older ones have
    /// the object and not always the field.
    pub fn required_since(&self, owner: &str, field: &str, filled: bool) -> Option<&str> {
        let object = self.lifetime(owner)?;
        let field = self.lifetime(&format!("{owner}.{field}"))?;
        let always = if filled { field.filled } else { field.required };
        let always = always.unwrap_or(field.since).max(field.since);
        (always > object.since)
            .then(|| self.version(always))
            .flatten()
    }

    fn version(&self, index: usize) -> Option<&str> {
        self.runtimes.get(index).map(|it| it.version.as_str())
    }

    /// The lifetime at a place, its owner's if it has none of its own, or all of the history.
    fn lifetime(&self, place: &str) -> Option<Lifetime> {
        let mut place = place;
        loop {
            if let Some(found) = self.lifetimes.get(place) {
                return Some(found.clone());
            }
            match owner(place) {
                Some(owner) => place = owner,
                None => return (!self.runtimes.is_empty()).then(Lifetime::default),
            }
        }
    }
}

/// The enclosing place: `Thread` of `Thread.id`, `ThreadItem` of `ThreadItem[plan]`.
fn owner(place: &str) -> Option<&str> {
    if is_method(place) {
        return None;
    }
    if let Some(inner) = place.strip_suffix(']') {
        return inner.rfind('[').and_then(|at| place.get(..at));
    }
    if let Some((owner, _)) = place.split_once('=') {
        return Some(owner);
    }
    // The tag of a variant may have a point of its own.
    let start = place.rfind(']').unwrap_or(0);
    let at = place.get(start..)?.find('.')?;
    place.get(..start + at)
}

/// Methods start with a lowercase letter, names of types do not.
fn is_method(place: &str) -> bool {
    !place.starts_with(|first: char| first.is_ascii_uppercase())
}

/// A property of an item in one runtime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Facts {
    stable: bool,
    required: bool,
    filled: bool,
}

/// Everything that an inventory has, by place.
fn places(inventory: &Inventory) -> BTreeMap<String, Facts> {
    let mut places = BTreeMap::new();
    for message in inventory.messages() {
        let facts = Facts {
            stable: !message.experimental,
            ..Facts::default()
        };
        places.insert(message.method.clone(), facts);
    }
    for entry in &inventory.types {
        places_of(entry, &mut places);
    }
    places
}

fn places_of(entry: &TypeEntry, places: &mut BTreeMap<String, Facts>) {
    let place = entry.place();
    let stable = !entry.experimental;
    let of_type = Facts {
        stable,
        ..Facts::default()
    };
    for field in &entry.fields {
        let facts = Facts {
            stable: stable && !field.experimental,
            required: field.is_required(),
            filled: field.is_required() && !field.is_nullable(),
        };
        places.insert(format!("{place}.{}", field.wire), facts);
    }
    for variant in &entry.variants {
        let place = match variant.payload {
            None => format!("{place}={}", variant.wire),
            Some(_) if entry.kind == "untagged union" => format!("{place}[{}]", variant.rust),
            Some(_) => format!("{place}[{}]", variant.wire),
        };
        // The payload's own entry, if it exists, is more precise.
        places.entry(place).or_insert(of_type);
    }
    places.insert(place, of_type);
}
