//! Frames on their way to the server: text in pieces, of which long ones are shared instead of
//! copied.
//!
//! Independent of their contents.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A message to the server, without a separator.
///
/// Most are one piece of text. A long one, such as an image in the input of a turn, has several: a
/// [`FrameWriter`](crate::transport::FrameWriter) sends them one after the other. Its parts are
/// shared with the request, which may be sent again after an overload, so that they exist once.
///
/// ```
/// use codex_client::transport::Frame;
///
/// let frame = Frame::from(r#"{"method":"initialized"}"#);
/// assert_eq!(frame.parts().map(str::len).sum::<usize>(), frame.len());
/// assert_eq!(frame.text(), r#"{"method":"initialized"}"#);
/// ```
#[derive(Clone)]
pub struct Frame {
    text: String,
    /// Text that is shared, with its place in `text`.
    body: Option<(usize, Arc<Body>)>,
}

/// A text that frames share, in which long texts are inserted.
pub(crate) struct Body {
    text: String,
    /// The places in `text`, in ascending order, with the texts.
    inserted: Vec<(usize, String)>,
}

impl Frame {
    /// Creates a frame with a body at a place in its text.
    pub(crate) fn around(text: String, at: usize, body: Arc<Body>) -> Self {
        let body = Some((at, body));
        Self { text, body }
    }

    /// Returns the length of the whole text, in bytes.
    pub fn len(&self) -> usize {
        let body = self.body.as_ref().map_or(0, |(_, body)| body.len());
        self.text.len() + body
    }

    /// Returns whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the pieces of the text, in order. None is empty.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let (at, body) = match &self.body {
            Some((at, body)) => (*at, Some(body)),
            None => (self.text.len(), None),
        };
        let (head, tail) = self.text.split_at(at);
        let body = body.into_iter().flat_map(|body| body.parts());
        let parts = std::iter::once(head).chain(body).chain([tail]);
        parts.filter(|part| !part.is_empty())
    }

    /// Returns the whole text, which is copied if there are several pieces.
    pub fn text(&self) -> Cow<'_, str> {
        match &self.body {
            None => Cow::Borrowed(&self.text),
            Some(_) => Cow::Owned(self.parts().collect()),
        }
    }
}

impl From<String> for Frame {
    fn from(text: String) -> Self {
        Self { text, body: None }
    }
}

impl From<&str> for Frame {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// Its length: a login has secrets.
impl fmt::Debug for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Frame({} bytes)", self.len())
    }
}

impl Body {
    /// Creates a body without insertions.
    pub(crate) fn new(text: String) -> Self {
        let inserted = Vec::new();
        Self { text, inserted }
    }

    /// Creates a body whose long texts, in order, are inserted into a text instead of their marks. A
    /// mark that is not there exactly once is an error: the long texts are returned then.
    pub(crate) fn spliced(
        marked: &str,
        long: Vec<String>,
        mark: impl Fn(usize) -> String,
    ) -> Result<Self, Vec<String>> {
        let (mut text, mut places, mut rest) = (String::new(), Vec::new(), marked);
        for index in 0..long.len() {
            let mark = mark(index);
            let Some((before, after)) = rest.split_once(&mark) else {
                return Err(long);
            };
            if marked.matches(&mark).count() != 1 {
                return Err(long);
            }
            text.push_str(before);
            places.push(text.len());
            rest = after;
        }
        text.push_str(rest);
        let inserted = places.into_iter().zip(long).collect();
        Ok(Self { text, inserted })
    }

    /// The text without the insertions.
    pub(crate) fn outline(&self) -> &str {
        &self.text
    }

    /// Returns the whole text, in the memory of the first insertion if there is any.
    pub(crate) fn into_text(self) -> String {
        let mut inserted = self.inserted.into_iter();
        let Some((first, mut text)) = inserted.next() else {
            return self.text;
        };
        let others = inserted.as_slice().iter().map(|(_, text)| text.len());
        text.reserve_exact(self.text.len() + others.sum::<usize>());
        text.insert_str(0, &self.text[..first]);
        let mut start = first;
        for (at, other) in inserted {
            text.extend([&self.text[start..at], &other]);
            start = at;
        }
        text.push_str(&self.text[start..]);
        text
    }

    pub(crate) fn len(&self) -> usize {
        let inserted = self.inserted.iter().map(|(_, text)| text.len());
        self.text.len() + inserted.sum::<usize>()
    }

    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        let last = self.inserted.last().map_or(0, |(at, _)| *at);
        let pieces = self.inserted.iter().flat_map(move |(at, inserted)| {
            let before = &self.text[start..*at];
            start = *at;
            [before, inserted.as_str()]
        });
        pieces.chain([&self.text[last..]])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Body, Frame};

    #[test]
    fn parts_are_the_text_in_order() {
        let body = Body {
            text: r#"["",""]"#.to_owned(),
            inserted: vec![(2, "one".to_owned()), (5, "two".to_owned())],
        };
        assert_eq!(body.parts().collect::<String>(), r#"["one","two"]"#);
        assert_eq!((body.outline(), body.len()), (r#"["",""]"#, 13));
        let frame = Frame::around(r#"{"params":}"#.to_owned(), 10, Arc::new(body));
        let text = r#"{"params":["one","two"]}"#;
        assert_eq!((&*frame.text(), frame.len()), (text, text.len()));
        assert!(frame.parts().all(|part| !part.is_empty()));
        assert_eq!(frame.parts().collect::<String>(), text);
    }

    #[test]
    fn text_of_a_body_is_in_the_memory_of_the_first_insertion() {
        let mut first = String::with_capacity(100);
        first.push_str("one");
        let memory = first.as_ptr();
        let body = Body {
            text: r#"["","",0]"#.to_owned(),
            inserted: vec![(2, first), (5, "two".to_owned())],
        };
        let text = body.into_text();
        assert_eq!((&*text, text.as_ptr()), (r#"["one","two",0]"#, memory));
        assert_eq!(Body::new("[]".to_owned()).into_text(), "[]");
    }

    #[test]
    fn short_frame_is_one_part_and_its_text_is_not_shown() {
        let frame = Frame::from("secret");
        assert_eq!(frame.parts().collect::<Vec<_>>(), ["secret"]);
        assert_eq!(format!("{frame:?}"), "Frame(6 bytes)");
        assert!(Frame::from("").is_empty() && Frame::from("").parts().next().is_none());
    }
}
