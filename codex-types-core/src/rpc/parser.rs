//! Parses many messages that name the same things.

use super::ServerMessage;
use crate::DecodeError;
use crate::support::text::Shared;

/// Parses the messages of a server one after another; ids that come again are stored once.
///
/// The messages of a turn name their thread, turn and item again and again. The types of such
/// ids share their text, and a parser remembers the eight that came last. The messages are the
/// same as those of [`ServerMessage::parse`], which remembers them for each thread.
///
/// A parser of one's own is for messages that another thread uses: with a new one for each batch,
/// the two threads do not count references to the same texts at the same time.
///
/// ```
/// use codex_types::ServerNotification;
/// use codex_types::rpc::{Parser, ServerMessage};
///
/// let line = r#"{"method":"item/agentMessage/delta","params":
///     {"threadId":"t","turnId":"u","itemId":"i","delta":"Hel"}}"#;
/// let mut parser = Parser::new();
/// for _ in 0..2 {
///     let ServerMessage::Notification(message) = parser.parse(line)? else {
///         panic!("not a notification");
///     };
///     assert_eq!(message.payload.turn_id(), Some("u"));
/// }
/// # Ok::<(), codex_types::DecodeError>(())
/// ```
#[derive(Debug)]
pub struct Parser(Shared);

impl Parser {
    /// A parser that remembers nothing yet.
    pub fn new() -> Self {
        Self(Shared::remembering())
    }

    /// Parses one message.
    ///
    /// # Errors
    ///
    /// Those of [`ServerMessage::parse`].
    pub fn parse<'a>(&mut self, text: &'a str) -> Result<ServerMessage<'a>, DecodeError> {
        ServerMessage::read(text, &mut self.0)
    }
}

impl Default for Parser {
    fn default() -> Self {
        Self::new()
    }
}
