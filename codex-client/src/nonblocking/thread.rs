//! A thread of the async API: a conversation that turns are run on.

use std::fmt;
use std::sync::Arc;

use codex_types::{ThreadGoalSetParams, ThreadId};

use crate::error::Error;
use crate::generated::nonblocking::builders::{GoalBuilder, RunBuilder, TurnBuilder};
use crate::nonblocking::client::{Client, Events};
use crate::nonblocking::codex::Codex;
use crate::shared::input::RunInput;
use crate::shared::thread_settings::{ThreadSettings, turn_params};

mod lifecycle;
#[cfg(feature = "schemars")]
mod structured;

#[cfg(feature = "schemars")]
pub use structured::RunAsBuilder;

/// A conversation with the model. Clones are the same thread.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Reply};
/// # let harness = AppServerHarness::start()?;
/// # let replies = ["Fixed.", "It never ended."].map(Reply::assistant);
/// # harness.responses().enqueue_all(replies);
/// # let codex = harness.codex().await?;
/// let thread = codex.thread_start().await?;
/// thread.run("Fix the failing test.").await?;
/// let result = thread.run("Now explain what was wrong.").await?;
/// # assert_eq!(result.final_response.as_deref(), Some("It never ended."));
/// # let asked = &harness.responses().requests()[1];
/// # assert_eq!(asked.message_texts("assistant"), ["Fixed."], "the model remembers");
/// # Ok(())
/// # }
/// ```
///
/// One turn runs at a time: a turn that is started on a busy thread joins the one that runs.
#[derive(Clone)]
pub struct Thread {
    codex: Codex,
    id: ThreadId,
    settings: Option<Arc<ThreadSettings>>,
}

impl fmt::Debug for Thread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Thread")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Thread {
    pub(crate) fn new(codex: &Codex, id: ThreadId, settings: Option<ThreadSettings>) -> Self {
        Self {
            codex: codex.clone(),
            id,
            settings: settings.map(Arc::new),
        }
    }

    /// Its id, to resume it with later.
    pub fn id(&self) -> &ThreadId {
        &self.id
    }

    /// The runtime it lives in.
    pub fn codex(&self) -> &Codex {
        &self.codex
    }

    pub(crate) fn client(&self) -> &Client {
        self.codex.client()
    }

    /// The same thread, with requests that no longer depend on a cancellation.
    pub(crate) fn uncancelled(&self) -> Self {
        Self {
            codex: Codex::from_client(self.client().cancelled_by(None)),
            ..self.clone()
        }
    }

    /// What it was started, resumed or forked with; `None` where it was made from an id.
    pub fn settings(&self) -> Option<&ThreadSettings> {
        self.settings.as_deref()
    }

    /// Every event of the thread from now on, also of turns that were not started here:
    /// compactions, reviews, turns the runtime or other clients have started.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn events(&self) -> Result<Events, Error> {
        self.client().thread_events(self.id.as_str())
    }

    /// Starts a turn and waits for its end. Gives its
    /// [`TurnResult`](crate::TurnResult).
    ///
    /// # Errors
    ///
    /// As for [`Client::request`]. [`Error::TurnFailed`] and [`Error::TurnTimedOut`], which
    /// have in them what the turn had produced; [`Error::TurnUnreadable`], which has it, too, and
    /// [`Error::TurnIncomplete`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the turn running, unless
    /// [`interrupt_on_drop`](RunBuilder::interrupt_on_drop) is set.
    pub fn run(&self, input: impl Into<RunInput>) -> RunBuilder {
        let (params, error) = turn_params(&self.id, input.into());
        let mut builder = RunBuilder::new(self, params);
        builder.state.error = error;
        builder
    }

    /// Starts a turn, or joins the one that is running. Gives its
    /// [`TurnHandle`](crate::TurnHandle), which sees every event from now on.
    ///
    /// # Errors
    ///
    /// As for [`Client::request`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future or the handle leaves the turn running, unless
    /// [`interrupt_on_drop`](TurnBuilder::interrupt_on_drop) is set.
    pub fn turn(&self, input: impl Into<RunInput>) -> TurnBuilder {
        let (params, error) = turn_params(&self.id, input.into());
        let mut builder = TurnBuilder::new(self, params);
        builder.state.error = error;
        builder
    }

    /// Gives the thread a goal that it works on by itself, turn after turn, until the goal is
    /// reached or given up; a goal it had before is replaced. Gives a
    /// [`GoalHandle`](crate::GoalHandle).
    ///
    /// # Errors
    ///
    /// As for [`Client::request`]; [`Error::InvalidArgument`] when the objective is empty or
    /// longer than 4000 characters; [`Error::ThreadBusy`] while a turn is running on the thread.
    /// The kind of the [`ServerError`](crate::ServerError) is
    /// [`FeatureDisabled`](crate::ServerErrorKind::FeatureDisabled) where goals are turned off, and
    /// [`EphemeralThread`](crate::ServerErrorKind::EphemeralThread) on a thread that is not stored.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before it is ready pauses the goal if it was set.
    pub fn goal(&self, objective: impl Into<String>) -> GoalBuilder {
        let params = ThreadGoalSetParams::new(&self.id).objective(objective);
        GoalBuilder::new(self, params)
    }
}
