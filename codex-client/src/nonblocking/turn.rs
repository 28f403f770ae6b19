//! Turns of the async API: their handles, their streams, and their start.

use std::fmt;
use std::task::{Context, Poll};

use codex_types::{ThreadId, TurnId};

use crate::error::Error;
use crate::generated::nonblocking::builders::{InterruptBuilder, SteerBuilder};
use crate::nonblocking::thread::Thread;
use crate::shared::input::Input;
use crate::shared::result::TurnResult;
use crate::shared::turn_event::TurnEvent;

mod attach;
mod compact;
mod control;
mod span;
mod start;
mod stream;
mod text;

pub use compact::CompactHandle;
pub use control::TurnControl;
pub(crate) use control::steer;
pub use stream::TurnStream;
pub use text::TextDeltas;

/// A started turn: a stream of its events from the moment its request was sent, with methods to
/// steer and to interrupt it.
///
/// ```
/// use codex_client::types::ServerNotification;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Reply};
/// # let harness = AppServerHarness::start()?;
/// # harness.responses().enqueue(Reply::streaming(["It was ", "an endless loop."]));
/// # let thread = harness.codex().await?.thread_start().await?;
/// # let mut seen = String::new();
/// let mut turn = thread.turn("Fix the failing test.").await?;
/// while let Some(event) = turn.next().await.transpose()? {
///     if let ServerNotification::ItemAgentMessageDelta(delta) = event.notification() {
///         print!("{}", delta.delta);
/// #       seen += &delta.delta;
///     }
/// }
/// let result = turn.run().await?;
/// # assert_eq!(seen, "It was an endless loop.");
/// # assert_eq!(result.final_response, Some(seen));
/// # Ok(())
/// # }
/// ```
///
/// Events that were read are part of the result: [`TurnHandle::run`] reads the rest and returns all
/// of it. Dropping the handle leaves the turn running, unless its builder has `interrupt_on_drop`.
pub struct TurnHandle {
    control: TurnControl,
    stream: TurnStream,
}

impl TurnHandle {
    /// The turn.
    pub fn id(&self) -> &TurnId {
        self.control.id()
    }

    /// Its thread.
    pub fn thread(&self) -> &Thread {
        self.control.thread()
    }

    /// Its thread's id.
    pub fn thread_id(&self) -> &ThreadId {
        self.control.thread().id()
    }

    /// Returns the next event; `None` after the last one of the turn. See [`TurnStream::next`].
    pub async fn next(&mut self) -> Option<Result<TurnEvent, Error>> {
        self.stream.next().await
    }

    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<TurnEvent, Error>>> {
        self.stream.poll_next(context)
    }

    /// Returns only the streamed text of the model's messages. See [`TurnStream::text_deltas`].
    pub fn text_deltas(&mut self) -> TextDeltas<'_> {
        self.stream.text_deltas()
    }

    /// Converts the handle into the streamed text of the model's messages, for a task or a response
    /// of its own. Its `run` returns the result; a [`control`](Self::control) steers the turn.
    pub fn into_text_deltas(self) -> TextDeltas<'static> {
        TextDeltas::owned(self.stream)
    }

    /// Waits until the turn completes. See [`TurnStream::run`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnStream::run`].
    pub async fn run(&mut self) -> Result<TurnResult, Error> {
        self.stream.run().await
    }

    /// Returns the result so far, according to the events that were read.
    pub fn snapshot(&self) -> TurnResult {
        self.stream.snapshot()
    }

    /// Adds input to the running turn.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnControl::steer`].
    #[doc(alias = "send")]
    pub fn steer(&self, input: impl Into<Input>) -> SteerBuilder {
        self.control.steer(input)
    }

    /// Interrupts the turn.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnControl::interrupt`].
    #[doc(alias("cancel", "abort", "stop"))]
    pub fn interrupt(&self) -> InterruptBuilder {
        self.control.interrupt()
    }

    /// Returns a cloneable handle to steer and interrupt the turn, for other tasks.
    pub fn control(&self) -> TurnControl {
        self.control.clone()
    }

    /// Splits the handle into a control half and an event stream.
    pub fn split(self) -> (TurnControl, TurnStream) {
        (self.control, self.stream)
    }
}

impl fmt::Debug for TurnHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("TurnHandle")
            .field(&self.stream)
            .finish()
    }
}
