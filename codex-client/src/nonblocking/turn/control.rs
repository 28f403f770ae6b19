//! Steering and interrupting a turn.

use std::time::Duration;

use codex_types::{ThreadId, TurnId, TurnInterruptParams, TurnSteerParams, methods};

use super::stream::TurnStream;
use crate::error::Error;
use crate::generated::nonblocking::builders::{Interrupt, Steer};
use crate::nonblocking::client::{Client, Events};
use crate::nonblocking::thread::Thread;
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

    /// Interrupts the turn when nobody is left to wait for it. Outside a tokio runtime there
    /// is nobody to do it.
    pub(super) fn interrupt_detached(&self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let interrupt = self.interrupt();
        runtime.spawn(async move {
            if let Err(error) = interrupt.await {
                tracing::debug!(%error, "a turn that nobody waits for was not interrupted");
            }
        });
    }
}

impl Interrupt {
    pub(crate) async fn send(mut self) -> Result<(), Error> {
        self.extras.check()?;
        let ended = self.target.events()?;
        let answered = async {
            match self.ask(&self.params).await {
                Err(error) if self.target.is_review => match other_active_turn(&error) {
                    Some(inner) => {
                        self.ask(&TurnInterruptParams::new(self.target.thread_id(), inner))
                            .await
                    }
                    None => Err(error),
                },
                answer => answer,
            }
        };
        tokio::select! {
            biased;
            answer = tokio::time::timeout(INTERRUPT_LIMIT, answered) => {
                answer.unwrap_or_else(|_| Err(not_answered()))
            }
            () = drained(ended) => Ok(()),
        }
    }

    async fn ask(&self, params: &TurnInterruptParams) -> Result<(), Error> {
        let client = self.target.client();
        client.request::<methods::TurnInterrupt>(params).await?;
        Ok(())
    }
}

fn not_answered() -> Error {
    Error::Timeout {
        method: "turn/interrupt".to_owned(),
        after: INTERRUPT_LIMIT,
    }
}

/// Ends with the turn.
async fn drained(mut events: Events) {
    while events.next().await.is_some() {}
}
