//! The shape of an object: its fields by number, their kinds, and its tag.

/// The constant field that distinguishes a variant of a union.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    /// Its name, such as `type`.
    pub name: &'static str,
    /// Its value, such as `agentMessage`.
    pub value: &'static str,
}

/// The allowed forms of a field, and how it is written when it is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    non_camel_case_types,
    reason = "named like the functions that read and write them"
)]
pub enum Kind {
    /// It is required, and may be `null` only if its type allows it.
    required,
    /// It may be absent, but not `null`.
    optional,
    /// The runtime writes it as `null` when it is empty.
    nullable,
    /// The runtime leaves it out when it is empty, but it may be `null`.
    omittable,
    /// A field of a request, where `null` and absent differ.
    three_state,
}

/// A set of fields, with a bit for the number of each. As wide as the generator allows objects to be:
/// they grow (`Thread` had 19 fields, and has 33).
pub(crate) type Bits = u128;

/// The shape of an object.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The wire names of the fields; a field is known by its number in here.
    pub(super) fields: &'static [&'static str],
    pub(super) tag: Option<Tag>,
    /// The fields of one kind: a set with a bit for each number.
    required: Bits,
    /// Likewise.
    pub(super) optional: Bits,
    /// Likewise.
    pub(super) nullable: Bits,
    /// Likewise.
    pub(super) omittable: Bits,
}

impl Shape {
    /// The wire names of the fields in the order of their numbers, and their kinds.
    ///
    /// # Panics
    ///
    /// In the compiler, when there are more fields than bits in a set of them.
    pub const fn new(fields: &'static [&'static str], kinds: &[Kind]) -> Self {
        assert!(fields.len() <= Bits::BITS as usize);
        Self {
            fields,
            tag: None,
            required: set_of(kinds, Kind::required),
            optional: set_of(kinds, Kind::optional),
            nullable: set_of(kinds, Kind::nullable),
            omittable: set_of(kinds, Kind::omittable),
        }
    }

    /// The same with the constant field of a variant.
    #[must_use]
    pub const fn tagged(mut self, name: &'static str, value: &'static str) -> Self {
        self.tag = Some(Tag { name, value });
        self
    }

    /// Returns `true` if a field may be `null`, and is `None` then.
    #[inline]
    pub(super) fn may_be_null(&self, index: usize) -> bool {
        (self.nullable | self.omittable) & 1 << index != 0
    }

    /// The first required field that is not in a set.
    #[inline]
    pub(super) fn first_missing(&self, seen: Bits) -> Option<&'static str> {
        match self.required & !seen {
            0 => None,
            missing => self.fields.get(missing.trailing_zeros() as usize).copied(),
        }
    }

    /// Returns `true` if each such object has an id of its own.
    pub(crate) fn has_id(&self) -> bool {
        let id = self.fields.iter().position(|name| *name == "id");
        id.is_some_and(|index| self.required & 1 << index != 0)
    }
}

/// A set of fields that grows. In words, because a shift of all bits costs more than reading the
/// field.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Set([u64; 2]);

impl Set {
    /// Adds a field; returns `true` if it is in there already.
    #[inline]
    pub(super) fn insert(&mut self, index: usize) -> bool {
        let bit = 1 << (index % 64);
        let Some(word) = self.0.get_mut(index / 64) else {
            return false;
        };
        let is_again = *word & bit != 0;
        *word |= bit;
        is_again
    }

    /// The set with a bit for the number of each field.
    #[inline]
    pub(super) fn bits(self) -> Bits {
        let [low, high] = self.0;
        Bits::from(low) | Bits::from(high) << 64
    }
}

const fn set_of(kinds: &[Kind], wanted: Kind) -> Bits {
    let mut set = 0;
    let mut index = 0;
    while index < kinds.len() {
        if kinds[index] as u8 == wanted as u8 {
            set |= 1 << index;
        }
        index += 1;
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_every_field_once() {
        let mut set = Set::default();
        for index in (0..128).rev() {
            assert!(!set.insert(index), "{index}");
            assert!(set.insert(index), "{index}");
            assert_eq!(set.bits(), Bits::MAX << index);
        }
    }
}
