//! The input of a process, for writes that do not wait.
//!
//! Knows nothing of the writer of the same pipe: whoever uses both keeps their order.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;

use tokio::process::ChildStdin;

use crate::transport::{ATOMIC, Frame};

/// A second handle of a pipe, which does not block. The pipe stays open until both are closed.
#[derive(Debug)]
pub(crate) struct DirectPipe(File);

impl DirectPipe {
    /// The size of the lines that are written completely or not at all.
    pub(crate) const ROOM: usize = ATOMIC;

    /// Creates a handle of the pipe of a process.
    ///
    /// # Errors
    ///
    /// Returns an error if there are too many open files.
    pub(crate) fn of(stdin: &ChildStdin) -> io::Result<Self> {
        Ok(Self(File::from(stdin.as_fd().try_clone_to_owned()?)))
    }

    /// Writes frames as lines that have at most this size; returns `false` if nothing was written: the
    /// pipe is full, or was closed.
    pub(crate) fn write(&self, frames: &[Frame]) -> bool {
        let mut lines = Vec::with_capacity(Self::ROOM);
        for part in frames.iter().flat_map(|it| it.parts().chain(["\n"])) {
            lines.extend_from_slice(part.as_bytes());
        }
        (&self.0).write(&lines).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use tokio::io::{AsyncBufReadExt as _, BufReader};
    use tokio::process::Command;

    use super::{DirectPipe, Frame};

    #[tokio::test]
    async fn lines_are_written_until_the_pipe_is_full() {
        let mut child = Command::new("sleep")
            .arg("1000")
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let pipe = DirectPipe::of(&child.stdin.take().unwrap()).unwrap();
        let frame = Frame::from("x".repeat(DirectPipe::ROOM - 1));
        let written = (0..1000).take_while(|_| pipe.write(std::slice::from_ref(&frame)));
        assert!((1..1000).contains(&written.count()));
        assert!(!pipe.write(&[frame]));
    }

    #[tokio::test]
    async fn frames_are_lines() {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pipe = DirectPipe::of(child.stdin.as_ref().unwrap()).unwrap();
        assert!(pipe.write(&["a", "b"].map(Frame::from)));
        drop((pipe, child.stdin.take()));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for expected in [Some("a"), Some("b"), None] {
            assert_eq!(lines.next_line().await.unwrap().as_deref(), expected);
        }
        child.wait().await.unwrap();
    }
}
