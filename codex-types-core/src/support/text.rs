//! Strings with a type of their own, and texts that many messages share.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use super::decode::{Done, Reader};
use super::key::is_same;

/// A string with a type of its own; generated.
pub trait Text {
    /// Takes what was read.
    fn set(&mut self, text: Cow<'_, str>, shared: &mut Shared);
}

/// Reads a string with a type of its own.
pub fn read_text(place: &mut dyn Text, reader: &mut Reader<'_>) -> Done {
    let text = reader.string()?;
    place.set(text, reader.shared());
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
    texts: [Option<Arc<str>>; Shared::MOST],
    /// The place for the next new text: the oldest goes.
    next: usize,
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

    /// Takes the texts of this thread; they are given back by [`Shared::give_back`].
    pub(crate) fn of_thread() -> Self {
        let taken = OF_THREAD.try_with(Cell::take);
        Self(taken.ok().flatten().or_else(|| Some(Box::default())))
    }

    /// Keeps the texts for the next message of this thread.
    pub(crate) fn give_back(self) {
        // A thread that ends keeps nothing.
        let _ = OF_THREAD.try_with(|place| place.set(self.0));
    }

    /// The text, as the one that is there already if there is.
    pub fn text(&mut self, text: &str) -> Arc<str> {
        match &mut self.0 {
            Some(recent) if text.len() <= Self::LONGEST => recent.text(text),
            _ => text.into(),
        }
    }
}

thread_local! {
    static OF_THREAD: Cell<Option<Box<Recent>>> = const { Cell::new(None) };
}

impl Recent {
    fn text(&mut self, text: &str) -> Arc<str> {
        let mut known = self.texts.iter().flatten();
        if let Some(known) = known.find(|known| is_same(known.as_bytes(), text.as_bytes())) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        if let Some(place) = self.texts.get_mut(self.next) {
            *place = Some(Arc::clone(&new));
        }
        self.next = (self.next + 1) % Shared::MOST;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_texts_are_shared() {
        let mut shared = Shared::remembering();
        let first = shared.text("thread");
        for number in 1..Shared::MOST {
            shared.text(&number.to_string());
            assert!(Arc::ptr_eq(&first, &shared.text("thread")), "{number}");
        }
        shared.text("one more");
        assert!(!Arc::ptr_eq(&first, &shared.text("thread")));
    }

    #[test]
    fn long_texts_and_those_of_nobody_are_not_kept() {
        let long = "x".repeat(Shared::LONGEST + 1);
        let mut shared = Shared::remembering();
        assert_eq!(Arc::strong_count(&shared.text(&long)), 1);
        assert_eq!(Arc::strong_count(&Shared::default().text("short")), 1);
    }
}
