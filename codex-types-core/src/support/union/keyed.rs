//! Unions of strings and of objects that are distinguished by their one key.

use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::{kind, position};
use crate::support::decode::{Decode, Done, Failed, Reader};
use crate::support::key::Key;
use crate::support::reader::Mark;

/// The known strings and the known keys of a union, in the order of their numbers.
#[derive(Clone, Copy, Debug)]
pub struct KeyedNames {
    /// The strings.
    pub strings: &'static [&'static str],
    /// The keys.
    pub keys: &'static [&'static str],
}

/// A union of plain strings and objects with one key; generated.
pub trait KeyedUnion {
    /// The known names.
    fn names(&self) -> KeyedNames;

    /// Becomes the variant of a known string.
    fn select_string(&mut self, index: usize) -> bool;

    /// Becomes the variant of a known key, blank, and returns the value of the key to be filled.
    fn select_key(&mut self, index: usize) -> Option<&mut dyn Decode>;

    /// Keeps what is unknown.
    fn unrecognized(&mut self, value: Value);
}

/// Reads a union of strings and one-key objects.
pub fn read_keyed(union: &mut dyn KeyedUnion, reader: &mut Reader<'_>) -> Done {
    let start = reader.mark();
    match reader.peek() {
        b'"' if read_string(union, reader) => return Ok(()),
        b'{' => {
            if let Some(entry) = single_entry(union.names().keys, reader)? {
                return read_entry(union, &entry, reader);
            }
        }
        _ => {}
    }
    reader.rewind(start);
    let value = reader.any()?;
    if !value.is_string() && !value.is_object() {
        return Err(reader.fail(format!(
            "invalid type: {}, expected a string or an object",
            kind(&value)
        )));
    }
    union.unrecognized(value);
    Ok(())
}

fn read_string(union: &mut dyn KeyedUnion, reader: &mut Reader<'_>) -> bool {
    let text = reader.string().ok();
    let index = text.and_then(|text| position(union.names().strings, &text));
    index.is_some_and(|index| union.select_string(index))
}

/// The entry of an object with one known key.
struct Entry {
    index: usize,
    key: &'static str,
    value: Mark,
    end: Mark,
}

/// Passes an object; returns its entry if it has one key, and the key is known.
fn single_entry(
    keys: &'static [&'static str],
    reader: &mut Reader<'_>,
) -> Result<Option<Entry>, Failed> {
    reader.open(b'{', "an object")?;
    let mut found = None;
    let mut first = true;
    while reader.more(&mut first, b'}')? {
        let index = match (reader.key(keys, 0)?, found) {
            (Key::Known(index), None) => index,
            // Of duplicate keys the last one counts.
            (Key::Known(index), Some((known, _))) if index == known => index,
            _ => return Ok(None),
        };
        found = Some((index, reader.mark()));
        if reader.raw().is_err() {
            return Err(reader.at_key(keys.get(index).copied().unwrap_or_default()));
        }
    }
    Ok(found.and_then(|(index, value)| {
        let key = keys.get(index).copied()?;
        let end = reader.mark();
        Some(Entry {
            index,
            key,
            value,
            end,
        })
    }))
}

fn read_entry(union: &mut dyn KeyedUnion, entry: &Entry, reader: &mut Reader<'_>) -> Done {
    reader.rewind(entry.value);
    let Some(place) = union.select_key(entry.index) else {
        return Err(reader.fail("no such key"));
    };
    if place.read(reader).is_err() {
        return Err(reader.at_key(entry.key));
    }
    reader.rewind(entry.end);
    Ok(())
}

/// Writes a variant that is an object with one key.
pub fn write_entry<S: Serializer, T: Serialize + ?Sized>(
    key: &'static str,
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}
