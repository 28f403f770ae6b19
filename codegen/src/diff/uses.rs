//! The part of a diff that concerns a program which uses some methods and notifications.

use std::collections::BTreeSet;

use super::Diff;
use crate::inventory::{Inventory, MessageEntry, TypeEntry, ValueType};

impl Diff {
    /// Keeps the changes that concern a program that uses these methods and notifications.
    ///
    /// # Errors
    ///
    /// Returns the names that neither schema has.
    pub fn used_by(
        mut self,
        methods: &BTreeSet<String>,
        old: &Inventory,
        new: &Inventory,
    ) -> Result<Self, Vec<String>> {
        let known = |method: &&String| old.message(method).or(new.message(method)).is_none();
        let unknown: Vec<String> = methods.iter().filter(known).cloned().collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let mut types = reached(methods, old);
        types.extend(reached(methods, new));
        self.changes.retain(|change| {
            methods.contains(&change.place)
                || change.owners.iter().any(|owner| types.contains(owner))
        });
        Ok(self)
    }
}

/// The types reachable from the messages.
fn reached(methods: &BTreeSet<String>, inventory: &Inventory) -> BTreeSet<String> {
    let messages = methods
        .iter()
        .filter_map(|method| inventory.message(method));
    let roots = messages.flat_map(|it| it.params.iter().chain(&it.response));
    let mut open: Vec<&str> = roots.map(String::as_str).collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        let entry = inventory.find(name);
        if let Some(entry) = entry.filter(|_| seen.insert(name.to_owned())) {
            open.extend(mentions(entry));
        }
    }
    seen
}

fn mentions(entry: &TypeEntry) -> Vec<&str> {
    let fields = entry.fields.iter().map(|field| &field.value);
    let variants = entry.variants.iter().filter_map(|it| it.payload.as_ref());
    let types = fields.chain(variants).chain(&entry.alias);
    types.filter_map(ValueType::named).collect()
}

impl Inventory {
    /// Every message of both directions.
    pub fn messages(&self) -> impl Iterator<Item = &MessageEntry> {
        let requests = self.client_requests.iter().chain(&self.server_requests);
        let notifications = self.server_notifications.iter();
        requests
            .chain(notifications)
            .chain(&self.client_notifications)
    }

    /// The message with this method.
    pub fn message(&self, method: &str) -> Option<&MessageEntry> {
        self.messages().find(|entry| entry.method == method)
    }
}
