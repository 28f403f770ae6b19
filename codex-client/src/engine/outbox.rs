//! Frames on their way to the writer.
//!
//! Keeps their order, wakes the writer, and counts queued bytes. Independent of their contents.

use super::frame::Frame;
use super::numbered::Numbered;

/// The result of a poll by the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outgoing {
    /// Frames to send, in this order.
    Frames,
    /// No frames yet: the waiter is kept and woken when there are.
    Waiting,
    /// More frames than were to be taken.
    Many,
    /// No frames, and no more will follow.
    Finished,
}

/// The cause of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The program: a request or a notification.
    Client,
    /// The server, by a request: it is not read while too much of this is queued.
    Server,
}

/// The position of a frame in the outbox, until the writer takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position(u64);

#[cfg(test)]
impl Position {
    pub(super) fn new(number: u64) -> Self {
        Self(number)
    }
}

/// Frames queued for the writer.
#[derive(Debug)]
pub(super) struct Outbox<W> {
    frames: Numbered<u64, (Cause, Frame)>,
    last: u64,
    /// Queued bytes, by cause.
    from_client: usize,
    from_server: usize,
    writer: Option<W>,
    closed: bool,
}

/// Maximum size of one write, in bytes. Taken frames are written in any case.
const TAKEN: usize = 256 * 1024;
/// Maximum size of queued responses, beyond which the server is not read, and of queued
/// notifications, beyond which further ones are rejected, in bytes.
pub(crate) const WAITING: usize = 16 << 20;

impl<W> Outbox<W> {
    pub(super) fn new() -> Self {
        Self {
            frames: Numbered::default(),
            last: 0,
            from_client: 0,
            from_server: 0,
            writer: None,
            closed: false,
        }
    }

    /// Adds a frame.
    pub(super) fn push(&mut self, frame: Frame, cause: Cause, wake: &mut Vec<W>) -> Position {
        self.last += 1;
        *self.waiting(cause) += frame.len();
        self.frames.insert(self.last, (cause, frame));
        wake.extend(self.writer.take());
        Position(self.last)
    }

    fn waiting(&mut self, cause: Cause) -> &mut usize {
        match cause {
            Cause::Client => &mut self.from_client,
            Cause::Server => &mut self.from_server,
        }
    }

    /// Withdraws a frame, unless the writer has it.
    pub(super) fn withdraw(&mut self, position: Position) -> Option<Frame> {
        let (cause, frame) = self.frames.remove(position.0)?;
        *self.waiting(cause) -= frame.len();
        Some(frame)
    }

    /// Wakes the writer, because its link is lost.
    pub(super) fn release_writer(&mut self, wake: &mut Vec<W>) {
        wake.extend(self.writer.take());
    }

    /// Returns whether the queue of this cause is full.
    pub(super) fn is_full(&self, cause: Cause) -> bool {
        match cause {
            Cause::Client => self.from_client > WAITING,
            Cause::Server => self.from_server > WAITING,
        }
    }

    /// Moves the frames of one write into `into`, or registers a waiter; takes none if all frames have
    /// more than `most` bytes with their separators. Frames from before the close are still written.
    pub(super) fn take(
        &mut self,
        most: usize,
        into: &mut Vec<Frame>,
        waiter: impl FnOnce() -> W,
    ) -> Outgoing {
        let mut taken = 0;
        if self.from_client + self.from_server + self.frames.len() > most {
            return Outgoing::Many;
        }
        while taken < TAKEN {
            let Some((_, (cause, frame))) = self.frames.pop_first() else {
                break;
            };
            *self.waiting(cause) -= frame.len();
            taken += frame.len();
            into.push(frame);
        }
        if !into.is_empty() {
            return Outgoing::Frames;
        }
        if self.closed {
            return Outgoing::Finished;
        }
        self.writer = Some(waiter());
        Outgoing::Waiting
    }

    /// Marks the end of frames.
    pub(super) fn close(&mut self, wake: &mut Vec<W>) {
        self.closed = true;
        wake.extend(self.writer.take());
    }

    /// Drops all frames, because the writer has ended.
    pub(super) fn discard(&mut self) {
        self.frames = Numbered::default();
        (self.from_client, self.from_server) = (0, 0);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }
}
