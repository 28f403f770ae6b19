//! The error of a failed handshake with a reachable server.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Error;
use crate::engine::one_line;
use crate::secret::Secret;

/// The server was reached, or started, and could not be initialized. Contains its output.
#[derive(Clone, Debug)]
pub struct HandshakeError {
    pub(crate) cause: Error,
    pub(crate) program: Option<PathBuf>,
    pub(crate) unexpected_output: Secret<String>,
    pub(crate) stderr_tail: Secret<String>,
}

/// Maximum length of the server's output in the message, in characters.
const SHOWN: usize = 300;

impl HandshakeError {
    /// Returns the cause of the failure.
    pub fn cause(&self) -> &Error {
        &self.cause
    }

    /// Returns the started program, if this client started one.
    pub fn program(&self) -> Option<&Path> {
        self.program.as_deref()
    }

    /// Returns the server's output before any message, at most 2,000 bytes.
    pub fn unexpected_output(&self) -> &str {
        &self.unexpected_output.0
    }

    /// The tail of the program's stderr, at most 16 KiB; empty without a program.
    pub fn stderr_tail(&self) -> &str {
        &self.stderr_tail.0
    }
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.cause)?;
        if let Some(program) = &self.program {
            write!(formatter, "; {} was started", program.display())?;
        }
        if !self.unexpected_output().is_empty() {
            let shown = shortened(&one_line(self.unexpected_output()));
            write!(formatter, "; its output is no message: {shown}")?;
        }
        if !self.stderr_tail().is_empty() {
            let last = self.stderr_tail().lines().next_back().unwrap_or_default();
            write!(formatter, "; stderr: {}", shortened(&one_line(last)))?;
        }
        Ok(())
    }
}

impl std::error::Error for HandshakeError {}

/// The beginning of a line.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, HandshakeError, Secret, shortened};

    #[test]
    fn the_message_is_one_line_and_bounded() {
        assert_eq!(shortened(&"ä".repeat(1000)).chars().count(), 301);
        let error = HandshakeError {
            cause: Error::Cancelled {
                method: "initialize".to_owned(),
            },
            program: Some("/bin/x".into()),
            unexpected_output: Secret("one\ntwo".to_owned()),
            stderr_tail: Secret("three\n".to_owned()),
        };
        let shown = error.to_string();
        assert_eq!(
            shown,
            "initialize: cancelled by the caller; /bin/x was started; \
             its output is no message: one two; stderr: three"
        );
        assert!(!format!("{error:?}").contains("three"));
    }
}
