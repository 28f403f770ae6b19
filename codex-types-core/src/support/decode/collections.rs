//! Values that hold others: optional ones, boxes, lists and maps.

use std::collections::BTreeMap;

use super::{Decode, Done, Failed, Reader};
use crate::support::key::Key;
use crate::support::reader::Mark;
use crate::{DecodeError, Field, List, MalformedElement};

impl<T: Decode> Decode for Box<T> {
    #[inline]
    fn blank() -> Self {
        Self::new(T::blank())
    }

    #[inline]
    fn read(&mut self, reader: &mut Reader<'_>) -> Done {
        T::read(self, reader)
    }

    #[inline]
    fn reset(&mut self) -> &'static [&'static str] {
        T::reset(self)
    }

    #[inline]
    fn is_plain(&self, reader: &mut Reader<'_>) -> bool {
        T::is_plain(self, reader)
    }
}

impl<T: Decode> Decode for Option<T> {
    #[inline]
    fn blank() -> Self {
        None
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Done {
        if reader.take_null()? {
            *self = None;
            return Ok(());
        }
        self.insert(T::blank()).read(reader)
    }

    fn reset(&mut self) -> &'static [&'static str] {
        *self = None;
        &[]
    }

    #[inline]
    fn is_plain(&self, reader: &mut Reader<'_>) -> bool {
        self.as_ref().is_some_and(|own| own.is_plain(reader))
    }
}

impl<T: Decode> Decode for Field<T> {
    #[inline]
    fn blank() -> Self {
        Self::Absent
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Done {
        *self = if reader.take_null()? {
            Self::Null
        } else {
            Self::Value(T::blank())
        };
        match self {
            Self::Value(value) => value.read(reader),
            Self::Absent | Self::Null => Ok(()),
        }
    }

    fn reset(&mut self) -> &'static [&'static str] {
        *self = Self::Absent;
        &[]
    }

    #[inline]
    fn is_plain(&self, reader: &mut Reader<'_>) -> bool {
        self.as_option().is_some_and(|own| own.is_plain(reader))
    }
}

/// A list that grows while it is read.
trait Growing {
    /// Adds a blank element, in the place of the last one if that could not be read.
    fn grow(&mut self, replaces: bool) -> Option<&mut dyn Decode>;
}

impl<T: Decode> Growing for Vec<T> {
    fn grow(&mut self, replaces: bool) -> Option<&mut dyn Decode> {
        if replaces {
            self.pop();
        }
        self.push(T::blank());
        self.last_mut().map(|last| last as &mut dyn Decode)
    }
}

/// Reads a list, and keeps malformed elements if there is a place for them. Returns `true` if the
/// last element of the list is one that could not be read.
fn read_list(
    list: &mut dyn Growing,
    mut malformed: Option<&mut Vec<MalformedElement>>,
    reader: &mut Reader<'_>,
) -> Result<bool, Failed> {
    reader.open(b'[', "an array")?;
    reader.enter_list();
    let mut first = true;
    let mut index = 0;
    let mut is_malformed = false;
    while reader.more(&mut first, b']')? {
        let start = reader.begin_element();
        if let Some(item) = list.grow(is_malformed) {
            is_malformed = item.read(reader).is_err();
        }
        if is_malformed {
            let Some(malformed) = &mut malformed else {
                return Err(reader.at_index(index));
            };
            malformed.push(keep(index, start, reader)?);
        }
        index += 1;
    }
    reader.leave_list();
    Ok(is_malformed)
}

/// Keeps an element as it came; broken JSON stays an error.
#[cold]
fn keep(index: usize, start: Mark, reader: &mut Reader<'_>) -> Result<MalformedElement, Failed> {
    let error = reader.take_error();
    let error = error.unwrap_or_else(|| DecodeError::new("cannot be read"));
    reader.rewind(start);
    match reader.any_exactly() {
        Ok((value, text)) => Ok(MalformedElement::new(index, value, text, error)),
        Err(Failed) => Err(reader.at_index(index)),
    }
}

impl<T: Decode> Decode for List<T> {
    #[inline]
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Done {
        let (elements, malformed) = self.cleared();
        if read_list(elements, Some(malformed), reader)? {
            elements.pop();
        }
        Ok(())
    }
}

impl<T: Decode> Decode for Vec<T> {
    #[inline]
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Done {
        self.clear();
        read_list(self, None, reader).map(drop)
    }

    fn is_plain(&self, reader: &mut Reader<'_>) -> bool {
        let mut first = true;
        reader.open(b'[', "an array").is_ok()
            && self.iter().all(|own| {
                let more = reader.more(&mut first, b']');
                more.is_ok_and(|more| more) && own.is_plain(reader)
            })
            && reader.more(&mut first, b']').is_ok_and(|more| !more)
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    #[inline]
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Done {
        self.clear();
        reader.open(b'{', "an object")?;
        let mut first = true;
        while reader.more(&mut first, b'}')? {
            let Key::Unknown(key) = reader.key(&[], 0)? else {
                continue;
            };
            let mut value = T::blank();
            if value.read(reader).is_err() {
                return Err(reader.at_key(&key));
            }
            self.insert(key, value);
        }
        Ok(())
    }

    fn is_plain(&self, reader: &mut Reader<'_>) -> bool {
        let mut first = true;
        let mut count = 0;
        let mut is_entry = |reader: &mut Reader<'_>| match reader.key(&[], 0) {
            Ok(Key::Unknown(key)) => {
                count += 1;
                self.get(&key).is_some_and(|own| own.is_plain(reader))
            }
            _ => false,
        };
        if reader.open(b'{', "an object").is_err() {
            return false;
        }
        loop {
            match reader.more(&mut first, b'}') {
                Ok(true) if is_entry(reader) => {}
                Ok(more) => return !more && count == self.len(),
                Err(_) => return false,
            }
        }
    }
}
