//! The pipes of a process on threads: writes with a deadline, reads that can be interrupted.
//!
//! A pipe supports neither. So each read and write waits for the pipe to be ready first, or for an
//! interrupt. A write of at most [`ATOMIC`] bytes does not block then.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use codex_runtime::child::ChildPipes;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{FrameReader, FrameWriter, Interrupter, LineReader, LineWriter};

/// Lines over the pipes of a process, which can be interrupted; a write fails after the limit.
pub(crate) fn over_pipes(
    pipes: ChildPipes,
    limit: Option<Duration>,
) -> io::Result<(impl FrameReader, impl FrameWriter)> {
    let (stdout, mut stdin) = (Pipe::new(pipes.stdout)?, Pipe::new(pipes.stdin)?);
    stdin.set_limit(limit);
    let (reads, writes) = (stdout.interrupter(), stdin.interrupter());
    Ok((
        LineReader::new(stdout).with_interrupter(reads),
        LineWriter::new(stdin).with_interrupter(writes),
    ))
}

/// Number of bytes that a ready pipe accepts without blocking (`PIPE_BUF` is 4096 on Linux and 512
/// elsewhere).
const ATOMIC: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// One end of a pipe.
#[derive(Debug)]
struct Pipe<T> {
    end: T,
    limit: Option<Duration>,
    /// Readable once the pipe is interrupted.
    interrupted: UnixStream,
    interrupts: Arc<UnixStream>,
}

impl<T: AsFd> Pipe<T> {
    fn new(end: T) -> io::Result<Self> {
        let (interrupted, interrupts) = UnixStream::pair()?;
        Ok(Self {
            end,
            limit: None,
            interrupted,
            interrupts: Arc::new(interrupts),
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

    /// Waits until the pipe is ready for these events.
    fn wait(&self, ready: PollFlags) -> io::Result<()> {
        let limit = self.limit.and_then(|limit| Timespec::try_from(limit).ok());
        let signal: BorrowedFd<'_> = self.interrupted.as_fd();
        let mut both = [
            PollFd::new(&self.end, ready),
            PollFd::from_borrowed_fd(signal, PollFlags::IN),
        ];
        loop {
            match poll(&mut both, limit.as_ref()) {
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
                Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
                Ok(_) if !both[1].revents().is_empty() => {
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
                Ok(_) => return Ok(()),
            }
        }
    }
}

impl<T: AsFd + Read> Read for Pipe<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.wait(PollFlags::IN)?;
        self.end.read(buffer)
    }
}

impl<T: AsFd + Write> Write for Pipe<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wait(PollFlags::OUT)?;
        self.end.write(&bytes[..bytes.len().min(ATOMIC)])
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

    use super::Pipe;

    #[test]
    fn writes_have_a_limit_and_reads_can_be_interrupted() {
        let mut child = Command::new("sleep")
            .arg("1000")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = Pipe::new(child.stdin.take().unwrap()).unwrap();
        stdin.set_limit(Some(Duration::from_millis(20)));
        let error = stdin.write_all(&vec![0; 1 << 20]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let mut stdout = Pipe::new(child.stdout.take().unwrap()).unwrap();
        let interrupter = stdout.interrupter();
        let reading = std::thread::spawn(move || stdout.read(&mut [0; 16]).unwrap_err().kind());
        interrupter.interrupt();
        assert_eq!(reading.join().unwrap(), io::ErrorKind::ConnectionAborted);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
