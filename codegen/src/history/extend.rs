//! Adds a runtime to a history.

use super::{Facts, History, Lifetime, Runtime, places};
use crate::inventory::Inventory;

impl History {
    /// Adds a runtime that is newer than all others, from its inventory.
    pub fn extend(&mut self, runtime: Runtime, inventory: &Inventory) {
        let index = self.runtimes.len();
        self.runtimes.push(runtime);
        let found = places(inventory);
        for (place, lifetime) in &mut self.lifetimes {
            if !found.contains_key(place) && lifetime.until.is_none() {
                *lifetime = lifetime.bare();
                lifetime.until = index.checked_sub(1);
            }
        }
        for (place, facts) in found {
            let new = || Lifetime {
                since: index,
                ..Lifetime::default()
            };
            let lifetime = self.lifetimes.entry(place).or_insert_with(new);
            if let Some(until) = lifetime.until.take() {
                lifetime.gaps.push((until + 1, index - 1));
                // It returned unchanged, so its stability is not news.
                lifetime.stable = Some(lifetime.since);
            }
            for (property, holds) in lifetime.properties(facts) {
                *property = holds.then(|| property.unwrap_or(index));
            }
        }
    }

    /// Fills in everything that the file omits: the lifetimes of the newest runtime's items, from
    /// its inventory. A history that was read needs this before [`History::extend`].
    pub fn complete(&mut self, newest: &Inventory) {
        for (place, facts) in places(newest) {
            let Some(mut lifetime) = self.lifetime(&place) else {
                continue;
            };
            if !self.lifetimes.contains_key(&place) {
                // The owner's properties do not apply to its members.
                lifetime = lifetime.bare();
            }
            let since = lifetime.since;
            for (property, holds) in lifetime.properties(facts) {
                *property = holds.then_some(property.unwrap_or(since));
            }
            self.lifetimes.insert(place, lifetime);
        }
    }
}

impl Lifetime {
    /// Without the properties.
    fn bare(&self) -> Self {
        Self {
            since: self.since,
            until: self.until,
            gaps: self.gaps.clone(),
            ..Self::default()
        }
    }

    fn properties(&mut self, facts: Facts) -> [(&mut Option<usize>, bool); 3] {
        [
            (&mut self.stable, facts.stable),
            (&mut self.required, facts.required),
            (&mut self.filled, facts.filled),
        ]
    }
}
