//! Reads JSON text from front to back.
//!
//! One concrete type without parameters, so that everything that reads is compiled once. It
//! reads JSON, independent of models: those are filled by [`super::object`], [`super::union`] and
//! [`super::decode`]. Strings and whole numbers are read here; escapes, fractions, raw values and
//! the wording of errors in malformed JSON are left to `serde_json`.
//!
//! Reading never indexes: a position beyond the end is the end.

#![deny(clippy::indexing_slicing)]

mod any;
mod fault;
mod number;
mod scan;
mod string;

use std::fmt;

use serde_json::value::RawValue;

use super::key::{Key, find, is_same};
use super::text::Shared;
use fault::Fault;

/// The depth to which objects and lists of a model may be nested; the limit of `serde_json`.
const DEPTH: u8 = 127;

/// Reading failed; the reader holds the reason.
#[derive(Clone, Copy, Debug)]
pub struct Failed;

/// The outcome of reading something into its place.
pub type Done = Result<(), Failed>;

/// A JSON text, and how much of it has been read.
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// The number of objects and lists that may still be opened.
    depth: u8,
    /// The number of open lists.
    lists: u8,
    /// The place of the element of a list that was begun last.
    element: usize,
    /// A value was read that its type cannot hold exactly.
    inexact: bool,
    /// The next `null` is no value of an optional field.
    null_is_wrong: bool,
    fault: Option<Box<Fault>>,
    shared: Shared,
}

/// The text may hold secrets and is not printed.
impl fmt::Debug for Reader<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reader")
            .field("at", &self.at)
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

/// A place in a text to return to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    at: usize,
    depth: u8,
    lists: u8,
}

impl<'a> Reader<'a> {
    /// Begins at the start of a text.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: DEPTH,
            lists: 0,
            element: usize::MAX,
            inexact: false,
            null_is_wrong: false,
            fault: None,
            shared: Shared::default(),
        }
    }

    /// The texts that are shared among messages.
    #[inline]
    pub(crate) fn shared(&mut self) -> &mut Shared {
        &mut self.shared
    }

    /// The current place.
    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            at: self.at,
            depth: self.depth,
            lists: self.lists,
        }
    }

    /// Returns to a place in order to read from there again.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.at = mark.at;
        self.depth = mark.depth;
        self.lists = mark.lists;
    }

    /// The text that was read since a place.
    pub(crate) fn since(&self, mark: Mark) -> &'a str {
        self.since_offset(mark.at)
    }

    /// The text that was read since an offset.
    pub(crate) fn since_offset(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default().trim()
    }

    /// The number of bytes that have been read.
    #[inline]
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// Returns `true` if something was read that its type cannot hold exactly.
    #[inline]
    pub(crate) fn is_inexact(&self) -> bool {
        self.inexact
    }

    /// Takes the note that something was read that its type cannot hold exactly.
    #[inline]
    pub(crate) fn take_inexact(&mut self) -> bool {
        std::mem::take(&mut self.inexact)
    }

    /// Notes that something was read that its type cannot hold exactly.
    pub(crate) fn note_inexact(&mut self) {
        self.inexact = true;
    }

    /// Returns `true` inside of a list.
    pub(crate) fn in_list(&self) -> bool {
        self.lists > 0
    }

    pub(crate) fn enter_list(&mut self) {
        self.lists = self.lists.saturating_add(1);
    }

    /// Begins an element of a list.
    #[inline]
    pub(crate) fn begin_element(&mut self) -> Mark {
        self.peek();
        self.element = self.at;
        self.mark()
    }

    /// Returns `true` if a value that begins at this place is an element of a list, and none was
    /// begun inside of it.
    pub(crate) fn is_element(&self, start: Mark) -> bool {
        self.in_list() && start.at == self.element
    }

    pub(crate) fn leave_list(&mut self) {
        self.lists = self.lists.saturating_sub(1);
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The next byte that is no space, without taking it; 0 at the end.
    #[inline]
    pub(crate) fn peek(&mut self) -> u8 {
        match self.byte(self.at) {
            Some(byte) if byte > b' ' => byte,
            _ => self.peek_behind_space(),
        }
    }

    #[inline(never)]
    fn peek_behind_space(&mut self) -> u8 {
        while let Some(byte) = self.byte(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
        0
    }

    /// Fails unless nothing but space is left.
    pub(crate) fn end(&mut self) -> Done {
        self.peek();
        if self.at < self.text.len() {
            return Err(self.syntax());
        }
        Ok(())
    }

    /// Enters an object or a list.
    #[inline]
    pub(crate) fn open(&mut self, bracket: u8, expected: &str) -> Done {
        if self.peek() != bracket {
            return Err(self.mismatch(expected));
        }
        match self.depth.checked_sub(1) {
            Some(depth) => self.depth = depth,
            None => return Err(self.fail("recursion limit exceeded")),
        }
        self.at += 1;
        Ok(())
    }

    /// Moves to the next entry of an object or a list, or leaves it and returns `false`.
    #[inline]
    pub(crate) fn more(&mut self, first: &mut bool, bracket: u8) -> Result<bool, Failed> {
        let byte = self.peek();
        let is_first = std::mem::take(first);
        if byte == b',' && !is_first {
            self.at += 1;
            return Ok(true);
        }
        if byte == bracket {
            self.at += 1;
            self.depth += 1;
            return Ok(false);
        }
        if is_first && byte != 0 {
            return Ok(true);
        }
        Err(self.syntax())
    }

    /// Moves to the next entry of an object or a list that has some already, or leaves it and
    /// returns `false`.
    #[inline]
    pub(crate) fn another(&mut self, bracket: u8) -> Result<bool, Failed> {
        if self.byte(self.at) == Some(b',') {
            self.at += 1;
            return Ok(true);
        }
        self.more(&mut false, bracket)
    }

    /// Takes a key and its colon, if it is the expected one and stands there without spaces.
    #[expect(
        clippy::inline_always,
        reason = "it is what reading an object mostly does"
    )]
    #[inline(always)]
    pub(crate) fn take_key(&mut self, name: &str) -> bool {
        let end = self.at + name.len() + 3;
        match self.text.as_bytes().get(self.at..end) {
            Some([b'"', key @ .., b'"', b':']) if is_same(key, name.as_bytes()) => {
                self.at = end;
                true
            }
            _ => false,
        }
    }

    /// Takes the first key of an object and its colon, if it is this one in whatever form: with
    /// spaces, or with escapes.
    #[inline]
    pub(crate) fn take_first_key(&mut self, name: &str) -> bool {
        self.peek() == b'"' && (self.take_key(name) || self.take_odd_key(name))
    }

    #[inline(never)]
    fn take_odd_key(&mut self, name: &str) -> bool {
        let mark = self.mark();
        let is_this = matches!(self.key(&[name], 0), Ok(Key::Known(_)));
        if !is_this {
            self.rewind(mark);
            self.fault = None;
        }
        is_this
    }

    /// Reads a key and its colon, and finds it in a table, beginning where it is expected.
    #[inline(never)]
    pub(crate) fn key(&mut self, names: &[&str], expected: usize) -> Result<Key, Failed> {
        if self.peek() != b'"' {
            return Err(self.syntax());
        }
        let key = self.string()?;
        if self.peek() != b':' {
            return Err(self.syntax());
        }
        self.at += 1;
        Ok(match find(names, expected, &key) {
            Some(index) => Key::Known(index),
            None => Key::Unknown(key.into_owned()),
        })
    }

    /// Takes the key that is expected next, if it stands there without spaces, and moves on in the
    /// table.
    #[inline]
    pub(crate) fn take_expected(&mut self, names: &[&str], expected: &mut usize) -> bool {
        let is_expected = names.get(*expected).is_some_and(|name| self.take_key(name));
        *expected += usize::from(is_expected);
        is_expected
    }

    /// Reads the key that is expected next, or looks it up.
    #[inline]
    pub(crate) fn next_key(&mut self, names: &[&str], expected: usize) -> Result<Key, Failed> {
        match names.get(expected) {
            Some(name) if self.take_key(name) => Ok(Key::Known(expected)),
            _ => self.key(names, expected),
        }
    }

    /// Reads `null`, `true` or `false`.
    #[inline]
    pub(crate) fn literal(&mut self, word: &str) -> Done {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.syntax())
    }

    /// Reads `null`, if it comes and counts as a value.
    #[inline]
    pub(crate) fn take_null(&mut self) -> Result<bool, Failed> {
        if self.peek() == b'n' {
            self.null()
        } else {
            Ok(false)
        }
    }

    #[inline(never)]
    fn null(&mut self) -> Result<bool, Failed> {
        if std::mem::take(&mut self.null_is_wrong) {
            return Ok(false);
        }
        self.literal("null").map(|()| true)
    }

    /// Leaves the next `null` to the type behind a field that may be absent, but not `null`.
    pub(crate) fn refuse_null(&mut self) {
        self.null_is_wrong = true;
    }

    /// Reads a boolean.
    pub(crate) fn boolean(&mut self) -> Result<bool, Failed> {
        match self.peek() {
            b't' => self.literal("true").map(|()| true),
            b'f' => self.literal("false").map(|()| false),
            _ => Err(self.mismatch("a boolean")),
        }
    }

    /// Reads any value as its text, however deep it is nested.
    #[inline(never)]
    pub(crate) fn raw(&mut self) -> Result<&'a RawValue, Failed> {
        self.peek();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter();
        match values.next() {
            Some(Ok(raw)) => {
                self.at += values.byte_offset();
                Ok(raw)
            }
            _ => Err(self.syntax()),
        }
    }
}
