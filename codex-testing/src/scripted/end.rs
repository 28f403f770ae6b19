//! The interface of a connection that a scripted peer needs.

use std::time::Duration;

use codex_client::transport::memory::MemoryPeer;

/// The outcome of waiting for a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Received {
    /// A frame.
    Frame(Vec<u8>),
    /// Nothing in time.
    Nothing,
    /// The other side will send nothing more.
    Ended,
}

/// The server's end of a connection that moves frames. Dropping it ends the connection.
pub trait PeerEnd: Send + 'static {
    /// Sends a frame; `false` when the client has ended the connection.
    fn send(&mut self, frame: Vec<u8>) -> bool;

    /// Waits for a frame, no longer than `limit`.
    fn receive(&mut self, limit: Duration) -> Received;

    /// Sends nothing more; what was sent still arrives.
    fn close(&mut self);
}

/// Lets a script or a recorded session play the server to a client in this process.
impl PeerEnd for MemoryPeer {
    fn send(&mut self, frame: Vec<u8>) -> bool {
        MemoryPeer::send(self, frame)
    }

    fn receive(&mut self, limit: Duration) -> Received {
        match self.receive_timeout(limit) {
            Some(frame) => Received::Frame(frame),
            None if self.is_finished() => Received::Ended,
            None => Received::Nothing,
        }
    }

    fn close(&mut self) {
        MemoryPeer::close(self);
    }
}
