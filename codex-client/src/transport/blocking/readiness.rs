//! Waits for a pipe on a thread that does not own it, until another thread rings a bell.
//!
//! Does not know what is read or written then.

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The readiness of both pipes of a process.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) input: Readiness,
    pub(crate) output: Readiness,
}

/// Waits for one end of a pipe.
#[derive(Debug)]
pub(crate) struct Readiness {
    /// Closed by the owner of the pipe.
    pub(super) end: Weak<OwnedFd>,
    pub(super) direction: PollFlags,
    /// Readable once the pipe is interrupted.
    pub(super) interrupted: Arc<UnixStream>,
    /// Set for the next read or write, which does not wait then.
    pub(super) is_ready: Arc<AtomicBool>,
}

impl Readiness {
    /// Waits until the pipe is ready; returns `false` if the bell has rung or the time is over first.
    ///
    /// # Errors
    ///
    /// Returns an error if the pipe is interrupted or closed.
    pub(crate) fn wait(&self, bell: &Bell, limit: Option<Duration>) -> io::Result<bool> {
        let end = self.end()?;
        let ends = [
            (end.as_fd(), self.direction),
            (self.interrupted.as_fd(), PollFlags::IN),
            (bell.rung.as_fd(), PollFlags::IN),
        ];
        let [is_ready, is_interrupted, has_rung] = poll_all(ends, limit)?;
        if has_rung {
            bell.silence();
        }
        if is_interrupted {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        self.is_ready.store(is_ready, Ordering::Relaxed);
        Ok(is_ready)
    }

    /// Returns whether the pipe is ready.
    ///
    /// # Errors
    ///
    /// Returns an error if the pipe is closed.
    pub(crate) fn is_ready(&self) -> io::Result<bool> {
        let end = self.end()?;
        let [is_ready] = poll_all([(end.as_fd(), self.direction)], Some(Duration::ZERO))?;
        self.is_ready.store(is_ready, Ordering::Relaxed);
        Ok(is_ready)
    }

    fn end(&self) -> io::Result<Arc<OwnedFd>> {
        let closed = io::ErrorKind::NotConnected;
        self.end.upgrade().ok_or_else(|| closed.into())
    }
}

/// Ends a wait of another thread.
#[derive(Debug)]
pub(crate) struct Bell {
    rung: UnixStream,
    rings: UnixStream,
}

impl Bell {
    pub(crate) fn new() -> io::Result<Self> {
        let (rung, rings) = UnixStream::pair()?;
        rung.set_nonblocking(true)?;
        rings.set_nonblocking(true)?;
        Ok(Self { rung, rings })
    }

    /// Ends the present wait, or the next one.
    pub(crate) fn ring(&self) {
        // It fails if it has rung often, without a wait.
        let _ = (&self.rings).write(&[0]);
    }

    fn silence(&self) {
        while let Ok(1..) = (&self.rung).read(&mut [0; 64]) {}
    }
}

/// Waits until one of the ends is ready, and returns which are: none if the time is over.
pub(super) fn poll_all<const N: usize>(
    ends: [(BorrowedFd<'_>, PollFlags); N],
    limit: Option<Duration>,
) -> io::Result<[bool; N]> {
    let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
    let mut polled = ends.map(|(end, flags)| PollFd::from_borrowed_fd(end, flags));
    loop {
        match poll(&mut polled, limit.as_ref()) {
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(polled.map(|end| !end.revents().is_empty())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bell, poll_all};
    use rustix::event::PollFlags;
    use std::os::fd::AsFd as _;
    use std::time::Duration;

    #[test]
    fn bell_rings_for_present_or_next_wait() {
        let bell = Bell::new().unwrap();
        let has_rung = |limit| {
            let rung = poll_all([(bell.rung.as_fd(), PollFlags::IN)], limit).unwrap();
            bell.silence();
            rung == [true]
        };
        assert!(!has_rung(Some(Duration::ZERO)));
        for _ in 0..10_000 {
            bell.ring();
        }
        assert!(has_rung(None));
        assert!(!has_rung(Some(Duration::ZERO)));
        std::thread::scope(|scope| {
            scope.spawn(|| bell.ring());
            assert!(has_rung(None));
        });
    }
}
