//! Why no connection came about with a server that was there.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Error;
use crate::engine::one_line;
use crate::secret::Secret;

/// The server was reached, or started, and could not be initialized. Has what it wrote instead.
#[derive(Clone, Debug)]
pub struct HandshakeError {
    pub(crate) cause: Error,
    pub(crate) program: Option<PathBuf>,
    pub(crate) unexpected_output: Secret<String>,
    pub(crate) stderr_tail: Secret<String>,
}

/// How much of what the server wrote stands in the message, in characters.
const SHOWN: usize = 300;

impl HandshakeError {
    /// What ended the handshake.
    pub fn cause(&self) -> &Error {
        &self.cause
    }

    /// The program that was started, if this client started one.
    pub fn program(&self) -> Option<&Path> {
        self.program.as_deref()
    }

    /// What the server wrote that is no message, before any message; 2,000 bytes at most.
    pub fn unexpected_output(&self) -> &str {
        &self.unexpected_output.0
    }

    /// The last lines the program wrote to its stderr; empty without a program.
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
            write!(
                formatter,
                "; it wrote something that is no message: {shown}"
            )?;
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
             it wrote something that is no message: one two; stderr: three"
        );
        assert!(!format!("{error:?}").contains("three"));
    }
}
