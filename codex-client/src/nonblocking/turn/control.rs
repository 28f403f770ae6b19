//! Steering and interrupting a turn.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use codex_types::{Method as _, ThreadId, TurnId, TurnInterruptParams, TurnSteerParams, methods};

use super::stream::TurnStream;
use crate::connection::timer::within;
use crate::error::Error;
use crate::generated::nonblocking::builders::{InterruptBuilder, SteerBuilder};
use crate::nonblocking::client::{Client, Events};
use crate::nonblocking::thread::Thread;
use crate::shared::compaction::other_active_turn;
use crate::shared::input::Input;

/// How long the runtime may take to interrupt a turn. When the turn ends in the same moment,
/// it does not answer before the thread's next turn has ended.
const INTERRUPT_LIMIT: Duration = Duration::from_secs(10);

/// A turn, to act on it. Clones are the same turn.
#[derive(Clone)]
pub struct TurnControl {
    thread: Thread,
    turn_id: TurnId,
    /// Such a turn runs as an inner one, which has an id of its own.
    is_review: bool,
}

impl fmt::Debug for TurnControl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TurnControl")
            .field("thread_id", self.thread.id())
            .field("turn_id", &self.turn_id)
            .finish_non_exhaustive()
    }
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
        let cancellation = self.client().cancellation.as_ref();
        Ok(TurnStream::new(self.clone(), self.events()?).cancelled_by(cancellation))
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
    pub fn steer(&self, input: impl Into<Input>) -> SteerBuilder {
        let input = input.into();
        let problem = input.check(methods::TurnSteer::NAME).err();
        let params = TurnSteerParams::new(self.thread.id(), input.into_parts(), &self.turn_id);
        let mut steer = SteerBuilder::new(self, params);
        steer.state.error = problem;
        steer
    }

    /// Makes the turn stop. Its end, with the status `interrupted`, comes as an event.
    ///
    /// # Errors
    ///
    /// As for [`TurnControl::steer`]. It is no error when the turn ends in the meantime.
    pub fn interrupt(&self) -> InterruptBuilder {
        let params = TurnInterruptParams::new(self.thread.id(), &self.turn_id);
        InterruptBuilder::new(self, params)
    }

    /// Interrupts the turn in the background: nothing waits for it any more.
    pub(super) fn interrupt_detached(&self) {
        let control = Self {
            thread: self.thread.uncancelled(),
            ..self.clone()
        };
        let detached = &self.client().session.detached;
        detached.spawn(async move { control.interrupt_now().await });
    }

    pub(super) async fn interrupt_now(&self) {
        if let Err(error) = self.interrupt().send().await {
            tracing::debug!(%error, "a turn that nothing waits for was not interrupted");
        }
    }
}

impl InterruptBuilder {
    pub(crate) async fn send(mut self) -> Result<(), Error> {
        self.state.check()?;
        let mut events = self.target.events()?;
        let mut accepted = pin!(within(Some(INTERRUPT_LIMIT), self.accepted()));
        poll_fn(|context| {
            if let Poll::Ready(accepted) = accepted.as_mut().poll(context) {
                return Poll::Ready(accepted.unwrap_or_else(|| Err(timeout())));
            }
            // The end of the turn is as good as a response.
            loop {
                match events.poll_next(context) {
                    Poll::Ready(Some(_)) => {}
                    Poll::Ready(None) => return Poll::Ready(Ok(())),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }

    /// Sends the request, for a review once more with the id of the turn inside.
    async fn accepted(&self) -> Result<(), Error> {
        let client = self.target.client();
        let Err(error) = client.request::<methods::TurnInterrupt>(&self.params).await else {
            return Ok(());
        };
        match other_active_turn(&error) {
            Some(inner) if self.target.is_review => {
                let params = TurnInterruptParams::new(self.target.thread_id(), inner);
                client.request::<methods::TurnInterrupt>(&params).await?;
                Ok(())
            }
            _ => Err(error),
        }
    }
}

fn timeout() -> Error {
    Error::Timeout {
        method: methods::TurnInterrupt::NAME.to_owned(),
        after: INTERRUPT_LIMIT,
    }
}
