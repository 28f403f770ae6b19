//! Encoding of the fields of an object.

use serde_core::ser::{Serialize, SerializeMap, Serializer};

use super::shape::Shape;
use crate::Field;
use crate::extra::Extra;
use crate::support::decode::Decode;
use crate::support::exact::Exact;

/// The fields of an object while they are written; the first error is kept until the end.
#[derive(Debug)]
pub struct Fields<'a, S: Serializer> {
    map: Result<S::SerializeMap, S::Error>,
    shape: &'static Shape,
    extra: &'a Extra,
}

impl<'a, S: Serializer> Fields<'a, S> {
    /// Begins an object with these extra fields.
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

    /// Writes the extra fields of the object.
    pub fn finish(self) -> Result<S::Ok, S::Error> {
        let mut map = self.map?;
        self.extra.write(&mut map)?;
        map.end()
    }

    fn entry<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) {
        if let Some(map) = self.key(name) {
            let written = map.serialize_value(value);
            self.note(written);
        }
    }

    /// Writes the name of a field, unless there was an error. Here and in the next one is what does
    /// not depend on the type of the field, so that it is compiled once.
    #[inline(never)]
    fn key(&mut self, name: &'static str) -> Option<&mut S::SerializeMap> {
        let written = self.map.as_mut().ok()?.serialize_key(name);
        self.note(written);
        self.map.as_mut().ok()
    }

    #[inline(never)]
    fn note(&mut self, written: Result<(), S::Error>) {
        if let Err(error) = written {
            self.map = Err(error);
        }
    }

    #[inline(never)]
    fn text(&self, index: usize) -> Option<&'a Exact> {
        self.extra.field_text(index)
    }

    #[inline(never)]
    fn empty(&mut self, index: usize, usually_null: bool) {
        if usually_null != self.extra.is_unusual(index) {
            self.field(index, &());
        }
    }

    /// See [`super::Kind::required`].
    pub fn required<T: Serialize + Decode>(&mut self, index: usize, value: &T) {
        match self.text(index) {
            // The text is older than the value when the value was changed.
            Some(text) if value.is_plain(&mut text.reader()) => self.field(index, text),
            _ => self.field(index, value),
        }
    }

    fn field<T: Serialize + ?Sized>(&mut self, index: usize, value: &T) {
        self.entry(self.shape.fields[index], value);
    }

    /// See [`super::Kind::optional`].
    pub fn optional<T: Serialize + Decode>(&mut self, index: usize, value: &Option<T>) {
        if let Some(value) = value {
            self.required(index, value);
        }
    }

    /// See [`super::Kind::nullable`].
    pub fn nullable<T: Serialize + Decode>(&mut self, index: usize, value: &Option<T>) {
        match value {
            Some(value) => self.required(index, value),
            None => self.empty(index, true),
        }
    }

    /// See [`super::Kind::omittable`].
    pub fn omittable<T: Serialize + Decode>(&mut self, index: usize, value: &Option<T>) {
        match value {
            Some(value) => self.required(index, value),
            None => self.empty(index, false),
        }
    }

    /// See [`super::Kind::three_state`].
    pub fn three_state<T: Serialize + Decode>(&mut self, index: usize, value: &Field<T>) {
        match value {
            Field::Absent => {}
            Field::Null => self.field(index, &()),
            Field::Value(value) => self.required(index, value),
        }
    }
}
