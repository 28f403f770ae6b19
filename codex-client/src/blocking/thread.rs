//! A thread of the blocking API: a conversation that consists of turns.

use codex_types::{ThreadId, TurnId};

use super::{Codex, Events, TurnHandle};
use crate::connection::park::block_on;
use crate::error::Error;
use crate::generated::blocking::builders::{GoalBuilder, RunBuilder, TurnBuilder};
use crate::nonblocking;
use crate::shared::input::RunInput;
use crate::shared::thread_settings::ThreadSettings;

#[cfg_attr(not(feature = "schemars"), path = "../shared/absent.rs")]
mod structured;

pub use structured::*;

/// A conversation with the model. Clones share it.
///
/// One turn runs at a time: a turn that is started on a busy thread joins the running one.
#[doc(alias("conversation", "chat", "session"))]
#[derive(Clone, Debug)]
pub struct Thread(pub(crate) nonblocking::Thread);

impl Thread {
    /// Returns its id, for a later [`thread_resume`](Codex::thread_resume).
    pub fn id(&self) -> &ThreadId {
        self.0.id()
    }

    /// Returns the runtime of the thread.
    pub fn codex(&self) -> Codex {
        Codex(self.0.codex().clone())
    }

    /// Returns the settings it was started, resumed or forked with; `None` for a handle from an id.
    pub fn settings(&self) -> Option<&ThreadSettings> {
        self.0.settings()
    }

    /// Subscribes to every event of the thread from now on, including compactions, reviews, and
    /// turns that the runtime or other clients have started.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn events(&self) -> Result<Events, Error> {
        self.0.events().map(Events)
    }

    /// Starts a turn and waits until it completes. Returns its [`TurnResult`](crate::TurnResult).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request).
    /// [`Error::TurnFailed`], [`Error::TurnTimedOut`] and [`Error::TurnUnreadable`], which contain
    /// the result so far, and [`Error::TurnIncomplete`].
    #[doc(alias("send", "ask", "chat", "prompt"))]
    pub fn run(&self, input: impl Into<RunInput>) -> RunBuilder {
        RunBuilder::from_core(self.0.run(input))
    }

    /// Starts a turn, or joins the running one. Returns its
    /// [`TurnHandle`](crate::blocking::TurnHandle), which receives every event from now on.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request).
    #[doc(alias("send", "ask", "chat", "prompt"))]
    pub fn turn(&self, input: impl Into<RunInput>) -> TurnBuilder {
        TurnBuilder::from_core(self.0.turn(input))
    }

    /// Attaches to a running turn; see [`Thread::attach`](crate::Thread::attach) of the async API.
    ///
    /// # Errors
    ///
    /// Returns its errors.
    #[inline]
    pub fn attach(&self, turn: impl Into<TurnId>) -> Result<TurnHandle, Error> {
        block_on(self.0.attach(turn)).map(TurnHandle)
    }

    /// Attaches to a running turn, with its approvals in the stream.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::attach`].
    #[inline]
    pub fn attach_with_approvals(&self, turn: impl Into<TurnId>) -> Result<TurnHandle, Error> {
        block_on(self.0.attach_with_approvals(turn)).map(TurnHandle)
    }

    /// Sets a goal that the thread pursues autonomously, turn after turn, until it is reached or
    /// abandoned; replaces an earlier goal. Returns a [`GoalHandle`](crate::blocking::GoalHandle).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request);
    /// [`Error::InvalidArgument`] if the objective is empty or longer than 4000 characters.
    #[doc(alias = "objective")]
    pub fn goal(&self, objective: impl Into<String>) -> GoalBuilder {
        GoalBuilder::from_core(self.0.goal(objective))
    }
}
