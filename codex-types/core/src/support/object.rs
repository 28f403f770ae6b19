//! How an object with named fields is read and written.
//!
//! The generated impls say which fields there are; everything that does not
//! depend on the type is here, so that it is compiled once.

use std::fmt;
use std::marker::PhantomData;
use std::mem;

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

/// What a field may be, and how it is written when it is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    non_camel_case_types,
    reason = "named like the functions that read and write them"
)]
pub enum Kind {
    /// It must be there, and may be `null` only if its type says so.
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

/// The shape of an object.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    fields: &'static [&'static str],
    tag: Option<Tag>,
    required: u64,
    nullable: u64,
}

impl Shape {
    /// The wire names of the fields in the order of their numbers, and their kinds.
    ///
    /// # Panics
    ///
    /// In the compiler, when there are more fields than bits in a set of them.
    pub const fn new(fields: &'static [&'static str], kinds: &[Kind]) -> Self {
        assert!(fields.len() <= u64::BITS as usize);
        Self {
            fields,
            tag: None,
            required: set_of(kinds, Kind::required),
            nullable: set_of(kinds, Kind::nullable),
        }
    }

    /// The same with the constant field of a variant.
    #[must_use]
    pub const fn tagged(mut self, name: &'static str, value: &'static str) -> Self {
        self.tag = Some(Tag { name, value });
        self
    }
}

const fn set_of(kinds: &[Kind], wanted: Kind) -> u64 {
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

/// What a field is before its value comes: `None` when the object cannot do without it.
///
/// The constants are named like the kinds, so that a table needs no choice.
#[derive(Debug)]
pub struct Slot<T>(PhantomData<T>);

#[allow(non_upper_case_globals, reason = "named like the kinds")]
impl<T> Slot<T> {
    /// See [`Kind::required`].
    pub const required: Option<T> = None;
}

#[allow(non_upper_case_globals, reason = "named like the kinds")]
impl<T> Slot<Option<T>> {
    /// See [`Kind::optional`].
    pub const optional: Option<Option<T>> = Some(None);
    /// See [`Kind::nullable`].
    pub const nullable: Option<Option<T>> = Some(None);
    /// See [`Kind::omittable`].
    pub const omittable: Option<Option<T>> = Some(None);
}

#[allow(non_upper_case_globals, reason = "named like the kinds")]
impl<T> Slot<Field<T>> {
    /// See [`Kind::three_state`].
    pub const three_state: Option<Field<T>> = Some(Field::Absent);
}

/// An object that can be read; generated.
pub trait Object: Sized {
    /// What it looks like.
    const SHAPE: &'static Shape;

    /// Reads the entries that are left and builds the object; `None` when a required
    /// one did not come.
    fn read<'de, A: MapAccess<'de>>(entries: &mut Entries<A, A::Error>) -> Option<Self>;
}

/// A variant whose payload is boxed.
impl<T: Object> Object for Box<T> {
    const SHAPE: &'static Shape = T::SHAPE;

    #[inline]
    fn read<'de, A: MapAccess<'de>>(entries: &mut Entries<A, A::Error>) -> Option<Self> {
        T::read(entries).map(Box::new)
    }
}

/// Reads a whole object.
pub fn read_object<'de, T: Object, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

/// Reads the rest of an object whose tag has been read.
pub fn read_variant<'de, T: Object, A: MapAccess<'de>>(access: A) -> Result<T, A::Error> {
    let mut entries = Entries::new(access, T::SHAPE);
    entries.tag_seen = true;
    entries.build()
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<T, A::Error> {
        Entries::new(access, T::SHAPE).build()
    }
}

/// The entries of an object while it is read.
///
/// The generated code, of which there is much, names the fields and nothing
/// else: errors and what is missing are noted here and told at the end.
#[derive(Debug)]
pub struct Entries<A, E> {
    access: A,
    shape: &'static Shape,
    /// The number of the last field, and which have come.
    current: usize,
    seen: u64,
    tag_seen: bool,
    failed: Option<E>,
    extra: Extra,
}

impl<'de, A: MapAccess<'de>> Entries<A, A::Error> {
    fn new(access: A, shape: &'static Shape) -> Self {
        Self {
            access,
            shape,
            current: usize::MAX,
            seen: 0,
            tag_seen: false,
            failed: None,
            extra: Extra::default(),
        }
    }

    fn build<T: Object>(mut self) -> Result<T, A::Error> {
        let object = T::read(&mut self);
        match (object, self.failed, self.shape.tag) {
            (_, Some(error), _) => Err(error),
            (None, ..) => Err(self.shape.missing(self.seen)),
            (_, _, Some(tag)) if !self.tag_seen => Err(path::missing(tag.name)),
            (Some(object), ..) => Ok(object),
        }
    }

    /// The number of the next known field, or one that no field has; what is unknown is kept
    /// aside.
    pub fn next_field(&mut self) -> usize {
        if self.failed.is_some() {
            return usize::MAX;
        }
        match self.try_next_field() {
            Ok(index) => index,
            Err(error) => {
                self.failed = Some(error);
                usize::MAX
            }
        }
    }

    #[inline]
    fn try_next_field(&mut self) -> Result<usize, A::Error> {
        loop {
            let seed = KeySeed {
                names: self.shape.fields,
                hint: self.current.wrapping_add(1),
            };
            match self.access.next_key_seed(seed)? {
                None => return Ok(usize::MAX),
                Some(Key::Known(index)) => {
                    self.current = index;
                    return Ok(index);
                }
                Some(Key::Unknown(name)) => self.keep(name)?,
            }
        }
    }

    /// Reads the value of the field that came last; when a field comes twice, the last one counts.
    fn value<T: Decode>(&mut self) -> Option<T> {
        match self.access.next_value_seed(Seed::new()) {
            Ok(value) => {
                self.seen |= 1 << self.current;
                Some(value)
            }
            Err(error) => {
                let name = self.shape.fields[self.current];
                self.failed = Some(path::at_field(&error, name));
                None
            }
        }
    }

    fn keep(&mut self, name: String) -> Result<(), A::Error> {
        match self.shape.tag {
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

    /// See [`Kind::required`].
    pub fn required<T: Decode>(&mut self, slot: &mut Option<T>) {
        *slot = self.value();
    }

    /// See [`Kind::optional`].
    pub fn optional<T: Decode>(&mut self, slot: &mut Option<Option<T>>) {
        *slot = Some(self.value());
    }

    /// See [`Kind::nullable`].
    pub fn nullable<T: Decode>(&mut self, slot: &mut Option<Option<T>>) {
        *slot = self.value();
    }

    /// See [`Kind::omittable`].
    pub fn omittable<T: Decode>(&mut self, slot: &mut Option<Option<T>>) {
        *slot = self.value();
        if matches!(slot, Some(None)) {
            self.extra.note_unusual(self.current);
        }
    }

    /// See [`Kind::three_state`].
    pub fn three_state<T: Decode>(&mut self, slot: &mut Option<Field<T>>) {
        let value: Option<Option<T>> = self.value();
        *slot = value.map(|value| value.map_or(Field::Null, Field::Value));
    }

    /// What was unknown, once every entry has come.
    pub fn extra(&mut self) -> Extra {
        let unusual = self.shape.nullable & !self.seen;
        if unusual != 0 {
            self.note_absent(unusual);
        }
        mem::take(&mut self.extra)
    }

    #[cold]
    fn note_absent(&mut self, set: u64) {
        let absent = (0..self.shape.fields.len()).filter(|index| set & (1 << index) != 0);
        absent.for_each(|index| self.extra.note_unusual(index));
    }
}

impl Shape {
    /// The error for the first required field that is not in a set.
    #[cold]
    fn missing<E: serde_core::de::Error>(&self, seen: u64) -> E {
        let first = (self.required & !seen).trailing_zeros() as usize;
        path::missing(self.fields.get(first).copied().unwrap_or_default())
    }
}

/// The fields of an object while they are written; errors are kept like in [`Entries`].
#[derive(Debug)]
pub struct Fields<'a, S: Serializer> {
    map: Result<S::SerializeMap, S::Error>,
    shape: &'static Shape,
    extra: &'a Extra,
}

impl<'a, S: Serializer> Fields<'a, S> {
    /// Begins an object that knows this beyond its fields.
    pub fn new(serializer: S, shape: &'static Shape, extra: &'a Extra) -> Self {
        let mut fields = Self {
            map: serializer.serialize_map(None),
            shape,
            extra,
        };
        if let Some(tag) = shape.tag {
            fields.entry(tag.name, tag.value);
        }
        fields
    }

    /// Writes what the object knows beyond its fields.
    pub fn finish(self) -> Result<S::Ok, S::Error> {
        let mut map = self.map?;
        self.extra.write(&mut map)?;
        map.end()
    }

    fn entry<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) {
        if let Ok(map) = &mut self.map {
            if let Err(error) = map.serialize_entry(name, value) {
                self.map = Err(error);
            }
        }
    }

    fn empty(&mut self, index: usize, usually_null: bool) {
        if usually_null != self.extra.is_unusual(index) {
            self.entry(self.shape.fields[index], &());
        }
    }

    /// See [`Kind::required`].
    pub fn required<T: Serialize>(&mut self, index: usize, value: &T) {
        self.entry(self.shape.fields[index], value);
    }

    /// See [`Kind::optional`].
    pub fn optional<T: Serialize>(&mut self, index: usize, value: &Option<T>) {
        if let Some(value) = value {
            self.required(index, value);
        }
    }

    /// See [`Kind::nullable`].
    pub fn nullable<T: Serialize>(&mut self, index: usize, value: &Option<T>) {
        match value {
            Some(value) => self.required(index, value),
            None => self.empty(index, true),
        }
    }

    /// See [`Kind::omittable`].
    pub fn omittable<T: Serialize>(&mut self, index: usize, value: &Option<T>) {
        match value {
            Some(value) => self.required(index, value),
            None => self.empty(index, false),
        }
    }

    /// See [`Kind::three_state`].
    pub fn three_state<T: Serialize>(&mut self, index: usize, value: &Field<T>) {
        match value {
            Field::Absent => {}
            Field::Null => self.required(index, &()),
            Field::Value(value) => self.required(index, value),
        }
    }
}

/// Whether two fields are equal.
///
/// A function of its own, because the compiler would put its copy of how texts and the like are
/// compared into every object, for every field.
#[inline(never)]
pub fn is_equal<T: PartialEq>(left: &T, right: &T) -> bool {
    left == right
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
