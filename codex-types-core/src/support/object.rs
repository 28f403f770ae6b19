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
    /// Its shape, and the place for what is not known: one function instead of two.
    fn parts(&mut self) -> (&'static Shape, &mut Extra);

    /// The field of this number in its shape.
    fn field(&mut self, index: usize) -> Option<&mut dyn Decode>;
}

impl dyn Object + '_ {
    /// Its shape.
    pub(crate) fn shape(&mut self) -> &'static Shape {
        self.parts().0
    }

    /// The place for what is not known.
    pub(crate) fn extra_slot(&mut self) -> &mut Extra {
        self.parts().1
    }
}

/// A variant whose payload is boxed.
impl<T: Object> Object for Box<T> {
    fn parts(&mut self) -> (&'static Shape, &mut Extra) {
        T::parts(self)
    }

    fn field(&mut self, index: usize) -> Option<&mut dyn Decode> {
        T::field(self, index)
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
