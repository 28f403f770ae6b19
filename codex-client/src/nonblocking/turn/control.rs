//! Steering and interrupting a turn.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use codex_types::{
    Method as _, ThreadId, TurnId, TurnInterruptParams, TurnSteerParams, TurnSteerResponse, methods,
};

use super::stream::TurnStream;
use crate::connection::params::Params;
use crate::connection::support::Sent;
use crate::connection::timer::within;
use crate::error::Error;
use crate::generated::nonblocking::builders::{InterruptBuilder, SteerBuilder};
use crate::nonblocking::client::{Client, Events};
use crate::nonblocking::thread::Thread;
use crate::shared::compaction::other_active_turn;
use crate::shared::input::Input;

/// Time limit for the runtime to interrupt a turn. If the turn ends at the same moment, the
/// response comes only after the thread's next turn.
const INTERRUPT_LIMIT: Duration = Duration::from_secs(10);

/// A handle to steer and interrupt a turn. Clones share it.
#[derive(Clone)]
pub struct TurnControl {
    thread: Thread,
    turn_id: TurnId,
    /// A review runs as an inner turn, which has an id of its own.
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

    /// Returns another stream of the turn's events, from now on. Its result has the items completed
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

    /// Adds input to the running turn. The current message of the model is cut off, and a new
    /// request is sent to the model.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`]. The kind of the
    /// [`ServerError`](crate::ServerError) is
    /// [`NoActiveTurn`](crate::ServerErrorKind::NoActiveTurn) if the turn has ended, and
    /// [`OtherTurnActive`](crate::ServerErrorKind::OtherTurnActive) if another one is running.
    #[doc(alias = "send")]
    pub fn steer(&self, input: impl Into<Input>) -> SteerBuilder {
        let input = input.into();
        let problem = input.check(methods::TurnSteer::NAME).err();
        let params = TurnSteerParams::new(self.thread.id(), input.into_parts(), &self.turn_id);
        let mut steer = SteerBuilder::new(self, params);
        steer.state.error = problem;
        steer
    }

    /// Interrupts the turn. It completes with the status `interrupted`, which is reported as an
    /// event.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`TurnControl::steer`]; [`Error::Timeout`] after ten seconds, or after the
    /// deadline of requests if that is shorter. It is no error if the turn ends in the
    /// meantime.
    #[doc(alias("cancel", "abort", "stop"))]
    pub fn interrupt(&self) -> InterruptBuilder {
        let params = TurnInterruptParams::new(self.thread.id(), &self.turn_id);
        InterruptBuilder::new(self, params)
    }

    /// Interrupts the turn in the background, because no task waits for it.
    pub(super) fn interrupt_detached(&self) {
        let control = Self {
            thread: self.thread.in_background(),
            ..self.clone()
        };
        let detached = &self.client().session.detached;
        detached.spawn(async move { control.interrupt_now().await });
    }

    pub(super) async fn interrupt_now(&self) {
        if let Err(error) = self.interrupt().send().await {
            tracing::debug!(%error, "an abandoned turn could not be interrupted");
        }
    }
}

impl SteerBuilder {
    pub(crate) async fn send(mut self) -> Result<TurnSteerResponse, Error> {
        self.state.check()?;
        steer(self.target.client(), self.params).await
    }
}

/// Sends `turn/steer`. An image in the input is not copied.
pub(crate) async fn steer(
    client: &Client,
    params: TurnSteerParams,
) -> Result<TurnSteerResponse, Error> {
    let (sent, method) = (Sent::of::<methods::TurnSteer>(), methods::TurnSteer::NAME);
    let params = Params::encode_input(method, params, |it| &mut it.input);
    let (response, _) = client.checked(sent, params, None).await?;
    client.typed(method, &response)
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
            // The end of the turn is equivalent to a response.
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

    /// Sends the request; for a review, a second time with the id of the inner turn.
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
