//! Strings with a type of their own, and texts that many messages share.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::decode::{Done, Reader};
use super::key::is_same;

/// A string with a type of its own; generated.
pub trait Text {
    /// Takes what was read.
    fn set(&mut self, text: Cow<'_, str>);
}

/// The number of a value of an open enumeration: a loop for all of them, because comparisons in the
/// code of each cost more to compile than everything else that is done with it.
#[inline(never)]
pub fn position(known: &[&str], value: &str) -> Option<usize> {
    let mut known = known.iter();
    known.position(|known| is_same(known.as_bytes(), value.as_bytes()))
}

/// Reads a string with a type of its own.
pub fn read_text(place: &mut dyn Text, reader: &mut Reader<'_>) -> Done {
    place.set(reader.string()?);
    Ok(())
}

/// Reads a string whose type shares its text.
pub fn read_shared(place: &mut SharedText, reader: &mut Reader<'_>) -> Done {
    let text = if let Some(text) = reader.plain_string_inline() {
        reader.shared().text(text)
    } else {
        let text = reader.other_string()?;
        reader.shared().text(&text)
    };
    *place = text;
    Ok(())
}

/// The text of a string with a type of its own; all clones share it.
///
/// The empty one allocates nothing and counts no references.
#[derive(Clone, Default)]
pub struct SharedText(Option<Arc<str>>);

impl Deref for SharedText {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl fmt::Debug for SharedText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, formatter)
    }
}

impl PartialEq for SharedText {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for SharedText {}

impl PartialOrd for SharedText {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SharedText {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

/// The same as that of a `str`.
impl Hash for SharedText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl From<Arc<str>> for SharedText {
    #[inline]
    fn from(text: Arc<str>) -> Self {
        Self(Some(text))
    }
}

impl From<String> for SharedText {
    #[inline]
    fn from(text: String) -> Self {
        Self(Some(text.into()))
    }
}

impl From<&str> for SharedText {
    #[inline]
    fn from(text: &str) -> Self {
        Self(Some(text.into()))
    }
}

/// The texts that came last, so that equal ones are one.
///
/// Empty, it shares nothing. It holds a few texts, short ones only.
#[derive(Default)]
pub struct Shared(Option<Box<Recent>>);

#[derive(Default)]
struct Recent {
    slots: [Slot; Shared::MOST],
    /// The place for the next new text: the oldest goes.
    oldest: usize,
    /// The place of the text that came last.
    last: usize,
}

#[derive(Default)]
struct Slot {
    text: SharedText,
    /// Its last bytes: few texts have the same.
    end: u64,
    /// The place of the text that came after this one: messages name the same things in the same
    /// order.
    after: usize,
}

/// The texts may be secrets and are not printed.
impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    /// The number of texts that are remembered.
    const MOST: usize = 8;
    /// The length of the longest of them, in bytes.
    const LONGEST: usize = 128;

    /// Remembers texts from now on.
    pub(crate) fn remembering() -> Self {
        Self(Some(Box::default()))
    }

    /// The text, as the one that is there already if there is.
    #[inline]
    pub fn text(&mut self, text: &str) -> SharedText {
        let expected = self.0.as_mut().and_then(|recent| recent.expected(text));
        match expected {
            Some(text) => text,
            None => self.other(text),
        }
    }

    #[inline(never)]
    fn other(&mut self, text: &str) -> SharedText {
        match &mut self.0 {
            Some(recent) if text.len() <= Self::LONGEST => recent.other(text),
            _ => text.into(),
        }
    }
}

thread_local! {
    static OF_THREAD: Cell<Option<Box<Recent>>> = const { Cell::new(None) };
}

/// The texts of this thread, which are given back when this is dropped.
#[derive(Debug)]
pub(crate) struct OfThread(Shared);

impl OfThread {
    #[inline]
    pub(crate) fn take() -> Self {
        let taken = OF_THREAD.try_with(Cell::take);
        Self(Shared(
            taken.ok().flatten().or_else(|| Some(Box::default())),
        ))
    }
}

impl Deref for OfThread {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl DerefMut for OfThread {
    #[inline]
    fn deref_mut(&mut self) -> &mut Shared {
        &mut self.0
    }
}

impl Drop for OfThread {
    #[inline]
    fn drop(&mut self) {
        // A thread that ends keeps nothing.
        let _ = OF_THREAD.try_with(|place| place.set(self.0.0.take()));
    }
}

impl Recent {
    /// The text that came after the last one before, if it is this.
    #[inline]
    fn expected(&mut self, text: &str) -> Option<SharedText> {
        let expected = self.slots.get(self.last)?.after;
        let known = &self.slots.get(expected)?.text;
        if !is_same_id(known, text) {
            return None;
        }
        self.last = expected;
        Some(known.clone())
    }

    fn other(&mut self, text: &str) -> SharedText {
        let end = end(text);
        let mut slots = self.slots.iter();
        let known = slots.position(|slot| slot.end == end && *slot.text == *text);
        let place = known.unwrap_or(self.oldest);
        if let Some(last) = self.slots.get_mut(self.last) {
            last.after = place;
        }
        self.last = place;
        match (self.slots.get_mut(place), known) {
            (Some(same), Some(_)) => same.text.clone(),
            (Some(oldest), None) => {
                self.oldest = (place + 1) % Shared::MOST;
                (oldest.text, oldest.end) = (text.into(), end);
                oldest.text.clone()
            }
            (None, _) => text.into(),
        }
    }
}

/// The last bytes of a text; 0 for one that is shorter.
fn end(text: &str) -> u64 {
    let end = text.as_bytes().last_chunk();
    end.map_or(0, |end| u64::from_le_bytes(*end))
}

/// Compares two texts, without a call for those that are as long as a UUID.
#[inline]
fn is_same_id(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    if !(32..=64).contains(&left.len()) {
        return left == right;
    }
    // Two pieces that overlap, or meet, cover the text. The end first: what differs mostly does there.
    left.last_chunk::<32>() == right.last_chunk() && left.first_chunk::<32>() == right.first_chunk()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_shared(left: &SharedText, right: &SharedText) -> bool {
        match (&left.0, &right.0) {
            (Some(left), Some(right)) => Arc::ptr_eq(left, right),
            _ => false,
        }
    }

    #[test]
    fn recent_texts_are_shared() {
        let mut shared = Shared::remembering();
        let first = shared.text("thread");
        for number in 1..Shared::MOST {
            shared.text(&number.to_string());
            assert!(is_shared(&first, &shared.text("thread")), "{number}");
        }
        shared.text("one more");
        assert!(!is_shared(&first, &shared.text("thread")));
    }

    #[test]
    fn texts_that_end_alike_are_distinguished() {
        let texts = ["", "a", "b", "a-12345678", "b-12345678", &"c".repeat(40)];
        let mut shared = Shared::remembering();
        let first: Vec<SharedText> = texts.iter().map(|text| shared.text(text)).collect();
        for (text, first) in texts.iter().zip(&first).rev() {
            assert_eq!(&**first, *text);
            assert!(
                text.is_empty() || is_shared(first, &shared.text(text)),
                "{text}"
            );
        }
    }

    #[test]
    fn long_texts_and_those_of_nobody_are_not_kept() {
        let long = "x".repeat(Shared::LONGEST + 1);
        let mut shared = Shared::remembering();
        assert!(!is_shared(&shared.text(&long), &shared.text(&long)));
        let mut nobody = Shared::default();
        assert!(!is_shared(&nobody.text("short"), &nobody.text("short")));
    }
}
