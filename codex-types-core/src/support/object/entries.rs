//! How the entries of an object are read.

use std::marker::PhantomData;
use std::mem;

use serde_core::de::{Error as _, MapAccess};
use serde_json::Value;

use super::Object;
use super::shape::{Bits, Shape, Tag};
use crate::Field;
use crate::extra::Extra;
use crate::support::decode::{Decode, Seed};
use crate::support::key::{Key, KeySeed};
use crate::support::path;

/// The value of an absent field: `None` when the field is required.
///
/// The constants are named like the kinds, so that a table needs no choice.
#[derive(Debug)]
pub struct Slot<T>(PhantomData<T>);

#[allow(non_upper_case_globals, reason = "named like the kinds")]
impl<T> Slot<T> {
    /// See [`super::Kind::required`].
    pub const required: Option<T> = None;
}

#[allow(non_upper_case_globals, reason = "named like the kinds")]
impl<T> Slot<Option<T>> {
    /// See [`super::Kind::optional`].
    pub const optional: Option<Option<T>> = Some(None);
    /// See [`super::Kind::nullable`].
    pub const nullable: Option<Option<T>> = Some(None);
    /// See [`super::Kind::omittable`].
    pub const omittable: Option<Option<T>> = Some(None);
}

#[allow(non_upper_case_globals, reason = "named like the kinds")]
impl<T> Slot<Field<T>> {
    /// See [`super::Kind::three_state`].
    pub const three_state: Option<Field<T>> = Some(Field::Absent);
}

/// The entries of an object while it is read.
///
/// The generated code, of which there is much, names the fields and nothing
/// else: errors and missing fields are noted here and reported at the end.
#[derive(Debug)]
pub struct Entries<A, E> {
    access: A,
    shape: &'static Shape,
    /// The number of the field that came last.
    current: usize,
    /// The fields that have come: a set with a bit for each number.
    seen: Bits,
    tag_seen: bool,
    failed: Option<E>,
    extra: Extra,
}

impl<'de, A: MapAccess<'de>> Entries<A, A::Error> {
    pub(super) fn new(access: A, shape: &'static Shape) -> Self {
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

    /// The entries behind the tag of a variant.
    pub(super) fn after_tag(access: A, shape: &'static Shape) -> Self {
        let mut entries = Self::new(access, shape);
        entries.tag_seen = true;
        entries
    }

    pub(super) fn build<T: Object>(mut self) -> Result<T, A::Error> {
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

    /// See [`super::Kind::required`].
    pub fn required<T: Decode>(&mut self, slot: &mut Option<T>) {
        *slot = self.value();
    }

    /// See [`super::Kind::optional`].
    pub fn optional<T: Decode>(&mut self, slot: &mut Option<Option<T>>) {
        *slot = Some(self.value());
    }

    /// See [`super::Kind::nullable`].
    pub fn nullable<T: Decode>(&mut self, slot: &mut Option<Option<T>>) {
        *slot = self.value();
    }

    /// See [`super::Kind::omittable`].
    pub fn omittable<T: Decode>(&mut self, slot: &mut Option<Option<T>>) {
        *slot = self.value();
        if matches!(slot, Some(None)) {
            self.extra.note_unusual(self.current);
        }
    }

    /// See [`super::Kind::three_state`].
    pub fn three_state<T: Decode>(&mut self, slot: &mut Option<Field<T>>) {
        let value: Option<Option<T>> = self.value();
        *slot = value.map(|value| value.map_or(Field::Null, Field::Value));
    }

    /// The unknown entries, once every entry has come.
    pub fn extra(&mut self) -> Extra {
        let unusual = self.shape.nullable & !self.seen;
        if unusual != 0 {
            self.note_absent(unusual);
        }
        mem::take(&mut self.extra)
    }

    #[cold]
    fn note_absent(&mut self, set: Bits) {
        let absent = (0..self.shape.fields.len()).filter(|index| set & (1 << index) != 0);
        absent.for_each(|index| self.extra.note_unusual(index));
    }
}
