//! The reason and the place of a failed read.
//!
//! The place of a fault is found from the inside out, while the calls that read return; nothing
//! of it costs anything as long as nothing fails.

use serde_core::de::IgnoredAny;
use serde_json::{Number, Value};

use super::{Failed, Reader};
use crate::DecodeError;
use crate::support::path::{self, Step};

/// A fault on its way out.
#[derive(Debug)]
pub(super) struct Fault {
    /// The steps to it that are known so far.
    path: String,
    problem: String,
    /// The place in the text at which broken JSON breaks, as ` at line 1 column 5`.
    position: String,
}

impl Reader<'_> {
    /// The error of a reader that failed.
    pub(crate) fn into_error(self) -> DecodeError {
        self.fault
            .map_or_else(|| DecodeError::new("cannot be read"), |fault| fault.error())
    }

    /// Takes the error of a reader that continues.
    pub(crate) fn take_error(&mut self) -> Option<DecodeError> {
        self.fault.take().map(|fault| fault.error())
    }

    /// The value does not fit.
    #[cold]
    pub(crate) fn fail(&mut self, problem: impl Into<String>) -> Failed {
        self.set_fault(String::new(), problem.into(), String::new())
    }

    /// A part that was read apart from the rest failed.
    #[cold]
    pub(crate) fn fail_with(&mut self, error: &DecodeError) -> Failed {
        self.set_fault(
            error.path().to_owned(),
            error.problem().to_owned(),
            String::new(),
        )
    }

    /// A field that must be there is not.
    #[cold]
    pub(crate) fn missing(&mut self, name: &str) -> Failed {
        let path = Step::Key(name).to_string();
        self.set_fault(path, "missing field".to_owned(), String::new())
    }

    /// The fault is in the field of this name, or under this key.
    #[cold]
    pub(crate) fn at_key(&mut self, name: &str) -> Failed {
        self.prefix(&Step::Key(name))
    }

    /// The fault is in the element of this number.
    #[cold]
    pub(crate) fn at_index(&mut self, index: usize) -> Failed {
        self.prefix(&Step::Index(index))
    }

    /// A value of another type than expected; broken JSON, if it is not even a value.
    #[cold]
    pub(crate) fn mismatch(&mut self, expected: &str) -> Failed {
        match self.found() {
            Ok(found) => self.fail(format!("invalid type: {found}, expected {expected}")),
            Err(Failed) => Failed,
        }
    }

    /// The kind of the next value, in the words of serde.
    fn found(&mut self) -> Result<&'static str, Failed> {
        Ok(match self.peek() {
            b'n' => self.literal("null").map(|()| "null")?,
            b't' | b'f' => self.boolean().map(|_| "boolean")?,
            b'"' => self.string().map(|_| "string")?,
            b'[' => "sequence",
            b'{' => "map",
            b'-' | b'0'..=b'9' => match self.number_token()?.parse::<Number>() {
                Ok(number) if number.is_f64() => "floating point",
                Ok(_) => "integer",
                Err(error) => return Err(self.broken(&error)),
            },
            _ => return Err(self.syntax()),
        })
    }

    /// The text is no JSON: `serde_json` reads it again and finds the words.
    #[cold]
    pub(crate) fn syntax(&mut self) -> Failed {
        let strict = serde_json::from_str::<Value>(self.text).err();
        let error = match strict {
            Some(error) if is_only_unusual(&error) => {
                // Not what stopped this reader: it reads such a part.
                let lenient = serde_json::from_str::<IgnoredAny>(self.text).err();
                lenient.unwrap_or(error)
            }
            Some(error) => error,
            None => return self.fail("cannot be read"),
        };
        self.set_broken(&error, (error.line(), error.column()))
    }

    /// A fault that `serde_json` found in a part of the text; its place is looked for in the whole.
    #[cold]
    pub(super) fn broken(&mut self, error: &serde_json::Error) -> Failed {
        let whole = serde_json::from_str::<Value>(self.text).err();
        let place = whole.filter(|whole| problem(whole) == problem(error));
        let place = place.map_or((error.line(), error.column()), |whole| {
            (whole.line(), whole.column())
        });
        self.set_broken(error, place)
    }

    fn set_broken(&mut self, error: &serde_json::Error, (line, column): (usize, usize)) -> Failed {
        let position = format!(" at line {line} column {column}");
        self.set_fault(String::new(), problem(error), position)
    }

    fn set_fault(&mut self, path: String, problem: String, position: String) -> Failed {
        self.fault = Some(Box::new(Fault {
            path,
            problem,
            position,
        }));
        Failed
    }

    fn prefix(&mut self, step: &Step<'_>) -> Failed {
        if let Some(fault) = &mut self.fault {
            fault.path = path::joined(step, &fault.path);
        }
        Failed
    }
}

impl Fault {
    /// Malformed JSON outside of all fields has no path, only a position.
    fn error(self) -> DecodeError {
        DecodeError::new(if self.path.is_empty() {
            self.problem + &self.position
        } else {
            format!("{}: {}", self.path, self.problem)
        })
    }
}

/// The message of an error of `serde_json` without the place.
fn problem(error: &serde_json::Error) -> String {
    let message = error.to_string();
    path::without_position(&message, error.line(), error.column()).to_owned()
}

/// Text that `serde_json` cannot hold in a `Value`, though it is JSON.
fn is_only_unusual(error: &serde_json::Error) -> bool {
    let message = error.to_string();
    [
        "lone leading surrogate",
        "unexpected end of hex escape",
        "number out of range",
        "recursion limit exceeded",
    ]
    .iter()
    .any(|unusual| message.starts_with(unusual))
}
