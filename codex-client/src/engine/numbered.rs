//! A table whose keys are given out in ascending order.
//!
//! Ordered like a tree, and much less to compile: entries are added at the end of a list, found by
//! bisection, and leave a gap behind. The gaps are closed when they are most of the list, so that
//! each operation takes logarithmic time on average and the list is at most twice as long as needed.
//!
//! Independent of what the numbers count.

/// Values by ascending key.
///
/// Invariant: the slots are sorted by key; `live` is the number of those with a value; the first
/// slot has one.
#[derive(Debug)]
pub(crate) struct Numbered<K, V> {
    slots: Vec<(K, Option<V>)>,
    /// The number of slots at the beginning that are not in use.
    start: usize,
    live: usize,
}

/// Gaps that are not worth closing.
const FEW: usize = 16;

impl<K, V> Default for Numbered<K, V> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            start: 0,
            live: 0,
        }
    }
}

impl<K: Copy + Ord + Into<i128>, V> Numbered<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.live
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Adds a value, or replaces that of the key. A key below the last one moves the slots above it.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let index = match self.slots.last() {
            Some((last, _)) if *last >= key => self.search(key),
            _ => Err(self.slots.len()),
        };
        match index {
            Ok(index) => {
                let slot = &mut self.slots[index].1;
                self.live += usize::from(slot.is_none());
                *slot = Some(value);
            }
            Err(index) => {
                self.slots.insert(index, (key, Some(value)));
                self.live += 1;
            }
        }
    }

    /// The place of a key among all slots, those at the beginning excepted.
    ///
    /// Without gaps that were closed it is as far from the first one as its key; with some, closer.
    fn search(&self, key: K) -> Result<usize, usize> {
        let used = &self.slots[self.start..];
        let distance = used.first().map(|(first, _)| key.into() - (*first).into());
        let most = distance.map_or(0, |it| usize::try_from(it).unwrap_or_default());
        if used.get(most).is_some_and(|(found, _)| *found == key) {
            return Ok(self.start + most);
        }
        let used = &used[..most.min(used.len())];
        let found = used.binary_search_by(|(known, _)| known.cmp(&key));
        found
            .map(|index| index + self.start)
            .map_err(|index| index + self.start)
    }

    pub(crate) fn get(&self, key: K) -> Option<&V> {
        self.slots[self.search(key).ok()?].1.as_ref()
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let index = self.search(key).ok()?;
        self.slots[index].1.as_mut()
    }

    pub(crate) fn contains(&self, key: K) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        let index = self.search(key).ok()?;
        let value = self.slots[index].1.take()?;
        self.live -= 1;
        self.close_gaps();
        Some(value)
    }

    /// The entry with the lowest key.
    pub(crate) fn first(&self) -> Option<(K, &V)> {
        self.iter().next()
    }

    /// Removes the entry with the lowest key.
    pub(crate) fn pop_first(&mut self) -> Option<(K, V)> {
        let (key, slot) = self.slots.get_mut(self.start)?;
        let entry = (*key, slot.take()?);
        self.live -= 1;
        self.close_gaps();
        Some(entry)
    }

    fn close_gaps(&mut self) {
        while self.slots.get(self.start).is_some_and(|it| it.1.is_none()) {
            self.start += 1;
        }
        if self.slots.len() > 2 * self.live + FEW {
            self.slots.retain(|(_, value)| value.is_some());
            self.slots.shrink_to(2 * self.live + FEW);
            self.start = 0;
        }
    }

    /// The entries, by ascending key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        let used = self.slots[self.start..].iter();
        used.filter_map(|(key, value)| Some((*key, value.as_ref()?)))
    }

    /// The keys, in ascending order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = K> {
        self.iter().map(|(key, _)| key)
    }

    /// The values, by ascending key.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The entries, by ascending key.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (K, &mut V)> {
        let used = self.slots[self.start..].iter_mut();
        used.filter_map(|(key, value)| Some((*key, value.as_mut()?)))
    }

    /// The values, by ascending key.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// Removes all entries, and returns their values by ascending key.
    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = V> + use<K, V> {
        let slots = std::mem::take(self).slots;
        slots.into_iter().filter_map(|(_, value)| value)
    }

    /// Removes the entries that `is_kept` returns false for.
    pub(crate) fn retain(&mut self, mut is_kept: impl FnMut(&mut V) -> bool) {
        for (_, slot) in &mut self.slots[self.start..] {
            if slot.as_mut().is_some_and(|value| !is_kept(value)) {
                *slot = None;
                self.live -= 1;
            }
        }
        self.close_gaps();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};

    use super::{FEW, Numbered};

    #[derive(Clone, Debug)]
    enum Step {
        Add,
        Insert(u8),
        Remove(u8),
        PopFirst,
        KeepBelow(u8),
        TakeAll,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            8 => any::<()>().prop_map(|()| Step::Add),
            2 => any::<u8>().prop_map(Step::Insert),
            6 => any::<u8>().prop_map(Step::Remove),
            3 => any::<()>().prop_map(|()| Step::PopFirst),
            1 => any::<u8>().prop_map(Step::KeepBelow),
            1 => any::<()>().prop_map(|()| Step::TakeAll),
        ];
        prop::collection::vec(step, 0..400)
    }

    fn apply(
        step: &Step,
        table: &mut Numbered<u8, usize>,
        map: &mut BTreeMap<u8, usize>,
        at: usize,
    ) {
        match *step {
            Step::Add => {
                let next = map
                    .last_key_value()
                    .map_or(0, |(last, _)| last.wrapping_add(1));
                table.insert(next, at);
                map.insert(next, at);
            }
            Step::Insert(key) => {
                table.insert(key, at);
                map.insert(key, at);
            }
            Step::Remove(key) => assert_eq!(table.remove(key), map.remove(&key)),
            Step::PopFirst => assert_eq!(table.pop_first(), map.pop_first()),
            Step::KeepBelow(limit) => {
                table.retain(|value| *value % 256 < limit.into());
                map.retain(|_, value| *value % 256 < limit.into());
            }
            Step::TakeAll => {
                assert!(table.take_all().eq(std::mem::take(map).into_values()));
            }
        }
    }

    proptest! {
        #[test]
        fn the_table_has_what_an_ordered_map_has(steps in steps()) {
            let (mut table, mut map) = (Numbered::default(), BTreeMap::new());
            for (at, step) in steps.iter().enumerate() {
                apply(step, &mut table, &mut map, at);
                assert_eq!(table.len(), map.len());
                assert!(table.iter().eq(map.iter().map(|(key, value)| (*key, value))));
                assert_eq!(table.first(), map.first_key_value().map(|(key, value)| (*key, value)));
                for key in 0..=u8::MAX {
                    assert_eq!(table.get(key), map.get(&key));
                }
                assert!(table.slots.len() <= 2 * table.live + FEW);
            }
        }
    }
}
