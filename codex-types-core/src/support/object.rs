//! How an object with named fields is read and written.
//!
//! The generated impls list the fields; everything that does not
//! depend on the type is here, so that it is compiled once.

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{Deserializer, MapAccess, Visitor};

mod entries;
mod fields;
mod shape;

pub use entries::{Entries, Slot};
pub use fields::Fields;
pub use shape::{Kind, Shape, Tag};

/// An object that can be read; generated.
pub trait Object: Sized {
    /// The shape of the object.
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
    Entries::after_tag(access, T::SHAPE).build()
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

/// Compares two fields.
///
/// A function of its own, because the compiler would put its copy of how texts and the like are
/// compared into every object, for every field.
#[inline(never)]
pub fn is_equal<T: PartialEq>(left: &T, right: &T) -> bool {
    left == right
}
