//! Unions that are distinguished by the kind of JSON, or by the keys of an object.

use serde_json::{Map, Value};

use super::kind;
use crate::support::decode::{Decode, Done, Reader};

/// The mark of an alternative of an untagged union; generated.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// It is anything.
    Any,
    /// It is a string.
    String,
    /// It is one of these strings.
    Strings(&'static [&'static str]),
    /// It is a whole number.
    Integer,
    /// It is a number.
    Number,
    /// It is `true` or `false`.
    Boolean,
    /// It is a list.
    List,
    /// It is an object that has these keys with such values.
    Object(&'static [(&'static str, Shape)]),
    /// It is one of these.
    OneOf(&'static [Shape]),
}

impl Shape {
    fn matches(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _)
            | (Self::String, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Boolean, Value::Bool(_))
            | (Self::List, Value::Array(_)) => true,
            (Self::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
            (Self::Strings(values), Value::String(text)) => values.contains(&text.as_str()),
            (Self::Object(keys), Value::Object(map)) => keys
                .iter()
                .all(|(key, shape)| map.get(*key).is_some_and(|value| shape.matches(value))),
            (Self::OneOf(shapes), value) => shapes.iter().any(|shape| shape.matches(value)),
            _ => false,
        }
    }

    /// Counts the distinguishing keys that are there; `None` if one
    /// of them has a value of another alternative, or if this is no object.
    fn matching_keys(&self, fields: &Map<String, Value>) -> Option<usize> {
        match self {
            Self::Object(keys) => {
                let present = keys
                    .iter()
                    .filter_map(|(key, shape)| fields.get(*key).map(|value| shape.matches(value)));
                present
                    .map(|matches| matches.then_some(1))
                    .sum::<Option<usize>>()
            }
            Self::OneOf(shapes) => {
                let counts = shapes.iter().map(|shape| shape.matching_keys(fields));
                counts.max().flatten()
            }
            _ => None,
        }
    }

    /// Returns `true` for a distinguishing key.
    fn has_key(&self, name: &str) -> bool {
        match self {
            Self::Object(keys) => keys.iter().any(|(key, _)| *key == name),
            Self::OneOf(shapes) => shapes.iter().any(|shape| shape.has_key(name)),
            _ => false,
        }
    }

    fn allows_kind_of(&self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::String | Self::Strings(_) => value.is_string(),
            Self::Integer | Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Object(_) => value.is_object(),
            Self::OneOf(shapes) => shapes.iter().any(|shape| shape.allows_kind_of(value)),
        }
    }
}

/// A union distinguished by the kind of JSON or by the keys of an object; generated.
pub trait UntaggedUnion {
    /// The shapes of the alternatives, in the order of their numbers; the first that fits counts.
    fn shapes(&self) -> &'static [Shape];

    /// Becomes the alternative of this number, blank, and returns it to be filled.
    fn select(&mut self, index: usize) -> Option<&mut dyn Decode>;

    /// Keeps a value that fits no alternative, but has the kind of one.
    fn unrecognized(&mut self, value: Value);
}

/// Reads an untagged union: first the value, to see which alternative it is, then that.
pub fn read_untagged(union: &mut dyn UntaggedUnion, reader: &mut Reader<'_>) -> Done {
    let start = reader.mark();
    let (value, text) = reader.any_exactly()?;
    let shapes = union.shapes();
    let fits = shapes.iter().position(|shape| shape.matches(&value));
    if let Some(index) = fits.or_else(|| damaged(union, &value)) {
        reader.rewind(start);
        return match union.select(index) {
            Some(place) => place.read(reader),
            None => Err(reader.fail("no such alternative")),
        };
    }
    if !shapes.iter().any(|shape| shape.allows_kind_of(&value)) {
        let found = kind(&value);
        return Err(reader.fail(format!("invalid type: {found}, which no alternative is")));
    }
    if text.is_some() {
        reader.note_inexact();
    }
    union.unrecognized(value);
    Ok(())
}

/// The alternative that an object would be if it had not lost a key: nothing in it is unknown, and
/// most of its distinguishing keys are there; the first of several. What has an unknown key is an
/// alternative that this version does not know.
fn damaged(union: &mut dyn UntaggedUnion, value: &Value) -> Option<usize> {
    let fields = value.as_object()?;
    let shapes = union.shapes();
    let mut best: Option<(usize, usize)> = None;
    for (index, shape) in shapes.iter().enumerate() {
        let Some(matching) = shape.matching_keys(fields) else {
            continue;
        };
        let names = union.select(index).map(Decode::reset);
        let is_known = |key: &String| {
            names.is_some_and(|names| names.contains(&key.as_str())) || shape.has_key(key)
        };
        if fields.keys().all(is_known) && best.is_none_or(|(most, _)| most < matching) {
            best = Some((matching, index));
        }
    }
    best.map(|(_, index)| index)
}
