//! Compares the requests and notifications of both directions.

use std::collections::{BTreeMap, BTreeSet};

use super::fits::Ends;
use super::types::{docs, stability};
use super::{Aspect, Change, Item};
use crate::inventory::{Inventory, MessageEntry, Senders, ValueType};

/// One of the four lists of messages.
struct List<'a> {
    old: &'a [MessageEntry],
    new: &'a [MessageEntry],
    item: Item,
    /// True if the server sends the message; the other end sends the response.
    from_server: bool,
}

/// Every difference of the messages.
pub(super) fn compare(old: &Inventory, new: &Inventory) -> Vec<Change> {
    let list = |old, new, item, from_server| List {
        old,
        new,
        item,
        from_server,
    };
    let lists = [
        list(
            &old.client_requests,
            &new.client_requests,
            Item::Method,
            false,
        ),
        list(
            &old.server_requests,
            &new.server_requests,
            Item::Method,
            true,
        ),
        list(
            &old.server_notifications,
            &new.server_notifications,
            Item::Notification,
            true,
        ),
        list(
            &old.client_notifications,
            &new.client_notifications,
            Item::Notification,
            false,
        ),
    ];
    let changes = lists.iter().flat_map(|list| compare_list(old, new, list));
    changes.collect()
}

fn compare_list(old: &Inventory, new: &Inventory, list: &List<'_>) -> Vec<Change> {
    fn by_method(entries: &[MessageEntry]) -> BTreeMap<&str, &MessageEntry> {
        entries.iter().map(|it| (it.method.as_str(), it)).collect()
    }
    let (before, after) = (by_method(list.old), by_method(list.new));
    let methods: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let senders = Senders {
        client: !list.from_server,
        server: list.from_server,
    };
    let mut changes = Vec::new();
    for method in methods {
        let change = |aspect| Change::new(method, list.item, aspect, senders);
        match (before.get(method), after.get(method)) {
            (Some(one), Some(other)) => {
                let pair = Pair {
                    old,
                    new,
                    list,
                    one,
                    other,
                };
                changes.extend(pair.changes(&change));
            }
            (Some(gone), None) => {
                let is_sent = !list.from_server && list.item == Item::Method;
                let reason = is_sent.then(|| "the new runtime rejects the method".to_owned());
                let mut change = change(Aspect::Removed).breaking(reason);
                change.before = Some(signature(gone));
                changes.push(change);
            }
            (None, Some(come)) => {
                let mut change = change(Aspect::Added);
                change.after = Some(signature(come));
                changes.push(change);
            }
            (None, None) => {}
        }
    }
    changes
}

/// One message in both schemas.
struct Pair<'a> {
    old: &'a Inventory,
    new: &'a Inventory,
    list: &'a List<'a>,
    one: &'a MessageEntry,
    other: &'a MessageEntry,
}

impl Pair<'_> {
    fn changes(&self, change: &dyn Fn(Aspect) -> Change) -> Vec<Change> {
        let (one, other) = (self.one, self.other);
        let mut changes = Vec::new();
        let params = |it: &MessageEntry| (it.params.clone(), it.params_optional);
        if params(one) != params(other) {
            let change = change(Aspect::Type).between(params_text(one), params_text(other));
            changes.push(change.breaking(self.params_obstacle()));
        }
        let responses = one.response.as_ref().zip(other.response.as_ref());
        if let Some((before, after)) = responses.filter(|(before, after)| before != after) {
            let texts = (format!("-> {before}"), format!("-> {after}"));
            let change = change(Aspect::Type).between(texts.0, texts.1);
            let reason = self.obstacle(before, after, !self.list.from_server);
            changes.push(change.breaking(reason));
        }
        if one.experimental != other.experimental {
            let change = change(Aspect::Stability);
            let (before, after) = (stability(one.experimental), stability(other.experimental));
            changes.push(change.between(before, after));
        }
        if one.docs != other.docs {
            changes.push(docs(
                change(Aspect::Documentation),
                one.docs.as_ref(),
                other.docs.as_ref(),
            ));
        }
        changes
    }

    fn params_obstacle(&self) -> Option<String> {
        let (reader, writer) = if self.list.from_server {
            (self.one, self.other)
        } else {
            (self.other, self.one)
        };
        let needs = reader.params.is_some() && !reader.params_optional;
        let always = writer.params.is_some() && !writer.params_optional;
        if needs && !always {
            return Some("the parameters are required, and may be absent".to_owned());
        }
        match (&self.one.params, &self.other.params) {
            (Some(one), Some(other)) => self.obstacle(one, other, self.list.from_server),
            _ => None,
        }
    }

    fn obstacle(&self, before: &str, after: &str, from_server: bool) -> Option<String> {
        let named = |name: &str| ValueType::Named(name.to_owned());
        let (before, after) = (named(before), named(after));
        let (reader, writer, strict) = if from_server {
            (self.old, self.new, false)
        } else {
            (self.new, self.old, true)
        };
        let ends = Ends {
            reader,
            writer,
            strict,
        };
        if from_server {
            ends.obstacle(&before, &after)
        } else {
            ends.obstacle(&after, &before)
        }
    }
}

fn params_text(entry: &MessageEntry) -> String {
    match (&entry.params, entry.params_optional) {
        (None, _) => "()".to_owned(),
        (Some(params), true) => format!("({params}, optional)"),
        (Some(params), false) => format!("({params})"),
    }
}

fn signature(entry: &MessageEntry) -> String {
    let stability = stability(entry.experimental);
    match &entry.response {
        Some(response) => format!("{} -> {response}, {stability}", params_text(entry)),
        None => format!("{}, {stability}", params_text(entry)),
    }
}
