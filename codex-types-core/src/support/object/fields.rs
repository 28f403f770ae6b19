//! Encoding of the fields of an object.

use serde_core::ser::{Serialize, SerializeMap, Serializer};

use super::shape::Shape;
use crate::Field;
use crate::extra::Extra;
use crate::support::decode::Decode;

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
        if let Ok(map) = &mut self.map {
            if let Err(error) = map.serialize_entry(name, value) {
                self.map = Err(error);
            }
        }
    }

    fn empty(&mut self, index: usize, usually_null: bool) {
        if usually_null != self.extra.is_unusual(index) {
            self.field(index, &());
        }
    }

    /// See [`super::Kind::required`].
    pub fn required<T: Serialize + Decode>(&mut self, index: usize, value: &T) {
        match self.extra.field_text(index) {
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
