//! How an object with named fields is read and written.
//!
//! The generated impls say which fields there are; everything that does not
//! depend on the type is here, so that it is compiled once.

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::decode::{Decode, Seed};
use super::path;
use crate::Field;
use crate::extra::Extra;

/// The constant field that tells a variant of a union from the others.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    /// Its name, such as `type`.
    pub name: &'static str,
    /// Its value, such as `agentMessage`.
    pub value: &'static str,
}

/// The shape of an object; generated.
pub trait Object {
    /// The wire names of the fields, in the order of their numbers.
    const FIELDS: &'static [&'static str];
    /// The constant field, if the object is a variant of a union.
    const TAG: Option<Tag> = None;
}

/// An object that can be read; generated.
pub trait ReadObject<'de>: Object + Sized {
    /// Reads the entries that are left and builds the object.
    fn read<A: MapAccess<'de>>(entries: Entries<A, A::Error>) -> Result<Self, A::Error>;
}

/// An object that can be written; generated.
pub trait WriteObject: Object {
    /// Writes every entry but the tag.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// Reads a whole object.
pub fn read_object<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: ReadObject<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

/// Reads the rest of an object whose tag has been read.
pub fn read_variant<'de, T, A>(access: A) -> Result<T, A::Error>
where
    T: ReadObject<'de>,
    A: MapAccess<'de>,
{
    let mut entries = Entries::new::<T>(access);
    entries.tag_seen = true;
    T::read(entries)
}

/// Writes a whole object.
pub fn write_object<T: WriteObject, S: Serializer>(
    object: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    if let Some(tag) = T::TAG {
        map.serialize_entry(tag.name, tag.value)?;
    }
    object.write(&mut map)?;
    map.end()
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: ReadObject<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<T, A::Error> {
        T::read(Entries::new::<T>(access))
    }
}

/// The entries of an object while it is read.
///
/// An error is kept until the end of the entries, so that the generated code,
/// of which there is much, has one place per object to return it and not one
/// per field.
#[derive(Debug)]
pub struct Entries<A, E> {
    access: A,
    failed: Option<E>,
    fields: &'static [&'static str],
    tag: Option<Tag>,
    tag_seen: bool,
    current: usize,
    extra: Extra,
}

impl<A, E> Entries<A, E> {
    fn new<T: Object>(access: A) -> Self {
        Self {
            access,
            failed: None,
            fields: T::FIELDS,
            tag: T::TAG,
            tag_seen: false,
            current: usize::MAX,
            extra: Extra::default(),
        }
    }
}

impl<'de, A: MapAccess<'de>> Entries<A, A::Error> {
    /// The number of the next known field; what is unknown is kept aside.
    pub fn next_field(&mut self) -> Option<usize> {
        if self.failed.is_some() {
            return None;
        }
        let next = self.try_next_field();
        next.unwrap_or_else(|error| {
            self.failed = Some(error);
            None
        })
    }

    #[inline]
    fn try_next_field(&mut self) -> Result<Option<usize>, A::Error> {
        loop {
            let seed = KeySeed {
                names: self.fields,
                hint: self.current.wrapping_add(1),
            };
            match self.access.next_key_seed(seed)? {
                None => return Ok(None),
                Some(Key::Known(index)) => {
                    self.current = index;
                    return Ok(Some(index));
                }
                Some(Key::Unknown(name)) => self.keep(name)?,
            }
        }
    }

    /// Reads the value of the field that came last; when a field comes twice, the last one counts.
    pub fn value<T: Decode<'de>>(&mut self, slot: &mut Option<T>) {
        match self.access.next_value_seed(Seed::new()) {
            Ok(value) => *slot = Some(value),
            Err(error) => self.failed = Some(path::at_field(&error, self.fields[self.current])),
        }
    }

    fn keep(&mut self, name: String) -> Result<(), A::Error> {
        match self.tag {
            Some(tag) if tag.name == name => self.check_tag(tag),
            _ => match self.access.next_value::<Value>() {
                Ok(value) => {
                    self.extra.insert(name, value);
                    Ok(())
                }
                Err(error) => Err(path::at_key(&error, &name)),
            },
        }
    }

    fn check_tag(&mut self, tag: Tag) -> Result<(), A::Error> {
        let value: Value = self.access.next_value()?;
        if value != tag.value {
            let error = A::Error::custom(format_args!("invalid value: expected `{}`", tag.value));
            return Err(path::at_field(&error, tag.name));
        }
        self.tag_seen = true;
        Ok(())
    }

    /// A field that must be there, and may be `null` only if its type says so.
    pub fn required<T>(&mut self, index: usize, slot: Option<T>) -> Result<T, A::Error> {
        slot.ok_or_else(|| {
            let failed = self.failed.take();
            failed.unwrap_or_else(|| path::missing(self.fields[index]))
        })
    }

    /// A field that may be absent, but not `null`.
    pub fn optional<T>(&mut self, _: usize, slot: Option<T>) -> Result<Option<T>, A::Error> {
        Ok(slot)
    }

    /// A field that the runtime writes as `null` when it is empty.
    pub fn nullable<T>(
        &mut self,
        index: usize,
        slot: Option<Option<T>>,
    ) -> Result<Option<T>, A::Error> {
        if slot.is_none() {
            self.extra.note_unusual(index);
        }
        Ok(slot.flatten())
    }

    /// A field that the runtime leaves out when it is empty, but may be `null`.
    pub fn omittable<T>(
        &mut self,
        index: usize,
        slot: Option<Option<T>>,
    ) -> Result<Option<T>, A::Error> {
        if matches!(slot, Some(None)) {
            self.extra.note_unusual(index);
        }
        Ok(slot.flatten())
    }

    /// A field of a request, where `null` and absent differ.
    pub fn three_state<T>(
        &mut self,
        _: usize,
        slot: Option<Option<T>>,
    ) -> Result<Field<T>, A::Error> {
        Ok(Field::from_slot(slot))
    }

    /// What was unknown; fails when the object lacks the tag that its type demands.
    pub fn finish(self) -> Result<Extra, A::Error> {
        match (self.failed, self.tag) {
            (Some(error), _) => Err(error),
            (None, Some(tag)) if !self.tag_seen => Err(path::missing(tag.name)),
            (None, _) => Ok(self.extra),
        }
    }
}

/// The fields of an object while they are written; errors are kept like in [`Entries`].
#[derive(Debug)]
pub struct Fields<'a, M: SerializeMap> {
    map: &'a mut M,
    extra: &'a Extra,
    failed: Option<M::Error>,
}

impl<'a, M: SerializeMap> Fields<'a, M> {
    /// Begins an object that knows this beyond its fields.
    pub fn new(map: &'a mut M, extra: &'a Extra) -> Self {
        Self {
            map,
            extra,
            failed: None,
        }
    }

    /// Writes what the object knows beyond its fields.
    pub fn finish(self) -> Result<(), M::Error> {
        match self.failed {
            Some(error) => Err(error),
            None => self.extra.write(self.map),
        }
    }

    fn entry<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) {
        if self.failed.is_none() {
            self.failed = self.map.serialize_entry(name, value).err();
        }
    }

    fn empty(&mut self, index: usize, name: &'static str, usually_null: bool) {
        if usually_null != self.extra.is_unusual(index) {
            self.entry(name, &());
        }
    }

    /// See [`Entries::required`].
    pub fn required<T: Serialize>(&mut self, _: usize, name: &'static str, value: &T) {
        self.entry(name, value);
    }

    /// See [`Entries::optional`].
    pub fn optional<T: Serialize>(&mut self, _: usize, name: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.entry(name, value);
        }
    }

    /// See [`Entries::nullable`].
    pub fn nullable<T: Serialize>(&mut self, index: usize, name: &'static str, value: &Option<T>) {
        match value {
            Some(value) => self.entry(name, value),
            None => self.empty(index, name, true),
        }
    }

    /// See [`Entries::omittable`].
    pub fn omittable<T: Serialize>(&mut self, index: usize, name: &'static str, value: &Option<T>) {
        match value {
            Some(value) => self.entry(name, value),
            None => self.empty(index, name, false),
        }
    }

    /// See [`Entries::three_state`].
    pub fn three_state<T: Serialize>(&mut self, _: usize, name: &'static str, value: &Field<T>) {
        match value {
            Field::Absent => {}
            Field::Null => self.entry(name, &()),
            Field::Value(value) => self.entry(name, value),
        }
    }
}

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

/// Whether two names are equal, without a call for the common lengths: keys are
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
