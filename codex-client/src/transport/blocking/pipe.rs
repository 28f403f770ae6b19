//! The pipes of a process on threads: writes with a deadline, reads that can be interrupted.
//!
//! A pipe supports neither. So each read and write waits for the pipe to be ready first, or for an
//! interrupt. A write of at most [`ATOMIC`] bytes does not block then.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use codex_runtime::child::ChildPipes;
use rustix::event::PollFlags;

use super::readiness::{Readiness, Ready, poll_all};
use super::{FrameReader, FrameWriter, Interrupter, LineReader, LineWriter};
use crate::transport::ATOMIC;

/// Lines over the pipes of a process, which can be interrupted; a write fails after the limit. Other
/// threads can wait for them.
pub(crate) fn over_pipes(
    pipes: ChildPipes,
    limit: Option<Duration>,
) -> io::Result<(impl FrameReader, impl FrameWriter, Option<Ready>)> {
    let stdout = Pipe::new(pipes.stdout, PollFlags::IN)?;
    let mut stdin = Pipe::new(pipes.stdin, PollFlags::OUT)?;
    stdin.set_limit(limit);
    let (reads, writes) = (stdout.interrupter(), stdin.interrupter());
    let ready = Ready {
        input: stdout.readiness(),
        output: stdin.readiness(),
    };
    Ok((
        LineReader::new(stdout).with_interrupter(reads),
        LineWriter::new(stdin).with_interrupter(writes),
        Some(ready),
    ))
}

/// One end of a pipe.
#[derive(Debug)]
struct Pipe {
    end: Arc<OwnedFd>,
    /// What it is used for: reads or writes.
    direction: PollFlags,
    limit: Option<Duration>,
    /// Readable once the pipe is interrupted.
    interrupted: Arc<UnixStream>,
    interrupts: Arc<UnixStream>,
    /// True if it was found to be ready, and was not used since then.
    is_ready: Arc<AtomicBool>,
}

impl Pipe {
    fn new(end: impl Into<OwnedFd>, direction: PollFlags) -> io::Result<Self> {
        let (interrupted, interrupts) = UnixStream::pair()?;
        Ok(Self {
            end: Arc::new(end.into()),
            direction,
            limit: None,
            interrupted: Arc::new(interrupted),
            interrupts: Arc::new(interrupts),
            is_ready: Arc::default(),
        })
    }

    /// Sets the time limit of a wait.
    fn set_limit(&mut self, limit: Option<Duration>) {
        self.limit = limit;
    }

    fn interrupter(&self) -> Interrupter {
        let interrupts = Arc::clone(&self.interrupts);
        Interrupter::new(move || drop(interrupts.shutdown(std::net::Shutdown::Both)))
    }

    /// Waits for the pipe on other threads. Does not keep it open.
    fn readiness(&self) -> Readiness {
        Readiness {
            end: Arc::downgrade(&self.end),
            direction: self.direction,
            interrupted: Arc::clone(&self.interrupted),
            is_ready: Arc::clone(&self.is_ready),
        }
    }

    /// Waits until the pipe is ready.
    fn wait(&self) -> io::Result<()> {
        if self.is_ready.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let ends = [
            (self.end.as_fd(), self.direction),
            (self.interrupted.as_fd(), PollFlags::IN),
        ];
        match poll_all(ends, self.limit)? {
            [_, true] => Err(io::ErrorKind::ConnectionAborted.into()),
            [true, _] => Ok(()),
            [false, false] => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.wait()?;
        Ok(rustix::io::read(&*self.end, buffer)?)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wait()?;
        let written = rustix::io::write(&*self.end, &bytes[..bytes.len().min(ATOMIC)])?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _, Write as _};
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::{Pipe, PollFlags};

    #[test]
    fn writes_have_a_limit_and_reads_can_be_interrupted() {
        let mut child = Command::new("sleep")
            .arg("1000")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = Pipe::new(child.stdin.take().unwrap(), PollFlags::OUT).unwrap();
        stdin.set_limit(Some(Duration::from_millis(20)));
        let error = stdin.write_all(&vec![0; 1 << 20]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let mut stdout = Pipe::new(child.stdout.take().unwrap(), PollFlags::IN).unwrap();
        let interrupter = stdout.interrupter();
        let reading = std::thread::spawn(move || stdout.read(&mut [0; 16]).unwrap_err().kind());
        interrupter.interrupt();
        assert_eq!(reading.join().unwrap(), io::ErrorKind::ConnectionAborted);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
