//! The async API of a run.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::RunError;
use super::action::{Completed, ExecEvent};
use super::run::Run;

/// The events of one run, as a stream. Lazy: the run starts when the stream is first polled.
///
/// It needs no particular async runtime. Dropping it ends the process and everything the process
/// started, in the background: with `SIGINT`, then `SIGTERM`, and after the grace period with
/// `SIGKILL`. The session is released when the process has exited.
#[derive(Debug)]
#[must_use = "a run begins when its first event is asked for"]
pub struct ExecStream {
    run: Run,
}

impl ExecStream {
    pub(super) fn new(run: Run) -> Self {
        Self { run }
    }

    /// Returns the next event; `None` after [`ExecEvent::Completed`], which always comes.
    ///
    /// Cancel safe: no event is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<ExecEvent> {
        poll_fn(|context| self.run.poll_next(context)).await
    }

    /// Runs to the end and returns the last event; `None` if it was already returned.
    ///
    /// Dropping the future drops the stream.
    pub async fn completed(mut self) -> Option<Completed> {
        while let Some(event) = self.next().await {
            if let ExecEvent::Completed(completed) = event {
                return Some(completed);
            }
        }
        None
    }

    /// Runs to the end and returns the result, even if the last event was already returned.
    ///
    /// # Errors
    ///
    /// Returns [`RunError`] if the run did not succeed: its `kind` shows the possible remedies.
    pub async fn finish(mut self) -> Result<Completed, RunError> {
        while self.next().await.is_some() {}
        self.run.result()
    }

    /// Ends the process, as dropping does, and waits until it has exited.
    ///
    /// Dropping the future drops the stream: the process ends nevertheless.
    #[doc(alias("abort", "stop"))]
    pub async fn cancel(mut self) {
        poll_fn(|context| self.run.poll_cancel(context)).await;
    }

    /// The tail of the process's stderr, at most 16 KiB. It may contain secrets; no error contains
    /// it.
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
