//! The tables of the generated code, and the impls they stand for.
//!
//! Each macro repeats a fixed pattern and decides nothing. They are found by
//! `crate::…`, wherever they are declared; what they expand to names the rest
//! of this module.

#[cfg(feature = "schemars")]
mod json_schema;
mod message;
mod object;
mod text;
mod union;

/// `Decode` and `Deserialize` by one function.
#[doc(hidden)]
#[macro_export]
macro_rules! __deserialize {
    ($name:ident, $read:expr) => {
        impl $crate::support::decode::Decode for $name {}

        impl<'de> $crate::support::macros::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::support::macros::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $read(deserializer)
            }
        }
    };
}

pub use serde_core::de::{Deserialize, Deserializer, MapAccess};
pub use serde_core::ser::{Serialize, SerializeMap, Serializer};
pub use serde_json::{Error as JsonError, Map, Value};

/// The error for a number that no table holds; the tables are generated, so it is never seen.
#[cold]
pub fn no_such_number<E: serde_core::de::Error>(index: usize) -> E {
    E::custom(format_args!("no variant has the number {index}"))
}

/// Fills an optional field.
#[inline]
pub fn set<T, F: Fill<T>>(field: &mut F, value: impl Into<T>) {
    *field = F::full(value.into());
}

/// An optional field of either kind.
pub trait Fill<T> {
    /// The field with a value.
    fn full(value: T) -> Self;
}

impl<T> Fill<T> for Option<T> {
    #[inline]
    fn full(value: T) -> Self {
        Some(value)
    }
}

impl<T> Fill<T> for crate::Field<T> {
    #[inline]
    fn full(value: T) -> Self {
        Self::Value(value)
    }
}

/// Takes a payload out of its variant, boxed or not.
#[inline]
pub fn unbox<T>(payload: impl Unbox<T>) -> T {
    payload.unbox()
}

/// A payload that may be boxed.
pub trait Unbox<T> {
    /// The payload alone.
    fn unbox(self) -> T;
}

impl<T: crate::support::object::Object> Unbox<T> for T {
    #[inline]
    fn unbox(self) -> T {
        self
    }
}

impl<T: crate::support::object::Object> Unbox<T> for Box<T> {
    #[inline]
    fn unbox(self) -> T {
        *self
    }
}
