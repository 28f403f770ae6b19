//! Steering and interrupting a turn.

use std::fmt;

use codex_types::{ThreadId, TurnId};

use super::stream::TurnStream;
use crate::blocking::Thread;
use crate::error::Error;
use crate::generated::blocking::builders::{InterruptBuilder, SteerBuilder};
use crate::nonblocking;
use crate::shared::input::Input;

/// A turn, to act on it. Clones are the same turn.
#[derive(Clone)]
pub struct TurnControl(pub(crate) nonblocking::TurnControl);

impl fmt::Debug for TurnControl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

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

    /// Another stream of the turn's events, from now on. Its result has what is completed
    /// from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn stream(&self) -> Result<TurnStream, Error> {
        self.0.stream().map(TurnStream)
    }

    /// Adds input to the turn while it runs. The message that the model is writing is cut off,
    /// and the model is asked again.
    ///
    /// # Errors
    ///
    /// As for [`Client::request`](crate::blocking::Client::request). The kind of the
    /// [`ServerError`](crate::ServerError) is
    /// [`NoActiveTurn`](crate::ServerErrorKind::NoActiveTurn) when the turn has ended, and
    /// [`OtherTurnActive`](crate::ServerErrorKind::OtherTurnActive) when another one runs.
    pub fn steer(&self, input: impl Into<Input>) -> SteerBuilder {
        SteerBuilder::from_core(self.0.steer(input))
    }

    /// Interrupts the turn. Its end, with the status `interrupted`, comes as an event.
    ///
    /// # Errors
    ///
    /// As for [`TurnControl::steer`]. It is no error when the turn ends in the meantime.
    pub fn interrupt(&self) -> InterruptBuilder {
        InterruptBuilder::from_core(self.0.interrupt())
    }
}
