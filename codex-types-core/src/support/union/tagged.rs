//! Unions of objects that are distinguished by a tag.
//!
//! A tag that comes first, as the runtime writes it, is read in the same pass as the rest.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{UnrecognizedVariant, position};
use crate::support::decode::{Done, Failed, Reader};
use crate::support::exact::Exact;
use crate::support::key::Key;
use crate::support::object::{Object, TagRule, read_fields};
use crate::support::reader::Mark;

/// A union whose variants are objects with a constant field; generated.
pub trait TaggedUnion {
    /// The name of the constant field, and its known values in the order of the variants' numbers.
    fn tags(&self) -> (&'static str, &'static [&'static str]);

    /// Becomes the variant of this number, blank, and returns it to be filled.
    fn select(&mut self, index: usize) -> Option<&mut dyn Object>;

    /// Becomes a variant that is only kept.
    fn unrecognized(&mut self, variant: UnrecognizedVariant);
}

/// Reads a tagged union.
pub fn read_tagged(union: &mut dyn TaggedUnion, reader: &mut Reader<'_>) -> Done {
    let start = reader.mark();
    let is_element = reader.in_list();
    let (name, tags) = union.tags();
    let Ok((tag, is_first)) = read_tag(name, reader) else {
        return keep_untagged(union, start, reader);
    };
    let Some(variant) = position(tags, &tag).and_then(|index| union.select(index)) else {
        return keep_unknown(union, start, &tag, reader);
    };
    let rule = if is_first {
        TagRule::Seen
    } else {
        TagRule::Known
    };
    match read_fields(variant, reader, !is_first, rule) {
        // One element that has an identity of its own must not cost the others.
        Err(Failed) if is_element && variant.shape().has_id() => {
            keep_malformed(union, start, &tag, reader)
        }
        done => done,
    }
}

/// Enters an object and reads its tag, which either was the first entry or is found ahead.
#[inline]
fn read_tag<'a>(
    name: &'static str,
    reader: &mut Reader<'a>,
) -> Result<(Cow<'a, str>, bool), Failed> {
    reader.open(b'{', "an object")?;
    if reader.take_first_key(name) {
        let tag = reader.string().map_err(|Failed| reader.at_key(name))?;
        return Ok((tag, true));
    }
    Ok((find_tag(name, reader)?.into(), false))
}

/// Looks for the tag among entries in another order, and returns to the first of them.
#[inline(never)]
fn find_tag(name: &'static str, reader: &mut Reader<'_>) -> Result<String, Failed> {
    let start = reader.mark();
    let mut tag = None;
    let mut first = true;
    while reader.more(&mut first, b'}')? {
        let key = reader.key(&[name], 0)?;
        let value = reader.mark();
        if reader.raw().is_err() {
            return Err(match &key {
                Key::Known(_) => reader.at_key(name),
                Key::Unknown(key) => reader.at_key(key),
            });
        }
        if let Key::Known(_) = key {
            tag = Some(value);
        }
    }
    let Some(value) = tag else {
        return Err(reader.missing(name));
    };
    reader.rewind(value);
    if reader.peek() != b'"' {
        reader.fail("invalid type: expected a string");
        return Err(reader.at_key(name));
    }
    let tag = reader.string().map_err(|Failed| reader.at_key(name))?;
    reader.rewind(start);
    Ok(tag.into_owned())
}

fn keep_unknown(
    union: &mut dyn TaggedUnion,
    start: Mark,
    tag: &str,
    reader: &mut Reader<'_>,
) -> Done {
    let variant = read_unrecognized(union, start, tag, reader)?;
    union.unrecognized(variant);
    Ok(())
}

/// Keeps a variant that is known, but malformed; broken JSON stays an error.
#[cold]
fn keep_malformed(
    union: &mut dyn TaggedUnion,
    start: Mark,
    tag: &str,
    reader: &mut Reader<'_>,
) -> Done {
    let error = reader.take_error();
    let variant = read_unrecognized(union, start, tag, reader)?;
    union.unrecognized(variant.malformed(error));
    Ok(())
}

/// Keeps an element of a list that has no tag, or is no object, if the others have ids of their own.
#[cold]
fn keep_untagged(union: &mut dyn TaggedUnion, start: Mark, reader: &mut Reader<'_>) -> Done {
    if !reader.is_element(start) || !has_ids(union) {
        return Err(Failed);
    }
    let error = reader.take_error();
    reader.rewind(start);
    let (value, text) = reader.any_exactly()?;
    let text = text.unwrap_or_else(|| Exact::new(reader.since(start)));
    let fields = match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let variant = UnrecognizedVariant::new("", fields).with_text(Some(text));
    union.unrecognized(variant.malformed(error));
    Ok(())
}

/// Returns `true` if variants of this union have ids of their own.
fn has_ids(union: &mut dyn TaggedUnion) -> bool {
    let (_, tags) = union.tags();
    (0..tags.len()).any(|index| {
        let variant = union.select(index);
        variant.is_some_and(|variant| variant.shape().has_id())
    })
}

#[inline(never)]
fn read_unrecognized(
    union: &mut dyn TaggedUnion,
    start: Mark,
    tag: &str,
    reader: &mut Reader<'_>,
) -> Result<UnrecognizedVariant, Failed> {
    let (name, _) = union.tags();
    reader.rewind(start);
    let (value, text) = reader.any_exactly()?;
    let Value::Object(mut fields) = value else {
        return Err(reader.fail("invalid type: expected an object"));
    };
    let tag = match fields.remove(name) {
        Some(Value::String(last)) => last,
        // Tags that contradict each other are kept, both.
        Some(last) => {
            fields.insert(name.to_owned(), last);
            tag.to_owned()
        }
        None => tag.to_owned(),
    };
    Ok(UnrecognizedVariant::new(tag, fields).with_text(text))
}
