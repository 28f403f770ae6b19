//! Frames on their way to the writer.
//!
//! Keeps their order, wakes the writer, and counts what waits. Knows nothing of what is in them.

use std::collections::BTreeMap;

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

/// Who caused a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The program: a request or a notification.
    Client,
    /// The server, by asking something: it is not read on while too much of this waits.
    Server,
}

/// Where a frame is in the outbox, until the writer takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position(u64);

/// The frames that wait to be sent.
#[derive(Debug)]
pub(super) struct Outbox<W> {
    frames: BTreeMap<u64, (Cause, String)>,
    last: u64,
    /// The bytes that wait, by cause.
    from_client: usize,
    from_server: usize,
    writer: Option<W>,
    closed: bool,
}

/// How much the writer takes at once, in bytes. What it has taken goes out in any case.
const TAKEN: usize = 256 * 1024;
/// How many bytes of answers may wait before the server is not read any more, and how many bytes
/// of notifications before no more are accepted.
pub(crate) const WAITING: usize = 16 << 20;

impl<W> Outbox<W> {
    pub(super) fn new() -> Self {
        Self {
            frames: BTreeMap::new(),
            last: 0,
            from_client: 0,
            from_server: 0,
            writer: None,
            closed: false,
        }
    }

    /// Adds a frame.
    pub(super) fn push(&mut self, frame: String, cause: Cause, wake: &mut Vec<W>) -> Position {
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

    /// Takes a frame back, unless the writer has it.
    pub(super) fn withdraw(&mut self, position: Position) {
        if let Some((cause, frame)) = self.frames.remove(&position.0) {
            *self.waiting(cause) -= frame.len();
        }
    }

    /// Whether more waits of this cause than should.
    pub(super) fn is_full(&self, cause: Cause) -> bool {
        match cause {
            Cause::Client => self.from_client > WAITING,
            Cause::Server => self.from_server > WAITING,
        }
    }

    /// Moves frames into `into`, as many as go out at once, or leaves a waiter to be woken. What
    /// came before the close still goes out.
    pub(super) fn take(&mut self, into: &mut Vec<String>, waiter: impl FnOnce() -> W) -> Outgoing {
        let mut taken = 0;
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

    /// No more frames will come.
    pub(super) fn close(&mut self, wake: &mut Vec<W>) {
        self.closed = true;
        wake.extend(self.writer.take());
    }

    /// Drops everything, because nobody will take it.
    pub(super) fn discard(&mut self) {
        self.frames.clear();
        (self.from_client, self.from_server) = (0, 0);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }
}
