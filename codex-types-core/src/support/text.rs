//! Strings with a type of their own.

use std::borrow::Cow;

use super::decode::{Done, Reader};

/// A string with a type of its own; generated.
pub trait Text {
    /// Takes what was read.
    fn set(&mut self, text: Cow<'_, str>);
}

/// Reads a string with a type of its own.
pub fn read_text(place: &mut dyn Text, reader: &mut Reader<'_>) -> Done {
    let text = reader.string()?;
    place.set(text);
    Ok(())
}
