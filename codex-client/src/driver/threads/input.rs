//! The input of a link: reads, and delivers the frames of each read.
//!
//! Does not know which thread does it.

use std::io;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Instant;

use super::dispatcher::RequestDispatcher;
use crate::connection::park::{self, Interrupt, Waiting};
use crate::connection::session::TransportLimits;
use crate::connection::{Backpressure, Link, ReaderMemory};
use crate::transport::FrameBatch;
use crate::transport::blocking::{Bell, FrameReader, Readiness};

/// The input, with what is kept between two reads.
pub(super) struct Input {
    reader: Box<dyn FrameReader>,
    /// Waits for the reader on other threads, where that is possible.
    readiness: Option<Readiness>,
    batch: FrameBatch,
    memory: ReaderMemory,
    backpressure: Backpressure,
    has_ended: bool,
    /// The error of the last read.
    failed: Option<io::Error>,
}

impl Interrupt for Bell {
    fn interrupt(&self) {
        self.ring();
    }
}

impl Input {
    pub(super) fn new(
        reader: impl FrameReader,
        readiness: Option<Readiness>,
        limits: TransportLimits,
    ) -> Self {
        Self {
            reader: Box::new(reader),
            readiness,
            batch: FrameBatch::with_limit(limits.message),
            memory: ReaderMemory::default(),
            backpressure: Backpressure::new(limits.backpressure),
            has_ended: false,
            failed: None,
        }
    }

    /// Returns whether [`Input::serve`] is possible.
    pub(super) fn can_serve(&self) -> bool {
        self.readiness.is_some()
    }

    /// Delivers the frames of the last read and reads again, on the thread that waits for subscribers
    /// and for the server as well. Returns `false` at the end of the input.
    pub(super) fn advance(
        &mut self,
        link: &Link,
        dispatcher: &RequestDispatcher,
    ) -> io::Result<bool> {
        loop {
            // Also for what another thread has delivered.
            self.wait_for_subscribers(link);
            if !self.deliver(link, dispatcher) {
                break;
            }
        }
        self.batch.check()?;
        if self.has_ended {
            return Ok(false);
        }
        // The read of another thread may have failed.
        if self.failed.is_none() {
            park::forever(|context| link.poll_replies_read(context));
            self.read();
        }
        match self.failed.take() {
            Some(error) => Err(error),
            None => Ok(true),
        }
    }

    /// Reads and delivers until the waiting thread is woken. Waits for nothing but the input: returns
    /// `true` if something else has to be done, by the reader thread.
    pub(super) fn serve(
        &mut self,
        link: &Link,
        dispatcher: &RequestDispatcher,
        waiting: &Waiting<'_>,
        bell: &Arc<Bell>,
    ) -> bool {
        loop {
            while self.deliver(link, dispatcher) {
                if link.pressure().is_some() {
                    return true;
                }
            }
            let at_once = Context::from_waker(Waker::noop());
            if self.is_over() || link.poll_replies_read(&at_once).is_pending() {
                return true;
            }
            if waiting.is_over() {
                return false;
            }
            match self.wait(waiting, bell) {
                Ok(true) => self.read(),
                Ok(false) => {}
                // The next read fails likewise.
                Err(_) => return true,
            }
        }
    }

    /// Waits until there is input, the thread is woken or its deadline has come; returns whether there
    /// is input.
    fn wait(&self, waiting: &Waiting<'_>, bell: &Arc<Bell>) -> io::Result<bool> {
        let Some(readiness) = &self.readiness else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let wait = || readiness.wait(bell, waiting.time_left());
        let interrupt: Arc<Bell> = Arc::clone(bell);
        waiting.listen(interrupt, wait).unwrap_or(Ok(false))
    }

    /// Returns whether there is nothing more to read.
    fn is_over(&self) -> bool {
        self.has_ended || self.failed.is_some() || self.batch.check().is_err()
    }

    fn read(&mut self) {
        self.batch.clear();
        match self.reader.read(&mut self.batch) {
            Ok(more) => self.has_ended = !more,
            Err(error) => self.failed = Some(error),
        }
    }

    /// Delivers the next frames; returns `false` if there are none.
    fn deliver(&mut self, link: &Link, dispatcher: &RequestDispatcher) -> bool {
        let Some(frames) = self.batch.next_chunk() else {
            return false;
        };
        if link.deliver(frames, &mut self.memory) {
            dispatcher.start();
        }
        true
    }

    /// Waits for reading subscribers to drain their queues.
    fn wait_for_subscribers(&mut self, link: &Link) {
        let Some(pressure) = link.pressure() else {
            return;
        };
        let begin = Instant::now();
        let end = begin.checked_add(self.backpressure.allows(pressure));
        let uncongested = park::until(end, |context| link.poll_uncongested(context));
        if uncongested.is_none() {
            link.stop_waiting();
        }
        self.backpressure.spend(begin.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Weak};

    use super::{Input, Link, RequestDispatcher};
    use crate::connection::Connection;
    use crate::connection::replies::default_reply;
    use crate::connection::settings::Settings;
    use crate::transport::FrameBatch;
    use crate::transport::blocking::FrameReader;

    /// Is not read.
    struct Unread;

    impl FrameReader for Unread {
        fn read(&mut self, _batch: &mut FrameBatch) -> io::Result<bool> {
            panic!("a read after one that has failed")
        }
    }

    #[test]
    fn failed_read_of_another_thread_ends_the_input() {
        let settings = Settings::default();
        let connection = Connection::new(settings.limits(), None);
        let link = Link::present(&connection);
        let dispatcher = RequestDispatcher {
            handler: Arc::new(|request, _| default_reply(request.method())),
            connection,
            session: Weak::new(),
            is_timed: Arc::default(),
        };
        let mut input = Input::new(Unread, None, settings.transport_limits());
        input.failed = Some(io::ErrorKind::StorageFull.into());
        let error = input.advance(&link, &dispatcher).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
