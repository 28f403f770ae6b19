//! The writes of a link: by whoever sends a frame, if the pipe takes it at once, otherwise by the writer
//! task, which can wait. The main future of a runtime with several threads would wait for another
//! thread otherwise.
//!
//! Frames are taken from the outbox under the lock of the output, so that their order is kept.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::task_waker::TaskWaker;
use crate::connection::Link;
use crate::engine::Outgoing;
use crate::transport::{DirectPipe, Frame};

/// The writes of one link. It is the waker of the outbox.
pub(super) struct Writing {
    link: Link,
    output: Mutex<Output>,
    /// The writer task, once it waits.
    task: TaskWaker,
}

struct Output {
    /// Closed at the end of the link, because the server waits for that.
    pipe: Option<DirectPipe>,
    /// The frames that the task has to write first: the pipe did not take them.
    frames: Vec<Frame>,
    /// True while the task writes.
    is_in_use: bool,
}

impl Writing {
    pub(super) fn new(link: Link, pipe: Option<DirectPipe>) -> Arc<Self> {
        Arc::new(Self {
            link,
            output: Mutex::new(Output {
                pipe,
                frames: Vec::new(),
                is_in_use: false,
            }),
            task: TaskWaker::default(),
        })
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// Moves the frames that the task writes next into `frames`; ready with `false` when no more frames
    /// follow. The frames before have been written.
    pub(super) fn poll_next(
        self: &Arc<Self>,
        context: &Context<'_>,
        frames: &mut Vec<Frame>,
    ) -> Poll<bool> {
        // Not later: a frame that is sent from here on wakes the task, if need be.
        self.task.register(context.waker());
        let mut output = self.output();
        mem::swap(frames, &mut output.frames);
        output.is_in_use = !frames.is_empty();
        if output.is_in_use {
            return Poll::Ready(true);
        }
        let waker = Waker::from(Arc::clone(self));
        match self.link.take_outgoing(usize::MAX, &waker, frames) {
            Outgoing::Frames => {
                output.is_in_use = true;
                Poll::Ready(true)
            }
            Outgoing::Waiting | Outgoing::Many => Poll::Pending,
            Outgoing::Finished => Poll::Ready(false),
        }
    }

    /// Closes the pipe, as far as it is kept open here, when the returned value is dropped.
    pub(super) fn close_on_drop(self: &Arc<Self>) -> impl Drop + use<> {
        Closing(Arc::clone(self))
    }

    /// Writes what is queued, if that does not wait; returns `false` if the task has to do something.
    fn write_now(self: &Arc<Self>) -> bool {
        let Ok(mut output) = self.output.try_lock() else {
            return false;
        };
        let Output {
            pipe,
            frames,
            is_in_use,
        } = &mut *output;
        let Some(pipe) = pipe.as_ref().filter(|_| frames.is_empty() && !*is_in_use) else {
            return false;
        };
        let waker = Waker::from(Arc::clone(self));
        loop {
            match self.link.take_outgoing(DirectPipe::ROOM, &waker, frames) {
                Outgoing::Frames if pipe.write(frames) => frames.clear(),
                Outgoing::Waiting => return true,
                Outgoing::Frames | Outgoing::Many | Outgoing::Finished => return false,
            }
        }
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Writing {
    fn wake(self: Arc<Self>) {
        if !self.write_now() {
            self.task.wake();
        }
    }
}

/// Closes the pipe when it is dropped.
struct Closing(Arc<Writing>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.output().pipe = None;
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::process::Stdio;
    use std::sync::Arc;
    use std::task::{Context, Poll, Wake as _, Waker};

    use serde_json::json;
    use tokio::io::AsyncReadExt as _;
    use tokio::process::{Child, Command};

    use super::{DirectPipe, Frame, Link, Writing};
    use crate::connection::Connection;
    use crate::connection::settings::Settings;

    /// A process that writes what it reads, or that reads nothing.
    fn writing(program: &[&str]) -> (Arc<Writing>, Child) {
        let mut child = Command::new(program[0])
            .args(&program[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let connection = Connection::new(Settings::default().limits(), None);
        let pipe = DirectPipe::of(&child.stdin.take().unwrap()).unwrap();
        let writing = Writing::new(Link::present(&connection), Some(pipe));
        (writing, child)
    }

    fn send(writing: &Writing, text: &str) {
        let connection = &writing.link().connection;
        connection.notify("note", &json!(text)).unwrap();
    }

    /// The frames that are left to the task; none while it has nothing to write.
    fn left(writing: &Arc<Writing>) -> Vec<Frame> {
        let mut frames = Vec::new();
        let context = Context::from_waker(Waker::noop());
        match writing.poll_next(&context, &mut frames) {
            Poll::Ready(true) => assert!(!frames.is_empty()),
            other => assert!(other.is_pending() && frames.is_empty()),
        }
        frames
    }

    /// What the process has read, after the end of its input.
    async fn read(writing: &Arc<Writing>, child: &mut Child) -> String {
        let mut text = String::new();
        // A waker that is still registered does not keep the pipe open.
        drop(writing.close_on_drop());
        let stdout = child.stdout.as_mut().unwrap();
        stdout.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn sender_writes_while_the_task_waits() {
        let (writing, mut child) = writing(&["cat"]);
        assert!(left(&writing).is_empty());
        send(&writing, "one");
        send(&writing, "two");
        assert!(left(&writing).is_empty());
        let lines = ["one", "two"].map(|it| format!(r#"{{"method":"note","params":"{it}"}}"#));
        assert_eq!(read(&writing, &mut child).await, lines.join("\n") + "\n");
    }

    #[tokio::test]
    async fn nothing_is_written_beside_the_task() {
        let (writing, mut child) = writing(&["cat"]);
        send(&writing, "before the task waits");
        assert_eq!(left(&writing).len(), 1);
        // A wake that comes late registers the outbox again.
        Arc::clone(&writing).wake();
        send(&writing, "while the task writes");
        Arc::clone(&writing).wake();
        assert_eq!(left(&writing).len(), 1);
        assert_eq!(read(&writing, &mut child).await, "");
    }

    #[tokio::test]
    async fn frames_that_do_not_fit_are_left_to_the_task() {
        let (writing, _child) = writing(&["sleep", "1000"]);
        assert!(left(&writing).is_empty());
        let long = "x".repeat(5000);
        send(&writing, &long);
        assert_eq!(left(&writing).len(), 1);
        assert!(left(&writing).is_empty());
        let short = "x".repeat(1500);
        for _ in 0..1000 {
            send(&writing, &short);
            Arc::clone(&writing).wake();
        }
        let frames = left(&writing);
        assert_eq!(frames.len(), 1, "what the pipe did not take");
        let rest = left(&writing);
        assert!(rest.len() > 100 && rest.len() < 999, "{}", rest.len());
    }
}
