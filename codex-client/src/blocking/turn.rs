//! Turns of the blocking API: their handles and streams.

use codex_types::{ThreadId, TurnId};

use super::Thread;
use crate::connection::park::block_on;
use crate::connection::settings::Retry;
use crate::error::Error;
use crate::generated::blocking::builders::{InterruptBuilder, RunBuilder, SteerBuilder};
use crate::nonblocking;
use crate::shared::input::Input;
use crate::shared::result::TurnResult;

mod compact;
mod control;
mod stream;
mod text;

pub use compact::CompactHandle;
pub use control::TurnControl;
pub use stream::TurnStream;
pub use text::TextDeltas;

/// A started turn: an iterator over its events from the moment its request was sent, with methods
/// to steer and to interrupt it.
///
/// ```
/// use codex_client::types::ServerNotification;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Reply};
/// # let harness = AppServerHarness::start()?;
/// # harness.responses().enqueue(Reply::streaming(["It was ", "an endless loop."]));
/// # let thread = harness.blocking_codex()?.thread_start().call()?;
/// # let mut seen = String::new();
/// let mut turn = thread.turn("Fix the failing test.").call()?;
/// for event in &mut turn {
///     let event = event?;
///     if let ServerNotification::ItemAgentMessageDelta(delta) = event.notification() {
///         print!("{}", delta.delta);
/// #       seen += &delta.delta;
///     }
/// }
/// let result = turn.run()?;
/// # assert_eq!(seen, "It was an endless loop.");
/// # assert_eq!(result.final_response, Some(seen));
/// # Ok(())
/// # }
/// ```
///
/// Events that were read are part of the result: [`TurnHandle::run`] reads the rest and returns all
/// of it. Dropping the handle leaves the turn running, unless its builder has `interrupt_on_drop`.
#[derive(Debug)]
pub struct TurnHandle(pub(crate) nonblocking::TurnHandle);

impl TurnHandle {
    /// Returns the turn's id.
    pub fn id(&self) -> &TurnId {
        self.0.id()
    }

    /// Returns its thread.
    pub fn thread(&self) -> Thread {
        Thread(self.0.thread().clone())
    }

    /// Returns its thread's id.
    pub fn thread_id(&self) -> &ThreadId {
        self.0.thread_id()
    }

    /// Returns only the streamed text of the model's messages. See [`TurnStream::text_deltas`].
    pub fn text_deltas(&mut self) -> TextDeltas<'_> {
        TextDeltas(self.0.text_deltas())
    }

    /// Converts the handle into the streamed text of the model's messages, for another thread.
    pub fn into_text_deltas(self) -> TextDeltas<'static> {
        TextDeltas(self.0.into_text_deltas())
    }

    /// Waits until the turn completes. See [`TurnStream::run`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnStream::run`].
    #[inline]
    pub fn run(&mut self) -> Result<TurnResult, Error> {
        block_on(self.0.run())
    }

    /// Returns the result so far, according to the events that were read.
    pub fn snapshot(&self) -> TurnResult {
        self.0.snapshot()
    }

    /// Adds input to the running turn.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnControl::steer`].
    #[doc(alias = "send")]
    pub fn steer(&self, input: impl Into<Input>) -> SteerBuilder {
        SteerBuilder::from_core(self.0.steer(input))
    }

    /// Interrupts the turn.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnControl::interrupt`].
    #[doc(alias("cancel", "abort", "stop"))]
    pub fn interrupt(&self) -> InterruptBuilder {
        InterruptBuilder::from_core(self.0.interrupt())
    }

    /// Returns a cloneable handle to steer and interrupt the turn, for other threads.
    pub fn control(&self) -> TurnControl {
        TurnControl(self.0.control())
    }

    /// Splits the handle into a control half and an event stream.
    pub fn split(self) -> (TurnControl, TurnStream) {
        let (control, stream) = self.0.split();
        (TurnControl(control), TurnStream(stream))
    }
}

impl RunBuilder {
    /// Runs the turn again if it failed before it had any effect; see
    /// [`RunBuilder::retry`](crate::builders::RunBuilder::retry) of the async API.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.state.retry = Some(retry);
        self
    }
}
