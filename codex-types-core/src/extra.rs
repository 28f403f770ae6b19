//! The parts of a message beyond its model.

use std::fmt;
use std::sync::LazyLock;

use serde_core::ser::SerializeMap;
use serde_json::{Map, Value};

use crate::support::exact::Exact;
use crate::support::object::Bits;

/// The fields of an object that its model does not know, and whether an empty
/// field came in the less usual of the two empty forms (`null` or absent).
///
/// One pointer wide; allocates only when there is something to keep.
#[derive(Clone, Default)]
pub struct Extra(Option<Box<Kept>>);

#[derive(Clone, Default)]
struct Kept {
    fields: Map<String, Value>,
    /// The empty fields that came in their unusual form: a set with a bit for each number.
    unusual: Bits,
    /// Text of fields whose value does not hold all of it.
    texts: Vec<(Place, Exact)>,
}

/// The field that a text belongs to.
#[derive(Clone, PartialEq, Eq)]
enum Place {
    /// The known field with this number.
    Known(usize),
    /// The unknown field with this name.
    Unknown(String),
}

static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

impl Extra {
    /// The unknown fields.
    pub fn fields(&self) -> &Map<String, Value> {
        self.0.as_ref().map_or(&NONE, |kept| &kept.fields)
    }

    /// The unknown fields, to change.
    pub fn fields_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.kept().fields
    }

    /// Removes an unknown field, if it is there.
    #[inline]
    pub(crate) fn remove(&mut self, name: &str) {
        if let Some(kept) = &mut self.0 {
            kept.fields.remove(name);
        }
    }

    /// Keeps an unknown field, and its text when the value does not hold all of it.
    pub(crate) fn keep(&mut self, name: String, value: Value, text: Option<Exact>) {
        let kept = self.kept();
        let place = Place::Unknown(name.clone());
        kept.set_text(place, text);
        kept.fields.insert(name, value);
    }

    /// Keeps the text of a known field.
    #[cold]
    pub(crate) fn keep_field_text(&mut self, index: usize, text: Exact) {
        self.kept().set_text(Place::Known(index), Some(text));
    }

    /// The text that was kept for a known field.
    #[inline]
    pub(crate) fn field_text(&self, index: usize) -> Option<&Exact> {
        let kept = self.0.as_ref()?;
        kept.text(|place| *place == Place::Known(index))
    }

    /// Notes that these empty fields came in their unusual form.
    pub(crate) fn note_unusual(&mut self, fields: Bits) {
        self.kept().unusual = fields;
    }

    pub(crate) fn is_unusual(&self, index: usize) -> bool {
        let kept = self.0.as_ref();
        kept.is_some_and(|kept| kept.unusual & 1 << index != 0)
    }

    /// Writes the unknown fields.
    ///
    /// # Errors
    ///
    /// Those of the map.
    pub fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Some(kept) = &self.0 else {
            return Ok(());
        };
        for (name, value) in &kept.fields {
            match kept.text_of(name, value) {
                Some(text) => map.serialize_entry(name, text)?,
                None => map.serialize_entry(name, value)?,
            }
        }
        Ok(())
    }

    fn kept(&mut self) -> &mut Kept {
        self.0.get_or_insert_default()
    }
}

impl Kept {
    fn set_text(&mut self, place: Place, text: Option<Exact>) {
        self.texts.retain(|(other, _)| *other != place);
        self.texts.extend(text.map(|text| (place, text)));
    }

    fn text(&self, is_meant: impl Fn(&Place) -> bool) -> Option<&Exact> {
        let mut texts = self.texts.iter();
        texts.find_map(|(place, text)| is_meant(place).then_some(text))
    }

    /// The text of an unknown field, unless its value was changed since.
    fn text_of(&self, name: &str, value: &Value) -> Option<&Exact> {
        self.text(|place| matches!(place, Place::Unknown(known) if known == name))
            .filter(|text| text.is_text_of(value))
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Unknown fields may hold unclassified secrets: names only.
        formatter.debug_set().entries(self.fields().keys()).finish()
    }
}

/// Two objects are equal when their fields are: how an empty field was written is not a fact.
impl PartialEq for Extra {
    #[inline(never)]
    fn eq(&self, other: &Self) -> bool {
        self.fields() == other.fields()
    }
}

impl Eq for Extra {}
