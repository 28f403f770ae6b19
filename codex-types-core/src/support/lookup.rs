//! Finds a method in its table with one comparison, mostly.
//!
//! A hash table that is filled when the crate is compiled. It maps names to
//! numbers, independent of their meaning.

use super::key::is_same;

/// More than five times the methods of the largest table.
const SLOTS: usize = 1024;

/// The index of the names of a table.
#[derive(Debug)]
pub struct Lookup {
    /// The number of a name plus one, at its hash or in the next free slot; 0 is free.
    slots: [u16; SLOTS],
}

impl Lookup {
    /// The places of these names.
    ///
    /// # Panics
    ///
    /// At compile time, when there are so many names that finding one would be slow.
    pub const fn new(names: &[&str]) -> Self {
        assert!(names.len() * 2 < SLOTS, "more slots are needed");
        let mut slots = [0; SLOTS];
        let mut number: u16 = 0;
        while (number as usize) < names.len() {
            let mut slot = hash(names[number as usize].as_bytes());
            while slots[slot] != 0 {
                slot = (slot + 1) % SLOTS;
            }
            number += 1;
            slots[slot] = number;
        }
        Self { slots }
    }

    /// The number of a name in the table that this was made from.
    pub fn find(&self, names: &[&str], name: &str) -> Option<usize> {
        let mut slot = hash(name.as_bytes());
        loop {
            let number = usize::from(self.slots[slot]).checked_sub(1)?;
            let known = names.get(number)?;
            if is_same(known.as_bytes(), name.as_bytes()) {
                return Some(number);
            }
            slot = (slot + 1) % SLOTS;
        }
    }
}

/// Mixes the length, the first and the last bytes: methods differ in them.
#[expect(clippy::cast_possible_truncation, reason = "the shift leaves ten bits")]
const fn hash(name: &[u8]) -> usize {
    let mixed = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first).rotate_left(29) ^ u64::from_le_bytes(*last)
        }
        _ => short(name),
    };
    let mixed = mixed ^ name.len() as u64;
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - SLOTS.trailing_zeros())) as usize
}

/// A name of fewer than eight bytes as a number.
const fn short(name: &[u8]) -> u64 {
    let mut mixed = 0;
    let mut at = 0;
    while at < name.len() {
        mixed = mixed << 8 | name[at] as u64;
        at += 1;
    }
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_equal_hashes_are_distinguished() {
        let names = [
            "12345678-a-12345678",
            "12345678-b-12345678",
            "12345678-c-12345678",
        ];
        let lookup = Lookup::new(&names);
        assert_eq!(hash(names[0].as_bytes()), hash(names[2].as_bytes()));
        for (number, name) in names.iter().enumerate() {
            assert_eq!(lookup.find(&names, name), Some(number));
        }
        assert_eq!(lookup.find(&names, "12345678-d-12345678"), None);
    }
}
