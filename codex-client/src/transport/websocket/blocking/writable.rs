//! The room in the buffer of a socket.

#[cfg(unix)]
pub(super) use unix::is_writable;

#[cfg(unix)]
mod unix {
    use std::os::fd::AsFd;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    /// Returns whether a write of a few kilobytes does not wait: systems report a socket as writable
    /// only if a good part of its buffer is free.
    pub(in super::super) fn is_writable(socket: &impl AsFd) -> bool {
        let mut ends = [PollFd::new(socket, PollFlags::OUT)];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut ends, Some(&now)).is_ok_and(|ready| ready > 0)
    }
}

/// Unknown here: the write limit of the connection ends a write that waits.
#[cfg(not(unix))]
pub(super) fn is_writable<T>(_socket: &T) -> bool {
    true
}
