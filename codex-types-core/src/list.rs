//! A list with malformed elements beside the others.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde_core::de::{Deserialize, Deserializer};
use serde_core::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::Value;

use crate::DecodeError;
use crate::support::decode::by_serde;
use crate::support::exact::Exact;

/// A list of things that the server keeps, such as the turns of a thread: one element that cannot be
/// read does not cost the others.
///
/// It is used like the `Vec` of its elements. Those that are malformed are not among them, but in
/// [`List::malformed`], each with its error, and are written again unchanged, at their positions.
///
/// ```
/// use codex_types_core::{List, Turn};
///
/// let text = r#"[{"id":"a","items":[],"itemsView":"full","status":"completed"},{"id":"b"}]"#;
/// let turns: List<Turn> = serde_json::from_str(text)?;
/// assert_eq!(turns.len(), 1);
/// assert_eq!(turns[0].id, "a");
/// let malformed = &turns.malformed()[0];
/// assert_eq!((malformed.index(), malformed.value()["id"].as_str()), (1, Some("b")));
/// assert_eq!(malformed.error().to_string(), "items: missing field");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct List<T> {
    elements: Vec<T>,
    /// Sorted by position.
    malformed: Vec<MalformedElement>,
}

/// An element of a [`List`] that cannot be read as its type.
#[derive(Clone, PartialEq, Eq)]
pub struct MalformedElement {
    index: usize,
    value: Value,
    /// The text, when the value does not hold all of it.
    text: Option<Exact>,
    error: DecodeError,
}

impl<T> List<T> {
    /// Creates an empty list.
    pub const fn new() -> Self {
        Self {
            elements: Vec::new(),
            malformed: Vec::new(),
        }
    }

    /// The elements that cannot be read, in order; mostly none.
    pub fn malformed(&self) -> &[MalformedElement] {
        &self.malformed
    }

    /// The elements and the malformed ones.
    pub fn into_parts(self) -> (Vec<T>, Vec<MalformedElement>) {
        (self.elements, self.malformed)
    }

    /// Everything in order, with the malformed elements as errors.
    pub fn results(&self) -> impl Iterator<Item = Result<&T, &MalformedElement>> {
        merged(self.elements.iter(), self.malformed().iter())
    }

    /// Like [`List::results`], by value.
    pub fn into_results(self) -> impl Iterator<Item = Result<T, MalformedElement>> {
        let (elements, malformed) = self.into_parts();
        merged(elements.into_iter(), malformed.into_iter())
    }

    /// Adds a malformed element of another list behind everything.
    pub fn push_malformed(&mut self, mut element: MalformedElement) {
        element.index = self.len() + self.malformed().len();
        self.malformed.push(element);
    }

    /// Removes everything, and returns the places for elements and malformed ones.
    pub(crate) fn cleared(&mut self) -> (&mut Vec<T>, &mut Vec<MalformedElement>) {
        self.elements.clear();
        self.malformed.clear();
        (&mut self.elements, &mut self.malformed)
    }
}

impl MalformedElement {
    pub(crate) fn new(index: usize, value: Value, text: Option<Exact>, error: DecodeError) -> Self {
        Self {
            index,
            value,
            text,
            error,
        }
    }

    /// Its position in the list as it was read, counted with the malformed ones.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The JSON.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The fault; the path begins inside of the element.
    pub fn error(&self) -> &DecodeError {
        &self.error
    }
}

/// Elements and malformed ones, each at its position.
fn merged<T, M: std::borrow::Borrow<MalformedElement>>(
    mut elements: impl Iterator<Item = T>,
    malformed: impl Iterator<Item = M>,
) -> impl Iterator<Item = Result<T, M>> {
    let mut malformed = malformed.peekable();
    let mut at = 0..;
    std::iter::from_fn(move || {
        let at = at.next()?;
        if let Some(next) = malformed.next_if(|next| next.borrow().index <= at) {
            return Some(Err(next));
        }
        // Elements may have been removed since: then malformed ones are left.
        let element = elements.next().map(Ok);
        element.or_else(|| malformed.next().map(Err))
    })
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for List<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.elements
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.elements
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(elements: Vec<T>) -> Self {
        Self {
            elements,
            malformed: Vec::new(),
        }
    }
}

impl<T, const N: usize> From<[T; N]> for List<T> {
    fn from(elements: [T; N]) -> Self {
        Vec::from(elements).into()
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        elements.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    /// Without the malformed elements: see [`List::into_results`].
    fn into_iter(self) -> Self::IntoIter {
        self.elements.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut List<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.iter_mut()
    }
}

impl<T: PartialEq> PartialEq<Vec<T>> for List<T> {
    fn eq(&self, other: &Vec<T>) -> bool {
        self.malformed().is_empty() && self.elements == *other
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = self.len() + self.malformed().len();
        let mut list = serializer.serialize_seq(Some(length))?;
        for element in self.results() {
            match element {
                Ok(element) => list.serialize_element(element)?,
                Err(malformed) => list.serialize_element(malformed)?,
            }
        }
        list.end()
    }
}

/// Written as it was read.
impl Serialize for MalformedElement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.text {
            Some(text) => text.serialize(serializer),
            None => self.value.serialize(serializer),
        }
    }
}

impl<'de, T> Deserialize<'de> for List<T>
where
    Self: crate::support::decode::Decode,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_serde(deserializer)
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = formatter.debug_list();
        for element in self.results() {
            match element {
                Ok(element) => list.entry(element),
                Err(malformed) => list.entry(malformed),
            };
        }
        list.finish()
    }
}

impl fmt::Display for MalformedElement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = self.index;
        let error = self.error.to_string();
        let separator = match error.as_bytes() {
            // The error has no path, or one that begins with an index.
            _ if self.error.path().is_empty() => ": ",
            [b'[', ..] => "",
            _ => ".",
        };
        write!(formatter, "malformed element: [{index}]{separator}{error}")
    }
}

impl std::error::Error for MalformedElement {}

/// Prints the error alone: the value may hold secrets.
impl fmt::Debug for MalformedElement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MalformedElement")
            .field("index", &self.index)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}
