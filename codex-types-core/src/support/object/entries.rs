//! Decoding of the entries of an object: one loop for all objects.

use super::Object;
use super::shape::{Bits, Set, Shape};
use crate::extra::Extra;
use crate::support::decode::{Decode, Done, Failed, Reader};
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
    /// The fields that have come.
    fields: Set,
    /// The empty ones that came in their unusual form.
    unusual: Bits,
    tag: TagRule,
}

/// Reads a whole object.
pub fn read_object(object: &mut dyn Object, reader: &mut Reader<'_>) -> Done {
    reader.open(b'{', "an object")?;
    read_fields(object, reader, true, TagRule::Expected)
}

/// Resets the fields that reading again would not overwrite, and returns the names of all.
pub fn reset_object(object: &mut dyn Object) -> &'static [&'static str] {
    let names = object.shape().fields;
    for index in 0..names.len() {
        if let Some(field) = object.field(index) {
            field.reset();
        }
    }
    *object.extra_slot() = Extra::default();
    names
}

/// Reads the entries of an object that are left.
pub(crate) fn read_fields(
    object: &mut dyn Object,
    reader: &mut Reader<'_>,
    first: bool,
    tag: TagRule,
) -> Done {
    let shape = object.shape();
    let mut seen = Seen {
        fields: Set::default(),
        unusual: 0,
        tag,
    };
    let mut expected = 0;
    let mut more = if first {
        reader.more(&mut true, b'}')?
    } else {
        reader.another(b'}')?
    };
    while more {
        let mut is_known = reader.take_expected(shape.fields, &mut expected);
        if !is_known {
            match reader.key(shape.fields, expected)? {
                Key::Known(index) => {
                    expected = index + 1;
                    is_known = true;
                }
                Key::Unknown(name) => keep(object, shape, name, &mut seen, reader)?,
            }
        }
        if is_known {
            read_field(object, shape, expected - 1, &mut seen, reader)?;
        }
        more = reader.another(b'}')?;
    }
    check_complete(shape, &seen, reader)?;
    let unusual = seen.unusual | shape.nullable & !seen.fields.bits();
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
    let is_again = seen.fields.insert(index);
    let is_null = reader.peek() == b'n';
    if is_null && !is_again && shape.may_be_null(index) {
        // The field is blank, which is the same.
        if reader.literal("null").is_err() {
            return Err(at_field(shape, index, reader));
        }
        seen.unusual |= shape.omittable & 1 << index;
        return Ok(());
    }
    let start = reader.offset();
    let Some(field) = object.field(index) else {
        return Err(reader.fail("no such field"));
    };
    if is_again {
        seen.unusual &= !(1 << index);
        field.reset();
    }
    let done = if is_null {
        read_null(field, shape, index, seen, reader)
    } else {
        field.read(reader)
    };
    if done.is_err() {
        return Err(at_field(shape, index, reader));
    }
    if reader.is_inexact() {
        keep_text(object, index, start, reader);
    }
    Ok(())
}

#[inline(never)]
fn read_null(
    field: &mut dyn Decode,
    shape: &Shape,
    index: usize,
    seen: &mut Seen,
    reader: &mut Reader<'_>,
) -> Done {
    let bit = 1 << index;
    seen.unusual |= shape.omittable & bit;
    if shape.optional & bit != 0 {
        reader.refuse_null();
    }
    field.read(reader)
}

/// Keeps the text of a field whose value does not hold all of it.
#[cold]
fn keep_text(object: &mut dyn Object, index: usize, start: usize, reader: &mut Reader<'_>) {
    reader.take_inexact();
    let text = Exact::new(reader.since_offset(start));
    object.extra_slot().keep_field_text(index, text);
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
    if let Some(name) = shape.first_missing(seen.fields.bits()) {
        return Err(reader.missing(name));
    }
    match shape.tag {
        Some(tag) if seen.tag == TagRule::Expected => Err(reader.missing(tag.name)),
        _ => Ok(()),
    }
}
