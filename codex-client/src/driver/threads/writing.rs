//! The writes of a link: by the thread that sends a frame, if the output takes it at once, otherwise
//! by the writer thread, which can wait.
//!
//! Frames are taken from the outbox under the lock of the output, so that their order is kept.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::task::{Wake, Waker};
use std::thread::{self, Thread};

use super::ending::{Ending, Half};
use super::reader::is_closed_within;
use crate::connection::session::{DRAIN_LIMIT, TransportLimits, closed_by_server};
use crate::connection::{Link, LinkGuard};
use crate::engine::Outgoing;
use crate::transport::blocking::{FrameWriter, Readiness};
use crate::transport::{ATOMIC, Frame};

/// The writes of one link. It is the waker of the outbox.
pub(super) struct Writing {
    link: Link,
    output: Mutex<Output>,
    writer_thread: OnceLock<Thread>,
}

struct Output {
    writer: Box<dyn FrameWriter>,
    /// Whether the writer would wait, where that can be known.
    readiness: Option<Readiness>,
    /// The frames of one write.
    frames: Vec<Frame>,
    /// The error of the last write.
    failed: Option<io::Error>,
}

impl Writing {
    pub(super) fn new(
        link: Link,
        writer: impl FrameWriter,
        readiness: Option<Readiness>,
    ) -> Arc<Self> {
        Arc::new(Self {
            link,
            output: Mutex::new(Output {
                writer: Box::new(writer),
                readiness,
                frames: Vec::new(),
                failed: None,
            }),
            writer_thread: OnceLock::new(),
        })
    }

    /// Writes until the link has ended and everything sent before is out.
    pub(super) fn run(self: &Arc<Self>, limits: TransportLimits, ending: &Arc<Ending>) {
        let _ended = ending.at_work(Half::Writer);
        let _guard = LinkGuard::new(&self.link, "writes");
        let _ = self.writer_thread.set(thread::current());
        self.lock().writer.set_write_timeout(limits.write);
        let written = self.write_all(limits);
        self.link.writer_ended();
        match written {
            Ok(()) => {
                if let Err(error) = self.lock().writer.close() {
                    tracing::debug!(%error, "closing failed");
                }
            }
            // No frame can follow an incomplete one.
            Err(error) => {
                tracing::debug!(%error, "writing failed");
                ending.interrupt(Half::Writer);
            }
        }
    }

    fn write_all(self: &Arc<Self>, limits: TransportLimits) -> io::Result<()> {
        let waker = Waker::from(Arc::clone(self));
        loop {
            let mut output = self.lock();
            if output.failed.is_none() {
                let frames = &mut output.frames;
                match self.link.take_outgoing(usize::MAX, &waker, frames) {
                    Outgoing::Frames => output.write(),
                    Outgoing::Finished => return Ok(()),
                    Outgoing::Waiting | Outgoing::Many => {
                        drop(output);
                        thread::park();
                        continue;
                    }
                }
            }
            if let Some(error) = output.failed.take() {
                let bytes = output.frames.iter().map(Frame::len).sum();
                drop(output);
                return Err(self.end(error, bytes, limits));
            }
        }
    }

    /// Ends the link after a failed write of this number of bytes.
    fn end(&self, error: io::Error, bytes: usize, limits: TransportLimits) -> io::Error {
        if is_timeout(&error) {
            let error = limits.not_read(bytes);
            self.link.lose(closed_by_server(Some(&error)));
            return error;
        }
        // The reader detects the end of the link as well, with more information, unless the other
        // side has only stopped reading.
        if !is_closed_within(&self.link, 2 * DRAIN_LIMIT) {
            self.link.lose(closed_by_server(Some(&error)));
        }
        error
    }

    /// Writes what is queued, if that does not wait; returns `false` if the writer thread has to do
    /// something.
    fn write_now(self: &Arc<Self>) -> bool {
        let Ok(mut output) = self.output.try_lock() else {
            return false;
        };
        let waker = Waker::from(Arc::clone(self));
        let mut most = output.room();
        if most == 0 {
            return false;
        }
        loop {
            match self.link.take_outgoing(most, &waker, &mut output.frames) {
                Outgoing::Frames => output.write(),
                Outgoing::Waiting => return true,
                Outgoing::Many | Outgoing::Finished => return false,
            }
            if output.failed.is_some() {
                return false;
            }
            // How much fits now is not known.
            most = 0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(|poisoned| {
            let mut output = poisoned.into_inner();
            let panicked = || io::Error::other("the thread that has written panicked");
            output.failed.get_or_insert_with(panicked);
            output
        })
    }
}

impl Output {
    /// Number of bytes that can be written without waiting, as far as known.
    fn room(&self) -> usize {
        let is_ready = |readiness: &Readiness| readiness.is_ready().unwrap_or(false);
        if self.failed.is_none() && self.readiness.as_ref().is_some_and(is_ready) {
            ATOMIC
        } else {
            0
        }
    }

    /// Writes the frames; those of a failed write stay.
    fn write(&mut self) {
        match self.writer.write(&self.frames) {
            Ok(()) => self.frames.clear(),
            Err(error) => self.failed = Some(error),
        }
    }
}

impl Wake for Writing {
    fn wake(self: Arc<Self>) {
        if self.write_now() {
            return;
        }
        if let Some(thread) = self.writer_thread.get() {
            thread.unpark();
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
