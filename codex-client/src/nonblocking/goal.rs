//! Goals of the async API: autonomous work of a thread across turns.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use codex_types::{
    Method as _, ThreadGoalClearParams, ThreadGoalSetParams, ThreadGoalSetResponse,
    ThreadGoalStatus, ThreadReadParams, ThreadStatus, TurnId, methods,
};

use crate::error::Error;
use crate::generated::nonblocking::builders::GoalBuilder;
use crate::nonblocking::client::Events;
use crate::nonblocking::supervised::Supervised;
use crate::nonblocking::thread::Thread;
use crate::shared::event::Event;
use crate::shared::goal::{GoalProgress, GoalResult, check_goal};
use crate::shared::input::Input;

mod control;

pub use control::GoalControl;

/// The running turn of a goal, shared by all of its handles.
pub(crate) type ActiveTurn = Arc<Mutex<Option<TurnId>>>;

/// A goal that a thread works on: a stream of the events of all its turns as if they were one.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Reply};
/// # let harness = AppServerHarness::start()?;
/// # let reached = serde_json::json!({ "status": "complete" });
/// # harness.responses().enqueue_all([
/// #     Reply::assistant("Some pass."),
/// #     Reply::new().function_call("call-1", "update_goal", reached),
/// #     Reply::assistant("All pass."),
/// # ]);
/// # let thread = harness.codex().await?.thread_start().await?;
/// let mut goal = thread.goal("Make all tests pass.").token_budget(200_000).await?;
/// let result = goal.run().await?;
/// println!("{:?}: {:?}", result.status(), result.turn.final_response);
/// # assert!(result.is_complete());
/// # assert_eq!(result.turn_ids.len(), 2);
/// # assert_eq!(result.turn.final_response.as_deref(), Some("All pass."));
/// # assert_eq!(result.goal.unwrap().token_budget, Some(200_000));
/// # Ok(())
/// # }
/// ```
///
/// The boundaries between turns, and notifications about the goal itself, are omitted; the events
/// have the ids of their turns. Dropping the handle leaves the thread working;
/// [`GoalHandle::cancel`] stops it.
pub struct GoalHandle {
    control: GoalControl,
    events: Events,
    progress: GoalProgress,
    closed: bool,
}

impl GoalBuilder {
    pub(crate) async fn send(mut self) -> Result<GoalHandle, Error> {
        self.state.check()?;
        check_goal(&self.params)?;
        let thread = self.target;
        check_idle(&thread).await?;
        // The usage of an earlier goal must not count for this one.
        let clear = ThreadGoalClearParams::new(thread.id());
        let client = thread.client();
        client.request::<methods::ThreadGoalClear>(&clear).await?;
        let events = thread.events()?;
        let setting = set(&thread, self.params.status(ThreadGoalStatus::Active));
        let response = setting.run(client.cancellation.as_ref()).await?;
        let budget = client.session.settings.result_budget;
        let sub_agents = &client.session.connection.sub_agents;
        let progress = GoalProgress::new(thread.id().clone(), budget);
        let mut progress = progress.counting(sub_agents);
        progress.accepted(response.goal);
        Ok(GoalHandle {
            control: GoalControl::new(thread),
            events,
            progress,
            closed: false,
        })
    }
}

/// Rejects a thread with a running turn that belongs to no goal (which could be replaced): the
/// runtime would accept the goal, and the events and the control of the unrelated turn would be
/// taken for those of the goal.
async fn check_idle(thread: &Thread) -> Result<(), Error> {
    let params = ThreadReadParams::new(thread.id());
    // A thread that cannot be read is rejected by the next request, with a better reason.
    let Ok(response) = thread
        .client()
        .request::<methods::ThreadRead>(&params)
        .await
    else {
        return Ok(());
    };
    match response.thread.status {
        ThreadStatus::Active(_) if !GoalControl::new(thread.clone()).is_active().await? => {
            let thread_id = thread.id().clone();
            Err(Error::ThreadBusy { thread_id })
        }
        _ => Ok(()),
    }
}

/// Sends `thread/goal/set`. If it is dropped before the response, the goal is paused after the
/// response: otherwise the thread would pursue a goal without a handle.
fn set(thread: &Thread, params: ThreadGoalSetParams) -> Supervised<ThreadGoalSetResponse> {
    let thread = thread.in_background();
    let client = thread.client().clone();
    let detached = client.session.detached.clone();
    let request = async move { client.request::<methods::ThreadGoalSet>(&params).await };
    let request = Supervised::new(methods::ThreadGoalSet::NAME, &detached, request);
    request.undone_by(|_| async move {
        if let Err(error) = GoalControl::new(thread).cancel().await {
            tracing::warn!(%error, "an abandoned goal could not be paused");
        }
    })
}

impl GoalHandle {
    /// Returns the next event; `None` when the work has ended. Cancel safe.
    ///
    /// It continues after [`Error::Lagged`], and ends after any other error.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// Waits for the end of the work and returns its result. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Error::TurnFailed`] when one of the turns has failed; [`Error::Closed`],
    /// [`Error::Overrun`], [`Error::TurnUnreadable`] and [`Error::TurnIncomplete`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no events, and leaves the thread working.
    pub async fn run(&mut self) -> Result<GoalResult, Error> {
        while let Some(event) = self.next().await {
            match event {
                Ok(_) | Err(Error::Lagged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        self.progress.finish()
    }

    /// Returns the result so far, according to the events that were read.
    pub fn snapshot(&self) -> GoalResult {
        self.progress.snapshot()
    }

    /// Returns a cloneable handle to steer and cancel the work, for other tasks.
    pub fn control(&self) -> GoalControl {
        self.control.clone()
    }

    /// Adds input to the running turn; see [`GoalControl::steer`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`GoalControl::steer`].
    pub async fn steer(&self, input: impl Into<Input>) -> Result<(), Error> {
        self.control.steer(input).await
    }

    /// Pauses the goal and interrupts the running turn; see [`GoalControl::cancel`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`GoalControl::cancel`].
    pub async fn cancel(&self) -> Result<(), Error> {
        self.control.cancel().await
    }

    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Event, Error>>> {
        while !self.closed && !self.progress.is_over() {
            let event = std::task::ready!(self.events.poll_next(context));
            match event {
                Some(Ok(event)) => {
                    let shown = self.progress.observe(&event);
                    let active = self.progress.active_turn().cloned();
                    *self
                        .control
                        .active
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner) = active;
                    if shown {
                        return Poll::Ready(Some(Ok(event)));
                    }
                }
                Some(Err(error)) => {
                    self.closed = error.ends_events();
                    return Poll::Ready(Some(Err(error)));
                }
                None => self.closed = true,
            }
        }
        Poll::Ready(None)
    }
}

impl fmt::Debug for GoalHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GoalHandle")
            .field("thread_id", self.control.thread().id())
            .field("active_turn", &self.progress.active_turn())
            .field("has_ended", &self.progress.has_ended())
            .finish_non_exhaustive()
    }
}
