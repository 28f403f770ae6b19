//! How the key of an entry is read and found among the names that are known.

use std::fmt;

use serde_core::de::{DeserializeSeed, Deserializer, Visitor};

/// The key of an entry.
pub(crate) enum Key {
    Known(usize),
    Unknown(String),
}

/// Reads a key and looks it up, beginning where the last one was found:
/// objects mostly come in one order.
pub(crate) struct KeySeed {
    pub(crate) names: &'static [&'static str],
    pub(crate) hint: usize,
}

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for KeySeed {
    type Value = Key;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    #[inline]
    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        let expected = self.names.get(self.hint);
        if expected.is_some_and(|name| is_same(name, key)) {
            return Ok(Key::Known(self.hint));
        }
        Ok(match find(self.names, self.hint, key) {
            Some(index) => Key::Known(index),
            None => Key::Unknown(key.to_owned()),
        })
    }
}

fn find(names: &[&str], hint: usize, key: &str) -> Option<usize> {
    let hint = hint.min(names.len());
    let behind = names[hint..].iter().position(|name| is_same(name, key));
    behind
        .map(|index| index + hint)
        .or_else(|| names[..hint].iter().position(|name| is_same(name, key)))
}

/// Compares two names, without a call for the common lengths: keys are
/// compared more often than anything else here.
#[inline]
fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    left.len() == right.len()
        && match left.len() {
            // The two pieces overlap, or meet, and cover the name.
            8..=16 => {
                left.first_chunk::<8>() == right.first_chunk()
                    && left.last_chunk::<8>() == right.last_chunk()
            }
            4..=7 => {
                left.first_chunk::<4>() == right.first_chunk()
                    && left.last_chunk::<4>() == right.last_chunk()
            }
            2..=3 => left.first_chunk::<2>() == right.first_chunk() && left.last() == right.last(),
            _ => left == right,
        }
}
