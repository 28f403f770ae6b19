//! The parts of a message beyond its model.

use std::fmt;
use std::sync::LazyLock;

use serde_core::ser::SerializeMap;
use serde_json::{Map, Value};

/// The fields of an object that its model does not know, and whether an empty
/// field came in the less usual of the two empty forms (`null` or absent).
///
/// One pointer wide; allocates only when there is something to keep.
#[derive(Clone, Default)]
pub struct Extra(Option<Box<Kept>>);

#[derive(Clone, Default)]
struct Kept {
    fields: Map<String, Value>,
    unusual: Vec<u16>,
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

    pub(crate) fn insert(&mut self, name: String, value: Value) {
        self.fields_mut().insert(name, value);
    }

    /// Notes that the empty field of this number came in its unusual form.
    #[cold]
    pub(crate) fn note_unusual(&mut self, index: usize) {
        if let Ok(index) = u16::try_from(index) {
            self.kept().unusual.push(index);
        }
    }

    pub(crate) fn is_unusual(&self, index: usize) -> bool {
        match &self.0 {
            None => false,
            Some(kept) => kept
                .unusual
                .iter()
                .any(|known| usize::from(*known) == index),
        }
    }

    /// Writes the unknown fields.
    ///
    /// # Errors
    ///
    /// Those of the map.
    pub fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if let Some(kept) = &self.0 {
            for (name, value) in &kept.fields {
                map.serialize_entry(name, value)?;
            }
        }
        Ok(())
    }

    fn kept(&mut self) -> &mut Kept {
        self.0.get_or_insert_default()
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
