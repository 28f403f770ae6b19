//! The line that continues a session: `codex resume <id>`.
//!
//! Bots print it below an answer and find it again in the message that a reply refers to. The
//! session need not exist.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Identifies a session that a later run continues.
///
/// Displays as `codex resume <id>`, and parses such a line, in backquotes or not. Serializes as its
/// id:
///
/// ```
/// use codex_exec::ResumeToken;
///
/// let token: ResumeToken = "`codex resume 019b73c4-0c3f-7701-a0bb-aac6b4d8a3bc`".parse()?;
/// assert_eq!(token.id(), "019b73c4-0c3f-7701-a0bb-aac6b4d8a3bc");
/// assert_eq!(token.to_string(), "codex resume 019b73c4-0c3f-7701-a0bb-aac6b4d8a3bc");
/// # Ok::<(), codex_exec::InvalidResumeToken>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ResumeToken {
    id: String,
}

/// A text without a valid session id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names no session: expected a thread id, or the line `codex resume <thread id>`")]
#[non_exhaustive]
pub struct InvalidResumeToken {
    /// The text.
    pub text: String,
}

impl ResumeToken {
    /// Creates the token of the session with this thread id.
    ///
    /// The runtime interprets an unknown id as a name, and silently starts a new session; the
    /// runner ends such a run with an error. Only ids are accepted, therefore.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidResumeToken`] if the id is empty, starts with a dash (it would be an
    /// option), or contains white space, a control character, or a backquote.
    pub fn new(id: impl Into<String>) -> Result<Self, InvalidResumeToken> {
        let id = id.into();
        let valid = !id.is_empty()
            && !id.starts_with('-')
            && !id.contains(|c: char| c.is_whitespace() || c.is_control() || c == '`');
        if valid {
            Ok(Self { id })
        } else {
            Err(InvalidResumeToken { text: id })
        }
    }

    /// Returns the thread id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Finds the last line of the form `codex resume <id>` in a multi-line text.
    pub fn find(text: &str) -> Option<Self> {
        text.lines().rev().find_map(|line| line.parse().ok())
    }
}

impl From<ResumeToken> for String {
    fn from(token: ResumeToken) -> Self {
        token.id
    }
}

impl TryFrom<String> for ResumeToken {
    type Error = InvalidResumeToken;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        Self::new(id)
    }
}

impl FromStr for ResumeToken {
    type Err = InvalidResumeToken;

    /// Parses the line `codex resume <id>`, in backquotes or not, without any other text on it.
    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidResumeToken {
            text: line.to_owned(),
        };
        let trimmed = line.trim();
        let trimmed = trimmed.strip_prefix('`').unwrap_or(trimmed);
        let trimmed = trimmed.strip_suffix('`').unwrap_or(trimmed);
        let mut words = trimmed.split_whitespace();
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some(command), Some(verb), Some(id), None)
                if command.eq_ignore_ascii_case("codex") && verb.eq_ignore_ascii_case("resume") =>
            {
                Self::new(id).map_err(|_| invalid())
            }
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for ResumeToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "codex resume {}", self.id)
    }
}
