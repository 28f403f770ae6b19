//! The tables of the generated code, and the impls they stand for.
//!
//! Each macro repeats a fixed pattern and decides nothing. They are found by
//! `crate::…`, wherever they are declared; what they expand to names the rest
//! of this module.

#![allow(
    clippy::crate_in_macro_def,
    reason = "`__table_fn` is the one of the crate in which the table stands"
)]

#[cfg(feature = "schemars")]
mod json_schema;
mod message;
mod object;
mod text;
mod union;

/// A function that a table stands for, where models are compiled once, with this crate: what
/// reads a message from the server needs nearly all of them.
///
/// `codex-types` has a macro of the same name for models that are compiled where they are used.
/// The tables find either of them by `crate::`.
#[doc(hidden)]
#[macro_export]
macro_rules! __table_fn {
    ($($function:tt)*) => { $($function)* };
}

/// `Decode` and `Deserialize` by one function and the value to begin with.
#[doc(hidden)]
#[macro_export]
macro_rules! __decode {
    ($name:ident, $read:path, $blank:expr $(, { $($more:tt)* })?) => {
        impl $crate::support::decode::Decode for $name {
            #[inline]
            fn blank() -> Self {
                $blank
            }

            crate::__table_fn! {
                fn read(
                    &mut self,
                    reader: &mut $crate::support::decode::Reader<'_>,
                ) -> $crate::support::decode::Done {
                    $read(self, reader)
                }
            }

            $($($more)*)?
        }

        impl<'de> $crate::support::macros::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::support::macros::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::support::decode::by_serde(deserializer)
            }
        }
    };
}

pub use serde_core::de::{Deserialize, Deserializer};
pub use serde_core::ser::{Serialize, SerializeMap, Serializer};
pub use serde_json::value::RawValue;
pub use serde_json::{Map, Value};

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
