//! The events of a turn, and what they add up to.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use codex_types::TurnId;
use futures_core::Stream;
use tokio::time::{Instant, Sleep};

use super::control::TurnControl;
use super::text::TextDeltas;
use crate::error::Error;
use crate::nonblocking::client::Events;
use crate::shared::event::Event;
use crate::shared::result::{TurnCollector, TurnResult, TurnTimedOut};

/// How long the end of a turn is waited for that was interrupted because it took too long.
const LAST_WAIT: Duration = Duration::from_secs(10);

/// The events of a turn in the order the runtime sent them, up to the one that ends it.
///
/// What was read is remembered for [`TurnStream::run`]. Dropping the stream leaves the turn
/// and its other streams alone, unless the turn's builder was told to interrupt it.
#[derive(Debug)]
pub struct TurnStream {
    control: TurnControl,
    events: Events,
    collector: TurnCollector,
    limit: Option<Limit>,
    interrupt_on_drop: bool,
    /// That the end is missing was told.
    told_incomplete: bool,
}

#[derive(Debug)]
struct Limit {
    after: Duration,
    timer: Pin<Box<Sleep>>,
    passed: bool,
}

impl TurnStream {
    pub(super) fn new(control: TurnControl, events: Events) -> Self {
        let (thread, turn) = (control.thread_id().clone(), control.id().clone());
        Self {
            control,
            events,
            collector: TurnCollector::new(thread, turn),
            limit: None,
            interrupt_on_drop: false,
            told_incomplete: false,
        }
    }

    pub(super) fn limited(mut self, deadline: Option<Duration>, started: Instant) -> Self {
        self.limit = deadline.map(|after| Limit {
            after,
            timer: Box::pin(tokio::time::sleep_until(started + after)),
            passed: false,
        });
        self
    }

    pub(super) fn interrupted_on_drop(mut self, enabled: bool) -> Self {
        self.interrupt_on_drop = enabled;
        self
    }

    /// The turn.
    pub fn turn_id(&self) -> &TurnId {
        self.control.id()
    }

    /// The next event; `None` after the one that ends the turn, again and again. May be
    /// cancelled without losing any.
    ///
    /// An error tells what this stream did not get to see: [`Error::Lagged`] when it was not
    /// read in time; then it goes on. [`Error::TurnTimedOut`] when the turn has taken longer
    /// than its deadline allowed; it is being interrupted, and the stream goes on. After any
    /// other there is nothing more.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        poll_fn(|context| self.poll_event(context)).await
    }

    /// Only the text of the model's messages, as it comes; commentary and answer alike.
    pub fn text_deltas(&mut self) -> TextDeltas<'_> {
        TextDeltas::new(self)
    }

    /// Reads on to the end of the turn and gives its result, together with what was read
    /// before. Asked again, it gives the same.
    ///
    /// # Errors
    ///
    /// [`Error::TurnFailed`] and [`Error::TurnTimedOut`], which have in them what the turn had
    /// produced; [`Error::TurnUnreadable`], which has it, too; [`Error::Closed`],
    /// [`Error::Overrun`], and [`Error::TurnIncomplete`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: it can be called again.
    pub async fn run(&mut self) -> Result<TurnResult, Error> {
        loop {
            match self.next().await {
                Some(Ok(_) | Err(Error::Lagged { .. })) => {}
                Some(Err(Error::TurnTimedOut(_))) => {
                    // Its end tells how far it came; without one it is not waited for long.
                    let _ = tokio::time::timeout(LAST_WAIT, self.drain()).await;
                    break;
                }
                Some(Err(error)) => return Err(error),
                None => break,
            }
        }
        match self.timed_out() {
            Some(error) => Err(error),
            None => self.collector.finish(),
        }
    }

    /// What the turn has produced so far, in the events that were read.
    pub fn snapshot(&self) -> TurnResult {
        self.collector.snapshot()
    }

    async fn drain(&mut self) {
        while let Some(event) = self.next().await {
            if event.is_err_and(|error| !matches!(error, Error::Lagged { .. })) {
                return;
            }
        }
    }

    fn timed_out(&self) -> Option<Error> {
        let limit = self.limit.as_ref().filter(|limit| limit.passed)?;
        Some(Error::TurnTimedOut(Box::new(TurnTimedOut {
            result: self.collector.snapshot(),
            after: limit.after,
        })))
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Event, Error>>> {
        match Pin::new(&mut self.events).poll_next(context) {
            Poll::Ready(Some(Ok(event))) => {
                self.collector.observe(&event);
                Poll::Ready(Some(Ok(event)))
            }
            Poll::Ready(None) if !self.collector.is_complete() && !self.told_incomplete => {
                self.told_incomplete = true;
                let turn_id = self.control.id().clone();
                Poll::Ready(Some(Err(Error::TurnIncomplete { turn_id })))
            }
            Poll::Ready(item) => {
                // Nothing comes after an error that ends the events, and nothing is missing.
                self.told_incomplete |= matches!(&item, Some(Err(error)) if error.ends_events());
                Poll::Ready(item)
            }
            Poll::Pending => self.poll_limit(context),
        }
    }

    fn poll_limit(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Event, Error>>> {
        let Some(limit) = self.limit.as_mut().filter(|limit| !limit.passed) else {
            return Poll::Pending;
        };
        std::task::ready!(limit.timer.as_mut().poll(context));
        limit.passed = true;
        self.control.interrupt_detached();
        Poll::Ready(self.timed_out().map(Err))
    }
}

impl Stream for TurnStream {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(context)
    }
}

impl Drop for TurnStream {
    fn drop(&mut self) {
        if self.interrupt_on_drop && !self.collector.is_complete() && !self.told_incomplete {
            self.control.interrupt_detached();
        }
    }
}
