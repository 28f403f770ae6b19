//! A connection within one process: a transport, and the peer that acts as the server.
//!
//! Both ends work from async and from blocking code; neither needs a runtime. Frames are neither
//! lost nor reordered, and their number is unlimited.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::{Frame, FrameBatch};
use crate::connection::park;

/// Creates a transport and its peer.
pub fn pair() -> (MemoryTransport, MemoryPeer) {
    let (to_client, to_peer) = (Arc::new(Channel::default()), Arc::new(Channel::default()));
    let transport = MemoryTransport {
        reader: MemoryReader(Arc::clone(&to_client)),
        writer: MemoryWriter(Arc::clone(&to_peer)),
    };
    let peer = MemoryPeer {
        outgoing: to_client,
        incoming: to_peer,
    };
    (transport, peer)
}

/// The client's end.
#[derive(Debug)]
pub struct MemoryTransport {
    reader: MemoryReader,
    writer: MemoryWriter,
}

impl MemoryTransport {
    /// Splits it into its two directions.
    pub fn split(self) -> (MemoryReader, MemoryWriter) {
        (self.reader, self.writer)
    }
}

/// Receives the frames of the peer.
#[derive(Debug)]
pub struct MemoryReader(Arc<Channel>);

/// Sends to the peer.
#[derive(Debug)]
pub struct MemoryWriter(Arc<Channel>);

/// The server's end. Dropping it ends the connection.
#[derive(Debug)]
pub struct MemoryPeer {
    outgoing: Arc<Channel>,
    incoming: Arc<Channel>,
}

#[derive(Debug, Default)]
struct Channel(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Vec<u8>>,
    closed: bool,
    waiter: Option<Waker>,
}

impl Channel {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns `false` if the channel is closed.
    fn send(&self, frames: impl IntoIterator<Item = Vec<u8>>) -> bool {
        let mut queue = self.lock();
        if queue.closed {
            return false;
        }
        queue.frames.extend(frames);
        let waiter = queue.waiter.take();
        drop(queue);
        waiter.into_iter().for_each(Waker::wake);
        true
    }

    fn close(&self) {
        let mut queue = self.lock();
        queue.closed = true;
        let waiter = queue.waiter.take();
        drop(queue);
        waiter.into_iter().for_each(Waker::wake);
    }

    /// Ready when there is a frame, or the channel is closed.
    fn poll(&self, context: &Context<'_>) -> Poll<MutexGuard<'_, Queue>> {
        let mut queue = self.lock();
        if queue.frames.is_empty() && !queue.closed {
            queue.waiter = Some(context.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(queue)
    }
}

impl MemoryPeer {
    /// Sends a frame with any contents. Returns `false` if the client has ended the connection.
    pub fn send(&self, frame: impl Into<Vec<u8>>) -> bool {
        self.outgoing.send([frame.into()])
    }

    /// Sends frames so that the client reads all of them at once.
    pub fn send_all<I>(&self, frames: I) -> bool
    where
        I: IntoIterator,
        I::Item: Into<Vec<u8>>,
    {
        self.outgoing.send(frames.into_iter().map(Into::into))
    }

    /// Returns the next frame of the client; `None` after the last one. Cancel safe.
    pub async fn receive(&self) -> Option<Vec<u8>> {
        poll_fn(|context| self.poll_receive(context)).await
    }

    /// Returns the next frame of the client, waiting on this thread; `None` after the last one, or
    /// if none came in time.
    pub fn receive_timeout(&self, limit: Duration) -> Option<Vec<u8>> {
        let deadline = Instant::now().checked_add(limit);
        park::until(deadline, |context| self.poll_receive(context)).flatten()
    }

    /// Returns whether the client has ended its output and every frame of it was received.
    pub fn is_finished(&self) -> bool {
        let queue = self.incoming.lock();
        queue.closed && queue.frames.is_empty()
    }

    fn poll_receive(&self, context: &Context<'_>) -> Poll<Option<Vec<u8>>> {
        self.incoming
            .poll(context)
            .map(|mut queue| queue.frames.pop_front())
    }

    /// Ends the peer's output; sent frames still arrive.
    pub fn close(&self) {
        self.outgoing.close();
    }
}

impl Drop for MemoryPeer {
    fn drop(&mut self) {
        self.outgoing.close();
        self.incoming.close();
    }
}

impl Drop for MemoryReader {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Drop for MemoryWriter {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl MemoryReader {
    /// Returns a function that ends the input.
    pub(super) fn ending(&self) -> impl Fn() + Send + Sync + use<> {
        let channel = Arc::clone(&self.0);
        move || channel.close()
    }

    pub(super) fn poll_read(&self, context: &Context<'_>, batch: &mut FrameBatch) -> Poll<bool> {
        self.0.poll(context).map(|mut queue| {
            for frame in queue.frames.drain(..) {
                batch.push(&frame);
            }
            !queue.closed
        })
    }
}

impl MemoryWriter {
    pub(super) fn end(&self) {
        self.0.close();
    }

    pub(super) fn write_all(&self, frames: &[Frame]) -> io::Result<()> {
        let bytes = frames.iter().map(|frame| frame.text().into_owned().into());
        if self.0.send(bytes) {
            Ok(())
        } else {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
}
