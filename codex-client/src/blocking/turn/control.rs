//! Steering and interrupting a turn.

use codex_types::{ThreadId, TurnId};

use super::stream::TurnStream;
use crate::blocking::Thread;
use crate::error::Error;
use crate::generated::blocking::builders::{InterruptBuilder, SteerBuilder};
use crate::nonblocking;
use crate::shared::input::Input;

/// A handle to steer and interrupt a turn. Clones share it.
#[derive(Clone, Debug)]
pub struct TurnControl(pub(crate) nonblocking::TurnControl);

impl TurnControl {
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

    /// Returns another stream of the turn's events, from now on. Its result has the items completed
    /// from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn stream(&self) -> Result<TurnStream, Error> {
        self.0.stream().map(TurnStream)
    }

    /// Adds input to the running turn. The current message of the model is cut off, and a new
    /// request is sent to the model.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request). The kind of the
    /// [`ServerError`](crate::ServerError) is
    /// [`NoActiveTurn`](crate::ServerErrorKind::NoActiveTurn) if the turn has ended, and
    /// [`OtherTurnActive`](crate::ServerErrorKind::OtherTurnActive) if another one is running.
    #[doc(alias = "send")]
    pub fn steer(&self, input: impl Into<Input>) -> SteerBuilder {
        SteerBuilder::from_core(self.0.steer(input))
    }

    /// Interrupts the turn. It completes with the status `interrupted`, which is reported as an
    /// event.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnControl::steer`]; [`Error::Timeout`] after ten seconds, or after the
    /// deadline of requests if that is shorter. It is no error if the turn ends in the meantime.
    #[doc(alias("cancel", "abort", "stop"))]
    pub fn interrupt(&self) -> InterruptBuilder {
        InterruptBuilder::from_core(self.0.interrupt())
    }
}
