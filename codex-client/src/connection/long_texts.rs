//! Long texts in parameters and responses, such as images, which become parts of the message instead of
//! being copied into it.
//!
//! They are taken out, the rest is encoded with a mark in the place of each, and the marks are found in
//! the JSON. Independent of the types.

use serde_core::Serialize;

use super::one_line;
use crate::engine::Body;

/// Size from which a text is shared or moved instead of copied, in bytes: a writer sends it in several
/// pieces in any case.
pub(super) const SHARED: usize = 64 * 1024;

/// Encodes a value as JSON; the long texts of its parts are moved.
pub(crate) fn encoded_in_pieces<V: Serialize, P>(
    value: &mut V,
    parts: impl Fn(&mut V) -> &mut Vec<P>,
    text_of: fn(&mut P) -> Option<&mut String>,
) -> serde_json::Result<Body> {
    let (places, long) = take_long(parts(value), text_of);
    if long.is_empty() {
        return serde_json::to_string(value).map(to_body);
    }
    let marked = one_line(serde_json::to_string(value)?);
    match Body::spliced(&marked, long, mark) {
        Ok(body) => Ok(body),
        // Another text is the same as a mark.
        Err(long) => {
            put_back(parts(value), text_of, places, long);
            serde_json::to_string(value).map(to_body)
        }
    }
}

/// A text of JSON, on one line.
pub(super) fn to_body(mut text: String) -> Body {
    if text.len() >= SHARED {
        // It may have grown to twice its length.
        text.shrink_to_fit();
    }
    Body::new(one_line(text))
}

/// The text in place of a long one, until that is inserted there.
pub(super) fn mark(index: usize) -> String {
    format!("codex-client:text-{index}:")
}

/// Takes the long texts out, if they are their own form in JSON, and leaves marks. Returns the places
/// of the parts as well.
fn take_long<P>(
    parts: &mut [P],
    text_of: fn(&mut P) -> Option<&mut String>,
) -> (Vec<usize>, Vec<String>) {
    let (mut places, mut long) = (Vec::new(), Vec::new());
    for (place, part) in parts.iter_mut().enumerate() {
        let text = text_of(part).filter(|text| text.len() >= SHARED && !needs_escapes(text));
        if let Some(text) = text {
            places.push(place);
            long.push(std::mem::replace(text, mark(long.len())));
        }
    }
    (places, long)
}

/// Undoes [`take_long`].
fn put_back<P>(
    parts: &mut [P],
    text_of: fn(&mut P) -> Option<&mut String>,
    places: Vec<usize>,
    long: Vec<String>,
) {
    for (place, taken) in places.into_iter().zip(long) {
        if let Some(text) = parts.get_mut(place).and_then(text_of) {
            *text = taken;
        }
    }
}

/// Returns whether a text in JSON differs from the text itself.
fn needs_escapes(text: &str) -> bool {
    let is_escaped = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    // Whole chunks, so that the compiler can compare many bytes at a time.
    let chunks = text.as_bytes().chunks(1024);
    let mut found = chunks.map(|chunk| chunk.iter().fold(false, |any, it| any | is_escaped(it)));
    found.any(|found| found)
}
