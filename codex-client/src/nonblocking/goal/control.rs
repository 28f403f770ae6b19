//! Steers and cancels the work on a goal, in any of its turns.

use std::sync::PoisonError;
use std::time::Duration;

use codex_types::{
    Method as _, ThreadGoalGetParams, ThreadGoalSetParams, ThreadGoalStatus, TurnId,
    TurnSteerParams, UserInput, methods,
};

use super::ActiveTurn;
use crate::connection::timer::within;
use crate::error::{Error, ServerErrorKind};
use crate::nonblocking::client::Events;
use crate::nonblocking::thread::Thread;
use crate::nonblocking::turn::{TurnControl, steer};
use crate::shared::compaction::other_active_turn;
use crate::shared::input::Input;

/// Time limit for the next turn of an active goal.
const NEXT_TURN_LIMIT: Duration = Duration::from_secs(10);

/// Maximum number of attempts to steer, each of which fails if the turn ends just before.
const ATTEMPTS: usize = 8;

/// A handle to steer and cancel the work on a goal. Clones share it.
#[derive(Clone, Debug)]
pub struct GoalControl {
    thread: Thread,
    pub(super) active: ActiveTurn,
}

impl GoalControl {
    pub(super) fn new(thread: Thread) -> Self {
        let active = ActiveTurn::default();
        Self { thread, active }
    }

    /// Returns the thread of the goal.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    fn known_turn(&self) -> TurnId {
        let active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        // The response to a wrong id has the right one.
        active.clone().unwrap_or_else(|| TurnId::new("unknown"))
    }

    /// Adds input to the running turn, or to the next one if one has just ended.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnControl::steer`];
    /// [`NoActiveTurn`](ServerErrorKind::NoActiveTurn) if the work has ended.
    pub async fn steer(&self, input: impl Into<Input>) -> Result<(), Error> {
        let input = input.into();
        input.check(methods::TurnSteer::NAME)?;
        let parts = input.into_parts();
        let mut turn = self.known_turn();
        let mut attempts = ATTEMPTS;
        loop {
            // Before the attempt, so that a later start of a turn is not missed.
            let events = self.thread.events()?;
            let Err(error) = self.steer_turn(turn, &parts).await else {
                return Ok(());
            };
            attempts -= 1;
            turn = match other_active_turn(&error) {
                _ if attempts == 0 => return Err(error),
                Some(other) => other,
                None if is_idle(&error) && self.is_active().await? => {
                    next_turn(events).await.ok_or(error)?
                }
                None => return Err(error),
            };
        }
    }

    async fn steer_turn(&self, turn: TurnId, parts: &[UserInput]) -> Result<(), Error> {
        let params = TurnSteerParams::new(self.thread.id(), parts, turn);
        steer(self.thread.client(), params).await.map(drop)
    }

    pub(super) async fn is_active(&self) -> Result<bool, Error> {
        let params = ThreadGoalGetParams::new(self.thread.id());
        let response = self
            .thread
            .client()
            .request::<methods::ThreadGoalGet>(&params)
            .await?;
        let active = |goal: codex_types::ThreadGoal| goal.status == ThreadGoalStatus::Active;
        Ok(response.goal.is_some_and(active))
    }

    /// Pauses the goal, so that no further turn is started for it, and interrupts the running one.
    /// The handle receives the end of the work. It is no error if no turn is running; a goal
    /// that is over stays what it is.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::Client::request).
    pub async fn cancel(&self) -> Result<(), Error> {
        if !self.is_active().await? {
            return self.interrupt_last_turn().await;
        }
        let params = ThreadGoalSetParams::new(self.thread.id()).status(ThreadGoalStatus::Paused);
        self.thread
            .client()
            .request::<methods::ThreadGoalSet>(&params)
            .await?;
        match self.interrupt_turn(self.known_turn()).await {
            Err(error) if is_idle(&error) => Ok(()),
            Err(error) => match other_active_turn(&error) {
                // It may have ended meanwhile; no other can follow.
                Some(turn) => match self.interrupt_turn(turn).await {
                    Err(error) if is_idle(&error) => Ok(()),
                    response => response,
                },
                None => Err(error),
            },
            response => response,
        }
    }

    /// Interrupts the turn of a goal that is over, if it is still running; any other is none of its.
    async fn interrupt_last_turn(&self) -> Result<(), Error> {
        let last = self
            .active
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(turn) = last else {
            return Ok(());
        };
        match self.interrupt_turn(turn).await {
            Err(error) if is_idle(&error) || other_active_turn(&error).is_some() => Ok(()),
            result => result,
        }
    }

    async fn interrupt_turn(&self, turn: TurnId) -> Result<(), Error> {
        TurnControl::new(self.thread.clone(), turn)
            .interrupt()
            .await
    }
}

fn is_idle(error: &Error) -> bool {
    error
        .server()
        .is_some_and(|error| error.kind() == ServerErrorKind::NoActiveTurn)
}

/// Waits for the start of the next turn, if there is one.
async fn next_turn(mut events: Events) -> Option<TurnId> {
    let started = async {
        while let Some(event) = events.next().await {
            match event {
                Ok(event) if event.method() == "turn/started" => {
                    return event.turn_id().map(TurnId::new);
                }
                _ => {}
            }
        }
        None
    };
    within(Some(NEXT_TURN_LIMIT), started).await.flatten()
}
