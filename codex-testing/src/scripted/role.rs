//! The logic behind a scripted peer.

use super::Replay;

/// The server's part in a conversation, without any I/O.
///
/// Errors are texts for the person whose test fails.
pub trait Role: Send + 'static {
    /// The next frame to send, or `None` when it is the client's turn or the role is at its end.
    ///
    /// # Errors
    ///
    /// When the role cannot continue.
    fn next_frame(&mut self) -> Result<Option<Vec<u8>>, String>;

    /// Takes a frame of the client's. Called after [`Role::next_frame`] has returned `None`.
    ///
    /// # Errors
    ///
    /// When the client should have sent something else, or nothing.
    fn receive(&mut self, frame: &[u8]) -> Result<(), String>;

    /// The next expected step, or `None` when the role is at its end.
    fn missing(&self) -> Option<String>;

    /// Returns true if the connection is to be closed from the server's side now.
    fn closes(&self) -> bool {
        false
    }
}

impl Role for Replay {
    fn next_frame(&mut self) -> Result<Option<Vec<u8>>, String> {
        Self::next_frame(self).map_err(|error| error.to_string())
    }

    fn receive(&mut self, frame: &[u8]) -> Result<(), String> {
        Self::receive(self, frame).map_err(|error| error.to_string())
    }

    fn missing(&self) -> Option<String> {
        self.expected()
    }
}
