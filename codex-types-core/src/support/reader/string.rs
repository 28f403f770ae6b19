//! Strings: borrowed unless they have escapes.

use std::borrow::Cow;

use super::scan::plain_length;
use super::{Failed, Reader};

impl<'a> Reader<'a> {
    /// Reads a string.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Failed> {
        match self.plain_string() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.other_string().map(Cow::Owned),
        }
    }

    /// Reads a string that has no escapes; anything else is left to [`Reader::other_string`].
    #[inline(never)]
    pub(crate) fn plain_string(&mut self) -> Option<&'a str> {
        self.plain_string_inline()
    }

    /// The same, for what is read most.
    #[expect(clippy::inline_always, reason = "it is what is read most")]
    #[inline(always)]
    pub(crate) fn plain_string_inline(&mut self) -> Option<&'a str> {
        if self.peek() != b'"' {
            return None;
        }
        let rest = self.text.get(self.at + 1..)?;
        let length = plain_length(rest.as_bytes());
        if rest.as_bytes().get(length) != Some(&b'"') {
            return None;
        }
        self.at += length + 2;
        rest.get(..length)
    }

    /// Reads what is no plain string.
    #[inline(never)]
    pub(crate) fn other_string(&mut self) -> Result<String, Failed> {
        match self.peek() {
            b'"' => self.escaped_string(),
            _ => Err(self.mismatch("a string")),
        }
    }

    /// Reads a string that has escapes, or an error.
    fn escaped_string(&mut self) -> Result<String, Failed> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut strings = serde_json::Deserializer::from_str(rest).into_iter();
        match strings.next() {
            Some(Ok(text)) => {
                self.at += strings.byte_offset();
                Ok(text)
            }
            Some(Err(error)) => Err(self.broken(&error)),
            None => Err(self.syntax()),
        }
    }

    /// Reads a string that may have halves of surrogate pairs, which no `String` can hold; they
    /// become U+FFFD.
    pub(super) fn any_string(&mut self) -> Result<String, Failed> {
        let mark = self.mark();
        if let Ok(text) = self.string() {
            return Ok(text.into_owned());
        }
        self.rewind(mark);
        let raw = self.raw()?.get();
        self.fault = None;
        self.inexact = true;
        let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        Ok(unescaped(inner.unwrap_or(raw)))
    }
}

/// The text of a string whose escapes are known to be well-formed.
fn unescaped(mut rest: &str) -> String {
    // UTF-16, so that the two halves of a pair meet.
    let mut units: Vec<u16> = Vec::with_capacity(rest.len());
    while let Some((plain, escape)) = rest.split_once('\\') {
        units.extend(plain.encode_utf16());
        let mut characters = escape.chars();
        let kind = characters.next().unwrap_or_default();
        rest = characters.as_str();
        if kind == 'u' {
            let (digits, behind) = rest.split_at_checked(4).unwrap_or((rest, ""));
            units.push(u16::from_str_radix(digits, 16).unwrap_or(0xfffd));
            rest = behind;
        } else {
            units.push(simple_escape(kind));
        }
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}

fn simple_escape(kind: char) -> u16 {
    match kind {
        'b' => 0x08,
        'f' => 0x0c,
        'n' => 0x0a,
        'r' => 0x0d,
        't' => 0x09,
        '/' => 0x2f,
        '"' => 0x22,
        _ => 0x5c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_mean_what_they_mean_to_serde_json() {
        let escapes = r#"a\\\"\/\b\f\n\r\t\u00e9\ud83d\ude00é😀"#;
        let read: String = serde_json::from_str(&format!("\"{escapes}\"")).unwrap();
        assert_eq!(unescaped(escapes), read);
    }

    #[test]
    fn half_a_pair_is_replaced() {
        for (half, expected) in [
            (r#""cut \ud83d""#, "cut \u{fffd}"),
            (r#""\ude00\ud83d\ud83d\ude00\n""#, "\u{fffd}\u{fffd}😀\n"),
            (r#""\ud83d\\""#, "\u{fffd}\\"),
            (r#""\ud83d\"""#, "\u{fffd}\""),
        ] {
            let mut reader = Reader::new(half);
            assert_eq!(reader.any_string().ok().as_deref(), Some(expected));
            assert!(reader.take_inexact() && reader.end().is_ok(), "{half}");
        }
    }
}
