//! Steering and interrupting a turn.

use std::task::Poll;
use std::time::{Duration, Instant};

use codex_types::{Method as _, ThreadId, TurnId, TurnInterruptParams, TurnSteerParams, methods};

use super::stream::TurnStream;
use crate::blocking::client::drive;
use crate::blocking::{Client, Events, Thread};
use crate::connection::park;
use crate::connection::session::server_error;
use crate::engine::Scope;
use crate::error::Error;
use crate::generated::blocking::builders::{Interrupt, Steer};
use crate::shared::compaction::other_active_turn;
use crate::shared::input::Input;

/// How long the runtime may take to interrupt a turn. When the turn ends in the same moment,
/// it does not answer before the thread's next turn has ended.
const INTERRUPT_LIMIT: Duration = Duration::from_secs(10);

/// A turn, to act on it. Clones are the same turn.
#[derive(Clone, Debug)]
pub struct TurnControl {
    thread: Thread,
    turn_id: TurnId,
    /// Such a turn runs as an inner one, which has an id of its own.
    is_review: bool,
}

impl TurnControl {
    pub(crate) fn new(thread: Thread, turn_id: TurnId) -> Self {
        Self {
            thread,
            turn_id,
            is_review: false,
        }
    }

    pub(super) fn of_review(thread: Thread, turn_id: TurnId) -> Self {
        Self {
            is_review: true,
            ..Self::new(thread, turn_id)
        }
    }

    /// The turn.
    pub fn id(&self) -> &TurnId {
        &self.turn_id
    }

    /// Its thread.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// Its thread's id.
    pub fn thread_id(&self) -> &ThreadId {
        self.thread.id()
    }

    pub(crate) fn client(&self) -> &Client {
        self.thread.client()
    }

    /// Another stream of the turn's events, from now on. Its result has what is completed
    /// from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn stream(&self) -> Result<TurnStream, Error> {
        Ok(TurnStream::new(self.clone(), self.events()?))
    }

    fn events(&self) -> Result<Events, Error> {
        self.client().turn_events(self.turn_id.as_str())
    }

    /// Adds input to the turn while it runs. What the model is saying is cut off, and it is
    /// asked again.
    ///
    /// # Errors
    ///
    /// As for [`Client::request`]. The kind of the [`ServerError`](crate::ServerError) is
    /// [`NoActiveTurn`](crate::ServerErrorKind::NoActiveTurn) when the turn has ended, and
    /// [`OtherTurnActive`](crate::ServerErrorKind::OtherTurnActive) when another one runs.
    pub fn steer(&self, input: impl Into<Input>) -> Steer {
        let parts = input.into().into_parts();
        let params = TurnSteerParams::new(self.thread.id(), parts, &self.turn_id);
        Steer::new(self, params)
    }

    /// Makes the turn stop. Its end, with the status `interrupted`, comes as an event.
    ///
    /// # Errors
    ///
    /// As for [`TurnControl::steer`]. It is no error when the turn ends in the meantime.
    pub fn interrupt(&self) -> Interrupt {
        let params = TurnInterruptParams::new(self.thread.id(), &self.turn_id);
        Interrupt::new(self, params)
    }

    /// Interrupts the turn when nobody is left to wait for it, on a thread of its own.
    pub(super) fn interrupt_detached(&self) {
        let interrupt = self.interrupt();
        let spawned = drive::spawn("codex-interrupt", move || {
            if let Err(error) = interrupt.call() {
                tracing::debug!(%error, "a turn that nobody waits for was not interrupted");
            }
        });
        if let Err(error) = spawned {
            tracing::debug!(%error, "a turn that nobody waits for was not interrupted");
        }
    }
}

impl Interrupt {
    pub(crate) fn send(mut self) -> Result<(), Error> {
        self.extras.check()?;
        match self.ask(&self.params) {
            Err(error) if self.target.is_review => match other_active_turn(&error) {
                Some(inner) => self.ask(&TurnInterruptParams::new(self.target.thread_id(), inner)),
                None => Err(error),
            },
            answer => answer,
        }
    }

    /// Waits for the answer or the end of the turn, whichever comes first.
    fn ask(&self, params: &TurnInterruptParams) -> Result<(), Error> {
        let method = methods::TurnInterrupt::NAME;
        let connection = &self.target.client().session.connection;
        let turn = self.target.id().as_str().to_owned();
        let mut ended = connection.subscribe(Scope::Turn(turn))?;
        let pending = connection.submit(method, params, None)?;
        let deadline = Instant::now().checked_add(INTERRUPT_LIMIT);
        let answer = park::until(deadline, |context| {
            if let Poll::Ready(answer) = pending.poll(context) {
                return Poll::Ready(answer);
            }
            loop {
                match ended.poll_next(context) {
                    Poll::Ready(Some(_)) => {}
                    Poll::Ready(None) => return Poll::Ready(Ok(Ok(Box::default()))),
                    Poll::Pending => return Poll::Pending,
                }
            }
        });
        let timeout = || Error::Timeout {
            method: method.to_owned(),
            after: INTERRUPT_LIMIT,
        };
        let answer = answer.ok_or_else(timeout)??;
        answer
            .map(drop)
            .map_err(|refusal| server_error(method, refusal))
    }
}
