//! Compares definitions of the same name, member by member.

use std::collections::{BTreeMap, BTreeSet};

use super::fits::Ends;
use super::{Aspect, Change, Item};
use crate::inventory::{FieldEntry, Inventory, Senders, TypeEntry, VariantEntry};

/// Every difference of the definitions.
pub(super) fn compare(old: &Inventory, new: &Inventory) -> Vec<Change> {
    let (before, after) = (by_name(old), by_name(new));
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let mut comparison = Comparison {
        old,
        new,
        changes: Vec::new(),
    };
    for name in names {
        match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) => comparison.entry(old, new),
            (Some(gone), None) => comparison.whole(gone, Aspect::Removed),
            (None, Some(come)) => comparison.whole(come, Aspect::Added),
            (None, None) => {}
        }
    }
    comparison.changes
}

fn by_name(inventory: &Inventory) -> BTreeMap<&str, &TypeEntry> {
    let types = inventory.types.iter();
    types.map(|entry| (entry.name.as_str(), entry)).collect()
}

struct Comparison<'a> {
    old: &'a Inventory,
    new: &'a Inventory,
    changes: Vec<Change>,
}

impl Comparison<'_> {
    fn push(&mut self, entry: &TypeEntry, change: Change) {
        let owners = [entry.name.clone()];
        self.changes.push(change.owned_by(owners));
    }

    /// A variant that was added or removed with its payload is reported at its union.
    fn whole(&mut self, entry: &TypeEntry, aspect: Aspect) {
        let union = entry.variant_of.as_ref();
        let other = if aspect == Aspect::Added {
            self.old
        } else {
            self.new
        };
        if union.is_some_and(|(union, _)| other.find(union).is_some()) {
            return;
        }
        let mut change = Change::new(entry.place(), Item::Type, aspect, entry.senders);
        let text = Some(entry.kind.to_owned());
        match aspect {
            Aspect::Added => change.after = text,
            _ => change.before = text,
        }
        self.push(entry, change);
    }

    fn entry(&mut self, old: &TypeEntry, new: &TypeEntry) {
        let senders = both(old.senders, new.senders);
        let place = new.place();
        let change = |aspect| Change::new(&place, Item::Type, aspect, senders);
        if old.kind != new.kind || old.alias != new.alias {
            let change = change(Aspect::Type).between(shape(old), shape(new));
            let reason = self.obstacle(old, new);
            self.push(new, change.breaking(reason));
        } else if old.tag != new.tag {
            let tag = |entry: &TypeEntry| format!("tag {:?}", entry.tag);
            let reason = "the variants are distinguished by another field".to_owned();
            let change = change(Aspect::Type).between(tag(old), tag(new));
            self.push(new, change.breaking(Some(reason)));
        }
        if old.experimental != new.experimental {
            let change = change(Aspect::Stability);
            let change = change.between(stability(old.experimental), stability(new.experimental));
            self.push(new, change);
        }
        if old.docs != new.docs {
            self.push(
                new,
                docs(
                    change(Aspect::Documentation),
                    old.docs.as_ref(),
                    new.docs.as_ref(),
                ),
            );
        }
        if old.kind == new.kind {
            self.fields(old, new, senders);
            self.variants(old, new, senders);
        }
    }

    /// Considers the directions in which both versions send the type.
    fn obstacle(&self, old: &TypeEntry, new: &TypeEntry) -> Option<String> {
        let named = |entry: &TypeEntry| crate::ValueType::Named(entry.name.clone());
        self.in_each_direction(old, new, |ends, from_server| {
            if from_server {
                ends.obstacle(&named(old), &named(new))
            } else {
                ends.obstacle(&named(new), &named(old))
            }
        })
    }

    fn in_each_direction(
        &self,
        old: &TypeEntry,
        new: &TypeEntry,
        obstacle: impl Fn(Ends<'_>, bool) -> Option<String>,
    ) -> Option<String> {
        let from_server = Ends {
            reader: self.old,
            writer: self.new,
            strict: false,
        };
        let from_client = Ends {
            reader: self.new,
            writer: self.old,
            strict: true,
        };
        let of_server = (old.senders.server && new.senders.server)
            .then(|| obstacle(from_server, true))
            .flatten();
        let of_client = (old.senders.client && new.senders.client)
            .then(|| obstacle(from_client, false))
            .flatten();
        match (of_server, of_client) {
            (Some(reason), _) => Some(format!("old types read the new runtime: {reason}")),
            (None, Some(reason)) => Some(format!("the new runtime reads old types: {reason}")),
            (None, None) => None,
        }
    }

    fn fields(&mut self, old: &TypeEntry, new: &TypeEntry, senders: Senders) {
        let fields = |entry: &TypeEntry| -> BTreeMap<String, FieldEntry> {
            let fields = entry.fields.iter().cloned();
            fields.map(|field| (field.wire.clone(), field)).collect()
        };
        let (before, after) = (fields(old), fields(new));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            let place = format!("{}.{name}", new.place());
            let change = |aspect| Change::new(&place, Item::Field, aspect, senders);
            match (before.get(name), after.get(name)) {
                (Some(one), Some(other)) => {
                    for change in field_changes(one, other, &change) {
                        let change = self.with_obstacle(old, new, change, one, other);
                        self.push(new, change);
                    }
                }
                (Some(gone), None) => {
                    let mut change = change(Aspect::Removed);
                    change.before = Some(description(gone));
                    change.decoding = self.in_each_direction(old, new, |ends, from_server| {
                        from_server
                            .then(|| ends.field_obstacle(gone, None))
                            .flatten()
                    });
                    self.push(new, change);
                }
                (None, Some(come)) => {
                    let mut change = change(Aspect::Added);
                    change.after = Some(description(come));
                    change.decoding = self.in_each_direction(old, new, |ends, from_server| {
                        (!from_server)
                            .then(|| ends.field_obstacle(come, None))
                            .flatten()
                    });
                    self.push(new, change);
                }
                (None, None) => {}
            }
        }
    }

    fn with_obstacle(
        &self,
        old: &TypeEntry,
        new: &TypeEntry,
        mut change: Change,
        before: &FieldEntry,
        after: &FieldEntry,
    ) -> Change {
        if matches!(
            change.aspect,
            Aspect::Type | Aspect::Required | Aspect::Nullable
        ) {
            change.decoding = self.in_each_direction(old, new, |ends, from_server| {
                let (reader, writer) = if from_server {
                    (before, after)
                } else {
                    (after, before)
                };
                // Each property is judged separately: the others are taken from the reader.
                let mut written = writer.clone();
                match change.aspect {
                    Aspect::Type => written.presence = reader.presence,
                    _ => written.value = reader.value.clone(),
                }
                let same = Ends {
                    reader: ends.reader,
                    writer: ends.reader,
                    ..ends
                };
                let ends = if change.aspect == Aspect::Type {
                    ends
                } else {
                    same
                };
                ends.field_obstacle(reader, Some(&written))
            });
        }
        change
    }

    fn variants(&mut self, old: &TypeEntry, new: &TypeEntry, senders: Senders) {
        let is_untagged = new.kind == "untagged union";
        let key = |it: &VariantEntry| {
            if is_untagged {
                it.rust.clone()
            } else {
                it.wire.clone()
            }
        };
        let variants = |entry: &TypeEntry| -> BTreeMap<String, VariantEntry> {
            let variants = entry.variants.iter().cloned();
            variants.map(|variant| (key(&variant), variant)).collect()
        };
        let (before, after) = (variants(old), variants(new));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            let (one, other) = (before.get(name), after.get(name));
            let is_value = [one, other]
                .into_iter()
                .flatten()
                .all(|it| it.payload.is_none());
            let (place, item) = if is_value {
                (format!("{}={name}", new.place()), Item::Value)
            } else {
                (format!("{}[{name}]", new.place()), Item::Variant)
            };
            let change = |aspect| Change::new(&place, item, aspect, senders);
            let change = match (one, other) {
                (Some(one), Some(other)) => {
                    for change in variant_changes(one, other, &change) {
                        self.push(new, change);
                    }
                    continue;
                }
                (Some(_), None) => {
                    let change = change(Aspect::Removed);
                    change.breaking(self.in_each_direction(old, new, |_, from_server| {
                        (!from_server).then(|| format!("`{name}` is no longer accepted"))
                    }))
                }
                _ => change(Aspect::Added),
            };
            self.push(new, change);
        }
    }
}

fn field_changes(
    before: &FieldEntry,
    after: &FieldEntry,
    change: &dyn Fn(Aspect) -> Change,
) -> Vec<Change> {
    let mut changes = Vec::new();
    if before.value != after.value {
        let (before, after) = (before.value.to_string(), after.value.to_string());
        changes.push(change(Aspect::Type).between(before, after));
    }
    if before.is_required() != after.is_required() {
        let text = |field: &FieldEntry| {
            if field.is_required() {
                "required"
            } else {
                "optional"
            }
        };
        changes.push(change(Aspect::Required).between(text(before), text(after)));
    } else if before.presence != after.presence {
        let text = |field: &FieldEntry| match field.presence.to_string() {
            text if text.is_empty() => "never null".to_owned(),
            text => text.trim_start_matches([',', ' ']).to_owned(),
        };
        changes.push(change(Aspect::Nullable).between(text(before), text(after)));
    }
    if before.default != after.default {
        let text = |field: &FieldEntry| {
            let default = field.default.as_ref();
            default.map_or_else(|| "none".to_owned(), ToString::to_string)
        };
        changes.push(change(Aspect::Default).between(text(before), text(after)));
    }
    if before.experimental != after.experimental {
        let change = change(Aspect::Stability);
        changes.push(change.between(
            stability(before.experimental),
            stability(after.experimental),
        ));
    }
    if before.docs != after.docs {
        changes.push(docs(
            change(Aspect::Documentation),
            before.docs.as_ref(),
            after.docs.as_ref(),
        ));
    }
    changes
}

fn variant_changes(
    before: &VariantEntry,
    after: &VariantEntry,
    change: &dyn Fn(Aspect) -> Change,
) -> Vec<Change> {
    let mut changes = Vec::new();
    if before.payload != after.payload {
        let text = |it: &VariantEntry| {
            let payload = it.payload.as_ref();
            payload.map_or_else(|| "a string".to_owned(), ToString::to_string)
        };
        changes.push(change(Aspect::Type).between(text(before), text(after)));
    }
    if before.docs != after.docs {
        changes.push(docs(
            change(Aspect::Documentation),
            before.docs.as_ref(),
            after.docs.as_ref(),
        ));
    }
    changes
}

fn shape(entry: &TypeEntry) -> String {
    match &entry.alias {
        Some(value) => value.to_string(),
        None => entry.kind.to_owned(),
    }
}

fn description(field: &FieldEntry) -> String {
    let required = if field.is_required() { "required " } else { "" };
    format!("{required}{}{}", field.value, field.presence)
}

pub(super) fn stability(experimental: bool) -> &'static str {
    if experimental {
        "experimental"
    } else {
        "stable"
    }
}

pub(super) fn docs(mut change: Change, before: Option<&String>, after: Option<&String>) -> Change {
    change.before = before.cloned();
    change.after = after.cloned();
    change
}

pub(super) fn both(one: Senders, other: Senders) -> Senders {
    Senders {
        client: one.client || other.client,
        server: one.server || other.server,
    }
}
