//! Decoding of one value into its place.
//!
//! A value begins blank and is filled where it stands: nothing large is moved, and what reads is
//! compiled once instead of once for each type. A blank value is never visible, because a
//! partially read one is dropped. Independent of the protocol.

mod by_serde;
mod collections;

use serde_json::{Number, Value};

pub use super::reader::{Done, Failed, Reader};
use crate::DecodeError;
pub use by_serde::by_serde;
pub(crate) use by_serde::{Text, raw_text};

/// A value that can be read into its place.
pub trait Decode {
    /// Makes the value that is filled.
    fn blank() -> Self
    where
        Self: Sized;

    /// Reads the value over what stands here.
    ///
    /// Of an object that is not blank, optional fields may keep their old values: see
    /// [`Decode::reset`].
    fn read(&mut self, reader: &mut Reader<'_>) -> Done;

    /// Resets everything that reading again would not overwrite: of two
    /// fields with one name, the last one counts.
    ///
    /// Returns the names of the fields, if this is an object: one function less for each type.
    fn reset(&mut self) -> &'static [&'static str] {
        &[]
    }

    /// Returns `true` for values that no model describes, if the text has the same ones.
    ///
    /// Decides whether text that was kept beside them still belongs to them. In no table, so that only
    /// programs that write a model compile it.
    fn is_plain(&self, _reader: &mut Reader<'_>) -> bool
    where
        Self: Sized,
    {
        false
    }
}

/// Reads a whole text.
pub(crate) fn from_text(place: &mut dyn Decode, text: &str) -> Result<(), DecodeError> {
    let mut reader = Reader::new(text);
    match place.read(&mut reader).and_then(|()| reader.end()) {
        Ok(()) => Ok(()),
        Err(Failed) => Err(reader.into_error()),
    }
}

macro_rules! integers {
    ($($type:ident)*) => {$(
        impl Decode for $type {
            #[inline]
            fn blank() -> Self {
                0
            }

            fn read(&mut self, reader: &mut Reader<'_>) -> Done {
                let number = match reader.short_integer() {
                    Some(number) => match Self::try_from(number) {
                        Ok(number) => {
                            *self = number;
                            return Ok(());
                        }
                        Err(_) => number.into(),
                    },
                    None => reader.long_integer(stringify!($type))?,
                };
                match number.try_into() {
                    Ok(number) => *self = number,
                    Err(_) => return Err(reader.out_of_range(number, stringify!($type))),
                }
                Ok(())
            }
        }
    )*};
}

integers!(i32 i64 u8 u16 u32 u64);

impl Decode for bool {
    #[inline]
    fn blank() -> Self {
        false
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Done {
        *self = reader.boolean()?;
        Ok(())
    }
}

impl Decode for String {
    #[inline]
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Done {
        *self = match reader.plain_string_inline() {
            Some(text) => text.to_owned(),
            None => reader.other_string()?,
        };
        Ok(())
    }
}

impl Decode for Number {
    #[inline]
    fn blank() -> Self {
        0.into()
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Done {
        *self = reader.number()?;
        Ok(())
    }

    fn is_plain(&self, reader: &mut Reader<'_>) -> bool {
        reader.number().is_ok_and(|number| number == *self)
    }
}

impl Decode for Value {
    #[inline]
    fn blank() -> Self {
        Self::Null
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Done {
        *self = reader.any()?;
        Ok(())
    }

    fn is_plain(&self, reader: &mut Reader<'_>) -> bool {
        reader.any().is_ok_and(|value| value == *self)
    }
}
