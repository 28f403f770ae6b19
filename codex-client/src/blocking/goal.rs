//! Goals of the blocking API: autonomous work of a thread across turns.

use super::Thread;
use crate::connection::park::block_on;
use crate::error::Error;
use crate::nonblocking;
use crate::shared::goal::GoalResult;
use crate::shared::input::Input;

/// A goal that a thread works on: an iterator over the events of all its turns as if they were one.
///
/// The boundaries between turns, and notifications about the goal itself, are omitted; the events
/// have the ids of their turns. Dropping the handle leaves the thread working;
/// [`GoalHandle::cancel`] stops it.
#[derive(Debug)]
pub struct GoalHandle(pub(crate) nonblocking::GoalHandle);

impl GoalHandle {
    /// Waits for the end of the work and returns its result. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Error::TurnFailed`] when one of the turns has failed; [`Error::Closed`],
    /// [`Error::Overrun`], [`Error::TurnUnreadable`] and [`Error::TurnIncomplete`].
    #[inline]
    pub fn run(&mut self) -> Result<GoalResult, Error> {
        block_on(self.0.run())
    }

    /// Returns the result so far, according to the events that were read.
    pub fn snapshot(&self) -> GoalResult {
        self.0.snapshot()
    }

    /// Returns a cloneable handle to steer and cancel the work, for other threads.
    pub fn control(&self) -> GoalControl {
        GoalControl(self.0.control())
    }

    /// Adds input to the running turn; see [`GoalControl::steer`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`GoalControl::steer`].
    #[inline]
    pub fn steer(&self, input: impl Into<Input>) -> Result<(), Error> {
        block_on(self.0.steer(input))
    }

    /// Pauses the goal and interrupts the running turn; see [`GoalControl::cancel`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`GoalControl::cancel`].
    #[inline]
    pub fn cancel(&self) -> Result<(), Error> {
        block_on(self.0.cancel())
    }
}

/// A handle to steer and cancel the work on a goal. Clones share it.
#[derive(Clone, Debug)]
pub struct GoalControl(pub(crate) nonblocking::GoalControl);

impl GoalControl {
    /// Returns the thread of the goal.
    pub fn thread(&self) -> Thread {
        Thread(self.0.thread().clone())
    }

    /// Adds input to the running turn, or to the next one if one has just ended.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnControl::steer`](crate::blocking::TurnControl::steer);
    /// [`NoActiveTurn`](crate::ServerErrorKind::NoActiveTurn) if the work has ended.
    #[inline]
    pub fn steer(&self, input: impl Into<Input>) -> Result<(), Error> {
        block_on(self.0.steer(input))
    }

    /// Pauses the goal, so that no further turn is started for it, and interrupts the running one.
    /// The handle receives the end of the work. It is no error if no turn is running.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request).
    #[inline]
    pub fn cancel(&self) -> Result<(), Error> {
        block_on(self.0.cancel())
    }
}
