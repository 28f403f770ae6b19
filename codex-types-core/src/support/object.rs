//! Decoding and encoding of objects with named fields.
//!
//! The generated impls name the fields; everything that does not depend on the type is
//! here, so that it is compiled once.

mod entries;
mod fields;
mod shape;

pub(crate) use entries::{TagRule, read_fields};
pub use entries::{read_object, reset_object};
pub use fields::Fields;
pub(crate) use shape::Bits;
pub use shape::{Kind, Shape, Tag};

use super::decode::Decode;
use crate::extra::Extra;

/// An object that is filled field by field; generated.
pub trait Object {
    /// Its shape.
    fn shape(&self) -> &'static Shape;

    /// The field of this number in its shape.
    fn field(&mut self, index: usize) -> Option<&mut dyn Decode>;

    /// The place for what is not known.
    fn extra_slot(&mut self) -> &mut Extra;
}

/// A variant whose payload is boxed.
impl<T: Object> Object for Box<T> {
    fn shape(&self) -> &'static Shape {
        T::shape(self)
    }

    fn field(&mut self, index: usize) -> Option<&mut dyn Decode> {
        T::field(self, index)
    }

    fn extra_slot(&mut self) -> &mut Extra {
        T::extra_slot(self)
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
