//! The operations of a connection's reader and writer, over one link to the server.
//!
//! After the link is lost they have no effect: another reader and writer may be at work already.

use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use super::incoming::{Incoming, Reading};
use super::park::Work;
use super::{Connection, ReaderMemory, dispatch};
use crate::engine::{Frame, LinkNumber, Outgoing, Place, Pressure};
use crate::error::{CloseReason, Closed};

/// One link of a connection: a process, or a socket. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) connection: Arc<Connection>,
    pub(super) number: LinkNumber,
}

impl Link {
    /// The present link of a connection.
    pub(crate) fn present(connection: &Arc<Connection>) -> Self {
        Self {
            number: connection.lock().link(),
            connection: Arc::clone(connection),
        }
    }

    // Operations of the reader.

    /// Dispatches frames; returns whether requests of the server were queued.
    pub(crate) fn deliver<'a>(
        &self,
        frames: impl Iterator<Item = &'a [u8]> + Clone,
        memory: &mut ReaderMemory,
    ) -> bool {
        let connection = &self.connection;
        let ReaderMemory {
            deferred,
            open_items,
            reading,
        } = memory;
        reading.events.recycle(deferred.turn_over());
        let mut reading = Reading::new(frames.clone(), reading, connection.mismatch.get());
        frames.for_each(|frame| reading.read(frame));
        let messages = reading.finish();
        connection.greeting.listen(messages);
        connection.note(messages, open_items);
        if let Some(running) = &connection.running {
            if connection.lock().is_current(self.number) {
                running.observe(messages.iter().filter_map(Incoming::event));
            }
        }
        let mut replies = Vec::new();
        let has_requests = connection.step(|engine, effects| {
            let is_current = engine.is_current(self.number);
            is_current
                && dispatch::all(
                    engine,
                    messages.drain(..),
                    connection.handler_limit,
                    deferred,
                    &mut replies,
                    effects,
                )
        });
        messages.clear();
        for reply in replies {
            reply.send(connection);
        }
        has_requests
    }

    /// The reason for backpressure, if there is one.
    pub(crate) fn pressure(&self) -> Option<Pressure> {
        let engine = self.connection.lock();
        engine.pressure().filter(|_| engine.is_current(self.number))
    }

    /// Ready when the backpressure has ended.
    pub(crate) fn poll_uncongested(&self, context: &Context<'_>) -> Poll<()> {
        let waiter = || context.waker().clone();
        let mut engine = self.connection.lock();
        if engine.is_current(self.number) && engine.reader_should_wait(waiter) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// Stops the backpressure after its time limit.
    pub(crate) fn stop_waiting(&self) {
        let mut engine = self.connection.lock();
        if engine.is_current(self.number) {
            engine.stop_backpressure();
        }
    }

    /// Ready when the server reads the responses again.
    pub(crate) fn poll_replies_read(&self, context: &Context<'_>) -> Poll<()> {
        let mut engine = self.connection.lock();
        if engine.is_current(self.number) && engine.replies_wait(|| context.waker().clone()) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    // Operations of the writer.

    /// Moves all frames to send into `frames` if they have at most this size with their separators,
    /// otherwise none. The waker is kept if there are none.
    pub(crate) fn take_outgoing(
        &self,
        most: usize,
        waker: &Waker,
        frames: &mut Vec<Frame>,
    ) -> Outgoing {
        let (number, waiter) = (self.number, || waker.clone());
        self.connection
            .step(|engine, effects| engine.take_outgoing(number, most, frames, waiter, effects))
    }

    /// Lets a thread that waits for the connection do this work meanwhile.
    pub(crate) fn offer(&self, work: Weak<dyn Work>) {
        *self.connection.work() = Some(work);
    }

    /// Drops all queued frames, because the writer has ended.
    pub(crate) fn writer_ended(&self) {
        self.connection.lock().writer_ended(self.number);
    }

    // The end.

    /// Records the end of the link. Closes the connection, unless lost links are restored. The
    /// first reason is kept.
    pub(crate) fn lose(&self, reason: Closed) {
        let reason = Arc::new(reason);
        self.connection
            .step(|engine, effects| engine.lose(self.number, reason, effects));
    }

    /// Waits until the link has ended: it was lost, or the connection is closed.
    pub(crate) fn until_ended(&self) -> UntilClosed {
        UntilClosed {
            connection: Arc::clone(&self.connection),
            link: Some(self.number),
            place: Place::default(),
        }
    }
}

impl Connection {
    /// Waits until the connection is closed.
    pub(crate) fn until_closed(self: &Arc<Self>) -> UntilClosed {
        UntilClosed {
            connection: Arc::clone(self),
            link: None,
            place: Place::default(),
        }
    }
}

/// A future that waits until the connection is closed, or its link has ended; dropping it frees its
/// entry.
#[derive(Debug)]
pub(crate) struct UntilClosed {
    connection: Arc<Connection>,
    link: Option<LinkNumber>,
    place: Place,
}

impl UntilClosed {
    /// Ready with the reason when the connection is closed, or the link has ended.
    pub(crate) fn poll(&mut self, context: &Context<'_>) -> Poll<Arc<Closed>> {
        let waiter = || context.waker().clone();
        let mut engine = self.connection.lock();
        let reason = match self.link {
            Some(link) => engine.poll_link_ended(link, &mut self.place, waiter),
            None => engine.poll_closed(&mut self.place, waiter),
        };
        match reason {
            Some(closed) => Poll::Ready(Arc::clone(closed)),
            None => Poll::Pending,
        }
    }
}

impl Drop for UntilClosed {
    fn drop(&mut self) {
        self.connection.lock().leave(&mut self.place);
    }
}

/// Ends the link when the task or thread that serves it ends without doing so: it panicked, or the
/// async runtime has ended.
#[derive(Debug)]
pub(crate) struct LinkGuard {
    link: Link,
    what: &'static str,
}

impl LinkGuard {
    /// Creates the guard of a task or thread with this description.
    pub(crate) fn new(link: &Link, what: &'static str) -> Self {
        let link = link.clone();
        Self { link, what }
    }
}

impl Drop for LinkGuard {
    fn drop(&mut self) {
        // No effect if it has ended already.
        self.link.lose(abandoned(self.what));
    }
}

/// The reason of the end of a task or thread of this client that did not end by itself.
pub(super) fn abandoned(what: &str) -> Closed {
    let problem = if std::thread::panicking() {
        format!("the part of the client that {what} has panicked")
    } else {
        "the async runtime that drove the connection has ended".to_owned()
    };
    Closed::new(CloseReason::Transport(problem))
}
