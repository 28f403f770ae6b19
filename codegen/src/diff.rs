//! Compares the generated models of two runtimes: per definition, field, variant, value, method and
//! notification, and per direction.
//!
//! Compares inventories instead of JSON, so that changes without effect on the models are no
//! differences: titles, the order of keys, wrappers, an inline string that became a named one.
//! Pure; independent of files and versions.

use std::collections::BTreeSet;

use crate::inventory::{Inventory, Senders};

mod api;
mod attach;
mod fits;
mod messages;
mod probes;
mod render;
mod types;
mod uses;
mod verdict;

pub use probes::{PRELUDE, Probe, broken, probes};
pub use render::Format;
pub use verdict::{Crate, Level, Verdict};

/// Everything that differs between two inventories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diff {
    /// The differences, by place.
    pub changes: Vec<Change>,
    /// The consequence for the version of each published crate.
    pub verdicts: Vec<Verdict>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The place in the protocol: `thread/start`, `Thread`, `Thread.projectId`,
    /// `ThreadItem[plan].text`, `PlanType=pro`.
    pub place: String,
    /// The definitions it belongs to; empty for a property of a method itself.
    pub owners: BTreeSet<String>,
    /// The kind of thing at the place.
    pub item: Item,
    /// The property that differs.
    pub aspect: Aspect,
    /// The ends of the connection that send it.
    pub senders: Senders,
    /// The property in the old schema.
    pub before: Option<String>,
    /// The property in the new schema.
    pub after: Option<String>,
    /// The reason why messages between types of the old schema and a runtime with the new one can
    /// no longer be decoded.
    pub decoding: Option<String>,
    /// The items of the Rust API that no longer exist or have another signature.
    pub api: Vec<String>,
}

/// A kind of thing that can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Item {
    /// A request.
    Method,
    /// A notification.
    Notification,
    /// A definition.
    Type,
    /// A field of an object.
    Field,
    /// A variant of a union.
    Variant,
    /// A value of an enumeration.
    Value,
    /// An argument of one of the client's builders.
    Argument,
}

/// A property that can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Aspect {
    /// Newly added.
    Added,
    /// No longer existing.
    Removed,
    /// Its type.
    Type,
    /// Presence: required or optional.
    Required,
    /// Nullability.
    Nullable,
    /// The meaning of an absent one.
    Default,
    /// Presence in the stable schema.
    Stability,
    /// Its Rust API alone: a derived trait, a conversion, a pointer around a payload.
    Rust,
    /// Its documentation.
    Documentation,
}

/// The consequence of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// Messages that types of the old schema cannot decode, or that the new runtime cannot.
    BreaksDecoding,
    /// Programs against the Rust API of the models or of the builders that no longer compile.
    BreaksApi,
    /// Neither.
    Additive,
}

impl Change {
    /// The most severe consequence.
    pub fn class(&self) -> Class {
        if self.decoding.is_some() {
            Class::BreaksDecoding
        } else if self.api.is_empty() {
            Class::Additive
        } else {
            Class::BreaksApi
        }
    }
}

/// Compares two inventories.
pub fn compare(old: &Inventory, new: &Inventory) -> Diff {
    let mut changes = types::compare(old, new);
    changes.extend(messages::compare(old, new));
    attach::attach(old, new, &mut changes);
    changes.sort_by(|one, other| {
        (&one.place, one.aspect, &one.before).cmp(&(&other.place, other.aspect, &other.before))
    });
    let verdicts = verdict::decide(old, new, &changes);
    Diff { changes, verdicts }
}

impl Change {
    fn new(place: impl Into<String>, item: Item, aspect: Aspect, senders: Senders) -> Self {
        Self {
            place: place.into(),
            owners: BTreeSet::new(),
            item,
            aspect,
            senders,
            before: None,
            after: None,
            decoding: None,
            api: Vec::new(),
        }
    }

    fn owned_by(mut self, owners: impl IntoIterator<Item = String>) -> Self {
        self.owners.extend(owners);
        self
    }

    fn between(mut self, before: impl Into<String>, after: impl Into<String>) -> Self {
        self.before = Some(before.into());
        self.after = Some(after.into());
        self
    }

    fn breaking(mut self, reason: Option<String>) -> Self {
        self.decoding = reason;
        self
    }
}
