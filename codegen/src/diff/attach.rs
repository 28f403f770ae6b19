//! Adds the consequences for the Rust API to the changes of the protocol that cause them.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{self, Api, ApiItem};
use super::{Aspect, Change, Item};
use crate::inventory::{Inventory, Senders, TypeEntry};

/// Attaches every item of the API that was removed or has another signature.
pub(super) fn attach(old: &Inventory, new: &Inventory, changes: &mut Vec<Change>) {
    let (before, after) = (api::of(old), api::of(new));
    for (path, item) in &before {
        let text = match after.get(path) {
            None => format!("`{path}` is removed"),
            Some(other) if other.signature == item.signature => continue,
            Some(other) => format!("`{path}`: {}", transition(item, other)),
        };
        let causes = causes(path, item, old, new);
        let cause = find(changes, &causes, &item.place);
        match cause.and_then(|index| changes.get_mut(index)) {
            // All members of a removed type are removed with it; listing them adds no information.
            Some(cause) if is_whole(cause) && *path != cause.place => {}
            Some(cause) => cause.api.push(text),
            None => changes.push(of_rust_alone(item, text, old, new)),
        }
    }
    changes.extend(added_alone((&before, &after), changes, (old, new)));
}

/// The index of the nearest cause; for properties of a whole type, any differing member.
fn find(changes: &[Change], causes: &[String], place: &str) -> Option<usize> {
    let is_member = |change: &Change| {
        let rest = change.place.strip_prefix(place);
        rest.is_some_and(|rest| rest.starts_with(['.', '=', '[']))
    };
    let position = |is_cause: &dyn Fn(&Change) -> bool| {
        let is_cause = |it: &Change| it.aspect != Aspect::Documentation && is_cause(it);
        changes.iter().position(is_cause)
    };
    let mut nearest = causes.iter();
    let nearest = nearest.find_map(|cause| position(&|change| change.place == *cause));
    nearest.or_else(|| position(&is_member))
}

/// Returns whether a whole definition was added or removed.
fn is_whole(change: &Change) -> bool {
    change.item == Item::Type && change.aspect == Aspect::Removed
}

/// Both signatures, unless they are too long for a comparison by eye.
fn transition(before: &ApiItem, after: &ApiItem) -> String {
    /// Of both together, in bytes.
    const LONGEST: usize = 160;
    if before.signature.len() + after.signature.len() > LONGEST {
        return "other arguments".to_owned();
    }
    format!("{} -> {}", before.signature, after.signature)
}

/// The possible causes, nearest first: the item's own place, and for properties of a whole type the
/// members that decide them.
fn causes(path: &str, item: &ApiItem, old: &Inventory, new: &Inventory) -> Vec<String> {
    let mut causes = vec![item.place.clone()];
    let of_required = ["::new", ": Default"];
    let named = of_required.iter().find_map(|it| path.strip_suffix(it));
    if let Some(name) = named {
        causes.extend(required_that_differ(old.find(name), new.find(name)));
    }
    // A member of a definition that was added or removed as a whole.
    let owner = item.place.split(['.', '=']).next().unwrap_or_default();
    causes.push(owner.to_owned());
    if let Some((union, _)) = owner.split_once('[') {
        causes.push(union.to_owned());
    }
    causes
}

fn required_that_differ(old: Option<&TypeEntry>, new: Option<&TypeEntry>) -> Vec<String> {
    let (Some(old), Some(new)) = (old, new) else {
        return Vec::new();
    };
    let required = |entry: &TypeEntry| -> BTreeMap<String, String> {
        let fields = entry.fields.iter().filter(|field| field.is_required());
        let fields = fields.map(|field| (field.wire.clone(), field.value.to_string()));
        fields.collect()
    };
    let (before, after) = (required(old), required(new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name));
    differing
        .map(|name| format!("{}.{name}", new.place()))
        .collect()
}

/// A difference of the API that no difference of the protocol explains.
fn of_rust_alone(item: &ApiItem, text: String, old: &Inventory, new: &Inventory) -> Change {
    let senders = senders(&item.place, old, new);
    let mut change = Change::new(&item.place, Item::Type, Aspect::Rust, senders);
    change.owners.insert(owner(&item.place).to_owned());
    change.api.push(text);
    change
}

/// New items at places without a difference of the protocol, such as a trait that can now be
/// derived.
fn added_alone(
    (before, after): (&Api, &Api),
    changes: &[Change],
    (old, new): (&Inventory, &Inventory),
) -> Vec<Change> {
    let added = after.iter().filter(|(path, _)| !before.contains_key(*path));
    let unexplained = added.filter(|(path, item)| {
        let causes = causes(path, item, old, new);
        find(changes, &causes, &item.place).is_none()
    });
    let change = |(path, item): (&String, &ApiItem)| {
        let senders = senders(&item.place, new, new);
        let mut change = Change::new(&item.place, Item::Type, Aspect::Rust, senders);
        change.owners.insert(owner(&item.place).to_owned());
        change.after = Some(format!("`{path}` is added"));
        change
    };
    unexplained.map(change).collect()
}

fn owner(place: &str) -> &str {
    place.split(['.', '=', '[']).next().unwrap_or(place)
}

fn senders(place: &str, old: &Inventory, new: &Inventory) -> Senders {
    let entry = new.find(owner(place)).or_else(|| old.find(owner(place)));
    entry.map(|entry| entry.senders).unwrap_or_default()
}
