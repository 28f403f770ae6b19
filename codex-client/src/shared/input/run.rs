//! All inputs that can start a turn, in one type.

use codex_types::{TurnToolOutput, UserInput};

use super::{ExternalMessage, Input};
use crate::error::Error;

/// The input that starts a turn: an [`Input`] or an [`ExternalMessage`]. Everything that converts
/// into one of these converts into this.
#[derive(Clone, Debug, PartialEq)]
pub struct RunInput(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    User(Input),
    External(Box<ExternalMessage>),
}

impl RunInput {
    /// The two fields of the protocol.
    pub(crate) fn into_fields(self) -> (Vec<UserInput>, Option<TurnToolOutput>) {
        match self.0 {
            Kind::User(input) => (input.into_parts(), None),
            Kind::External(message) => (Vec::new(), Some(message.0)),
        }
    }

    /// Rejects inputs that the protocol would reject with an unclear error.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.0 {
            Kind::External(message) if message.0.name.trim().is_empty() => {
                Err(Error::InvalidArgument {
                    method: "turn/start".to_owned(),
                    problem: "an external message needs the name of a tool".to_owned(),
                })
            }
            Kind::External(_) => Ok(()),
            Kind::User(input) => input.check("turn/start"),
        }
    }
}

impl<T: Into<Input>> From<T> for RunInput {
    fn from(input: T) -> Self {
        Self(Kind::User(input.into()))
    }
}

impl From<ExternalMessage> for RunInput {
    fn from(message: ExternalMessage) -> Self {
        Self(Kind::External(Box::new(message)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::{ExternalMessage, Input, RunInput};

    #[test]
    fn external_message_is_no_user_input() {
        let message = ExternalMessage::new("inbox", "hi").namespace("mail");
        let input = RunInput::from(message);
        input.check().unwrap();
        let (user, tool) = input.into_fields();
        assert!(user.is_empty());
        let expected = json!({"name": "inbox", "namespace": "mail", "output": "hi"});
        assert_eq!(to_value(tool.unwrap()).unwrap(), expected);

        let nameless = RunInput::from(ExternalMessage::new(" ", "hi"));
        let error = nameless.check().unwrap_err().to_string();
        assert!(error.contains("needs the name of a tool"), "{error}");
    }

    #[test]
    fn strings_and_lists_are_inputs() {
        let (text, tool) = RunInput::from("a").into_fields();
        assert_eq!((text, tool), (Input::text("a").into_parts(), None));
        let parts = Input::text("a").and_text("b").into_parts();
        assert_eq!(RunInput::from(parts.clone()).into_fields().0, parts);
    }
}
