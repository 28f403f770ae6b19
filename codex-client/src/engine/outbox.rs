//! Frames on their way to the writer.
//!
//! Keeps their order and wakes the writer. Knows nothing of what is in them.

/// What the writer gets when it asks for work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outgoing {
    /// Frames to send, in this order.
    Frames,
    /// Nothing yet: the waiter is kept and woken when there is.
    Waiting,
    /// Nothing, and there will be nothing.
    Finished,
}

/// The frames that wait to be sent.
#[derive(Debug)]
pub(super) struct Outbox<W> {
    frames: Vec<String>,
    writer: Option<W>,
    closed: bool,
}

impl<W> Outbox<W> {
    pub(super) fn new() -> Self {
        Self {
            frames: Vec::new(),
            writer: None,
            closed: false,
        }
    }

    /// Adds a frame.
    pub(super) fn push(&mut self, frame: String, wake: &mut Vec<W>) {
        self.frames.push(frame);
        wake.extend(self.writer.take());
    }

    /// Moves the frames into `into`, or leaves a waiter to be woken. What came before the
    /// close still goes out.
    pub(super) fn take(&mut self, into: &mut Vec<String>, waiter: impl FnOnce() -> W) -> Outgoing {
        into.append(&mut self.frames);
        if !into.is_empty() {
            return Outgoing::Frames;
        }
        if self.closed {
            return Outgoing::Finished;
        }
        self.writer = Some(waiter());
        Outgoing::Waiting
    }

    /// No more frames will come.
    pub(super) fn close(&mut self, wake: &mut Vec<W>) {
        self.closed = true;
        wake.extend(self.writer.take());
    }
}
