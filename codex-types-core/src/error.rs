//! The error of a message that cannot be decoded.

use std::fmt;

use crate::support::path;

/// A value that does not have the shape its type demands.
///
/// The path leads from the outermost value to the fault:
/// `item.content[2].url: missing field`. Of the payload it contains the keys of
/// the path and at most a number that is out of range: what was found may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    message: String,
    note: Option<Box<str>>,
}

impl DecodeError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            note: None,
        }
    }

    /// Adds a note to the text of the error: a possible cause that the decoder cannot know, such as
    /// the version of the server. A note it had is replaced.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<Box<str>>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The note that [`DecodeError::with_note`] added.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// The path of the fault, such as `item.content[2].url`; empty at the outermost value.
    pub fn path(&self) -> &str {
        path::split(&self.message).0
    }

    /// The fault, such as `missing field`.
    pub fn problem(&self) -> &str {
        path::split(&self.message).1
    }
}

impl From<serde_json::Error> for DecodeError {
    fn from(error: serde_json::Error) -> Self {
        let message = path::without_value(error.to_string());
        if error.is_data() {
            let (line, column) = (error.line(), error.column());
            Self::new(path::without_position(&message, line, column))
        } else {
            // Malformed JSON has no path, only a position.
            Self::new(message)
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        match &self.note {
            Some(note) => write!(formatter, "; {note}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for DecodeError {}
