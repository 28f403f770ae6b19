//! A thread of the async API: a conversation that consists of turns.

use std::fmt;
use std::sync::Arc;

use codex_types::{ThreadGoalSetParams, ThreadId};

use crate::connection::threads::{Config, InUse};
use crate::error::Error;
use crate::generated::nonblocking::builders::{GoalBuilder, RunBuilder, TurnBuilder};
use crate::nonblocking::client::{Client, Events};
use crate::nonblocking::codex::Codex;
use crate::shared::input::RunInput;
use crate::shared::thread_settings::{ThreadSettings, turn_params};
use crate::shared::trace::TraceContext;

mod lifecycle;
#[cfg_attr(not(feature = "schemars"), path = "../shared/absent.rs")]
mod structured;

pub use structured::*;

/// A conversation with the model. Clones share it.
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
/// One turn runs at a time: a turn that is started on a busy thread joins the running one.
#[doc(alias("conversation", "chat", "session"))]
#[derive(Clone)]
pub struct Thread {
    codex: Codex,
    id: ThreadId,
    settings: Option<Arc<ThreadSettings>>,
    /// After a restart the thread is resumed, as long as there is a handle.
    _in_use: Option<Arc<InUse>>,
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
        Self::configured(codex, id, settings, None)
    }

    /// Creates a handle of a thread that was loaded with these overrides of the configuration.
    fn configured(
        codex: &Codex,
        id: ThreadId,
        settings: Option<ThreadSettings>,
        config: Option<&Config>,
    ) -> Self {
        let threads = &codex.client().session.threads;
        Self {
            _in_use: threads.hold(id.as_str(), config).map(Arc::new),
            codex: codex.clone(),
            id,
            settings: settings.map(Arc::new),
        }
    }

    /// Returns its id, for a later [`thread_resume`](Codex::thread_resume).
    pub fn id(&self) -> &ThreadId {
        &self.id
    }

    /// Returns the runtime of the thread.
    pub fn codex(&self) -> &Codex {
        &self.codex
    }

    pub(crate) fn client(&self) -> &Client {
        self.codex.client()
    }

    /// Returns the same thread, with requests that belong to a trace.
    pub(crate) fn traced(self, trace: Option<TraceContext>) -> Self {
        match trace {
            Some(trace) => Self {
                codex: Codex::from_client(self.client().traced(trace)),
                ..self
            },
            None => self,
        }
    }

    /// Returns the same thread for background work, which depends on no cancellation and does not
    /// keep the connection open.
    pub(crate) fn in_background(&self) -> Self {
        Self {
            codex: Codex::from_client(self.client().in_background()),
            ..self.clone()
        }
    }

    /// Returns the settings it was started, resumed or forked with; `None` for a handle from an id.
    pub fn settings(&self) -> Option<&ThreadSettings> {
        self.settings.as_deref()
    }

    /// Subscribes to every event of the thread from now on, including compactions, reviews, and
    /// turns that the runtime or other clients have started.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn events(&self) -> Result<Events, Error> {
        self.client().thread_events(self.id.as_str())
    }

    /// Starts a turn and waits until it completes. Returns its [`TurnResult`](crate::TurnResult).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`]. [`Error::TurnFailed`], [`Error::TurnTimedOut`]
    /// and [`Error::TurnUnreadable`], which contain the result so far, and
    /// [`Error::TurnIncomplete`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the turn running, unless
    /// [`interrupt_on_drop`](RunBuilder::interrupt_on_drop) is set.
    #[doc(alias("send", "ask", "chat", "prompt"))]
    pub fn run(&self, input: impl Into<RunInput>) -> RunBuilder {
        let (params, error) = turn_params(&self.id, input.into());
        let mut builder = RunBuilder::new(self, params);
        builder.state.error = error;
        builder
    }

    /// Starts a turn, or joins the running one. Returns its [`TurnHandle`](crate::TurnHandle),
    /// which receives every event from now on.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future or the handle leaves the turn running, unless
    /// [`interrupt_on_drop`](TurnBuilder::interrupt_on_drop) is set.
    #[doc(alias("send", "ask", "chat", "prompt"))]
    pub fn turn(&self, input: impl Into<RunInput>) -> TurnBuilder {
        let (params, error) = turn_params(&self.id, input.into());
        let mut builder = TurnBuilder::new(self, params);
        builder.state.error = error;
        builder
    }

    /// Sets a goal that the thread pursues autonomously, turn after turn, until it is reached or
    /// abandoned; replaces an earlier goal. Returns a [`GoalHandle`](crate::GoalHandle).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`]; [`Error::InvalidArgument`] if the objective is
    /// empty or longer than 4000 characters; [`Error::ThreadBusy`] while a turn is running on the
    /// thread. The kind of the [`ServerError`](crate::ServerError) is
    /// [`FeatureDisabled`](crate::ServerErrorKind::FeatureDisabled) if goals are turned off, and
    /// [`EphemeralThread`](crate::ServerErrorKind::EphemeralThread) on a thread that is not stored.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before it completes pauses the goal if it was set.
    #[doc(alias = "objective")]
    pub fn goal(&self, objective: impl Into<String>) -> GoalBuilder {
        let params = ThreadGoalSetParams::new(&self.id).objective(objective);
        GoalBuilder::new(self, params)
    }
}
