//! The hash of ids: keyed, and short for short texts.
//!
//! Every event is routed by its ids, and for these the hash of the standard library takes longer than
//! everything else about finding a subscriber. The server chooses ids and must not make them collide:
//! the hash has a key.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes hashes with a key of its own.
#[derive(Clone, Debug)]
pub(super) struct Keyed {
    start: u64,
    factor: u64,
}

impl Default for Keyed {
    fn default() -> Self {
        let random = RandomState::new();
        Self {
            start: random.hash_one(0),
            factor: random.hash_one(1) | 1,
        }
    }
}

impl BuildHasher for Keyed {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded {
            state: self.start,
            factor: self.factor,
        }
    }
}

/// Words that were multiplied into one.
#[derive(Debug)]
pub(super) struct Folded {
    state: u64,
    factor: u64,
}

impl Folded {
    #[inline]
    fn fold(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * u128::from(self.factor);
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        let (low, high) = (product as u64, (product >> 64) as u64);
        self.state = low ^ high;
    }
}

impl Hasher for Folded {
    #[inline]
    fn write(&mut self, mut bytes: &[u8]) {
        while let Some((word, rest)) = bytes.split_first_chunk() {
            self.fold(u64::from_le_bytes(*word));
            bytes = rest;
        }
        let mut last = [0; size_of::<u64>()];
        last[..bytes.len()].copy_from_slice(bytes);
        // A text of zeros has a length as well.
        last[bytes.len()] = 1;
        self.fold(u64::from_le_bytes(last));
    }

    #[inline]
    fn write_u8(&mut self, end: u8) {
        self.fold(u64::from(end));
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_byte_and_the_length_count() {
        let keyed = Keyed::default();
        let id = "019a0000-0000-7000-8000-100000000001";
        let mut texts: Vec<String> = (0..=id.len()).map(|end| id[..end].to_owned()).collect();
        texts.extend((0..9).map(|zeros| "\0".repeat(zeros)));
        texts.extend((0..id.len()).map(|at| format!("{}~{}", &id[..at], &id[at + 1..])));
        let texts: HashSet<String> = texts.into_iter().collect();
        let hashes: HashSet<u64> = texts.iter().map(|text| keyed.hash_one(text)).collect();
        assert_eq!(hashes.len(), texts.len());
        assert_eq!(keyed.hash_one(id), keyed.clone().hash_one(id));
    }

    #[test]
    fn tables_have_keys_of_their_own() {
        let hashes = [(); 8].map(|()| Keyed::default().hash_one("id"));
        assert_eq!(hashes.into_iter().collect::<HashSet<u64>>().len(), 8);
    }
}
