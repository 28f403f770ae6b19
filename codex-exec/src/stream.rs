//! The async face of a run.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::RunError;
use super::action::{Completed, ExecEvent};
use super::run::Run;

/// The events of one run, as a stream. Lazy: the run begins when the first event is asked for.
///
/// It needs no particular async runtime. Dropping it ends the process and everything the
/// process started, in the background: first with `SIGINT`, then with `SIGTERM`, and after the
/// grace period with `SIGKILL`. The session is free again when the process is gone.
#[derive(Debug)]
#[must_use = "a run begins when its first event is asked for"]
pub struct ExecStream {
    run: Run,
}

impl ExecStream {
    pub(super) fn new(run: Run) -> Self {
        Self { run }
    }

    /// The next event; `None` after [`ExecEvent::Completed`], which always comes.
    ///
    /// Cancel safe: no event is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<ExecEvent> {
        poll_fn(|context| self.run.poll_next(context)).await
    }

    /// Runs to the end and gives the last event; `None` if that was given out before.
    ///
    /// Dropping the future is dropping the stream.
    pub async fn completed(mut self) -> Option<Completed> {
        while let Some(event) = self.next().await {
            if let ExecEvent::Completed(completed) = event {
                return Some(completed);
            }
        }
        None
    }

    /// Runs to the end and gives it as a result, also when the last event was given out before.
    ///
    /// # Errors
    ///
    /// [`RunError`] if the run did not end well: its `kind` tells what can be done about it.
    pub async fn finish(mut self) -> Result<Completed, RunError> {
        while self.next().await.is_some() {}
        self.run.result()
    }

    /// Ends the process, as dropping does, and waits until it is gone.
    ///
    /// Dropping the future is dropping the stream: the process ends nevertheless.
    pub async fn cancel(mut self) {
        poll_fn(|context| self.run.poll_cancel(context)).await;
    }

    /// The end of what the process has printed to standard error, 16 KiB at most. It may hold
    /// secrets; no error contains it.
    pub fn stderr_tail(&self) -> String {
        self.run.stderr_tail()
    }
}

impl Stream for ExecStream {
    type Item = ExecEvent;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().run.poll_next(context)
    }
}
