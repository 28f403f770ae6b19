//! Decoding of the entries of an object: one loop for all objects.

use super::Object;
use super::shape::{Bits, Shape};
use crate::extra::Extra;
use crate::support::decode::{Done, Failed, Reader};
use crate::support::exact::Exact;
use crate::support::key::Key;

/// The rule for the constant field of a variant among the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagRule {
    /// It has to come, and has to be right.
    Expected,
    /// It has come already; when it comes again, it has to be right.
    Seen,
    /// It was looked for before; wherever it is, it counts no more.
    Known,
}

/// The part of an object that has been read.
struct Seen {
    /// The fields that have come: a set with a bit for each number.
    fields: Bits,
    /// The empty ones that came in their unusual form.
    unusual: Bits,
    tag: TagRule,
}

/// Reads a whole object.
pub fn read_object(object: &mut dyn Object, reader: &mut Reader<'_>) -> Done {
    reader.open(b'{', "an object")?;
    read_fields(object, reader, true, TagRule::Expected)
}

/// Resets the fields that reading again would not overwrite.
pub fn reset_object(object: &mut dyn Object) {
    for index in 0..object.shape().fields.len() {
        if let Some(field) = object.field(index) {
            field.reset();
        }
    }
    *object.extra_slot() = Extra::default();
}

/// Reads the entries of an object that are left.
pub(crate) fn read_fields(
    object: &mut dyn Object,
    reader: &mut Reader<'_>,
    mut first: bool,
    tag: TagRule,
) -> Done {
    let shape = object.shape();
    let mut seen = Seen {
        fields: 0,
        unusual: 0,
        tag,
    };
    let mut expected = 0;
    while reader.more(&mut first, b'}')? {
        match reader.next_key(shape.fields, expected)? {
            Key::Known(index) => {
                read_field(object, shape, index, &mut seen, reader)?;
                expected = index + 1;
            }
            Key::Unknown(name) => keep(object, shape, name, &mut seen, reader)?,
        }
    }
    check_complete(shape, &seen, reader)?;
    let unusual = seen.unusual | shape.nullable & !seen.fields;
    if unusual != 0 {
        object.extra_slot().note_unusual(unusual);
    }
    Ok(())
}

#[inline]
fn read_field(
    object: &mut dyn Object,
    shape: &Shape,
    index: usize,
    seen: &mut Seen,
    reader: &mut Reader<'_>,
) -> Done {
    let bit = 1 << index;
    let is_null = reader.peek() == b'n';
    let mark = reader.mark();
    let Some(field) = object.field(index) else {
        return Err(reader.fail("no such field"));
    };
    if seen.fields & bit != 0 {
        field.reset();
        seen.unusual &= !bit;
    }
    let done = if is_null && shape.optional & bit != 0 {
        field.read_present(reader)
    } else {
        field.read(reader)
    };
    if done.is_err() {
        return Err(at_field(shape, index, reader));
    }
    if is_null {
        seen.unusual |= shape.omittable & bit;
    }
    if reader.take_inexact() {
        let text = Exact::new(reader.since(mark));
        object.extra_slot().keep_field_text(index, text);
    }
    seen.fields |= bit;
    Ok(())
}

#[cold]
fn at_field(shape: &Shape, index: usize, reader: &mut Reader<'_>) -> Failed {
    reader.at_key(shape.fields.get(index).copied().unwrap_or_default())
}

/// Keeps an entry that the object does not know, unless it is the tag.
#[inline(never)]
fn keep(
    object: &mut dyn Object,
    shape: &Shape,
    name: String,
    seen: &mut Seen,
    reader: &mut Reader<'_>,
) -> Done {
    let Ok((value, text)) = reader.any_exactly() else {
        return Err(reader.at_key(&name));
    };
    match shape.tag {
        Some(tag) if tag.name == name => {
            if seen.tag == TagRule::Known {
                return Ok(());
            }
            if value != tag.value {
                reader.fail(format!("invalid value: expected `{}`", tag.value));
                return Err(reader.at_key(&name));
            }
            seen.tag = TagRule::Seen;
        }
        _ => object.extra_slot().keep(name, value, text),
    }
    Ok(())
}

fn check_complete(shape: &Shape, seen: &Seen, reader: &mut Reader<'_>) -> Done {
    if let Some(name) = shape.first_missing(seen.fields) {
        return Err(reader.missing(name));
    }
    match shape.tag {
        Some(tag) if seen.tag == TagRule::Expected => Err(reader.missing(tag.name)),
        _ => Ok(()),
    }
}
