//! The events of a turn, and what they add up to; the blocking face.

use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use codex_types::{Method as _, TurnId, methods};

use super::control::TurnControl;
use super::text::TextDeltas;
use crate::blocking::{Cancellation, Events, NotYet};
use crate::connection::park;
use crate::error::Error;
use crate::shared::event::Event;
use crate::shared::result::{TurnCollector, TurnResult, TurnTimedOut};

/// How long the end of a turn is waited for that was interrupted: it took too long, or was
/// cancelled.
const LAST_WAIT: Duration = Duration::from_secs(10);

/// The events of a turn in the order the runtime sent them, up to the one that ends it; an
/// iterator that waits for each.
///
/// An error tells what this iterator did not get to see: [`Error::Lagged`] when it was not
/// read in time; then it goes on. [`Error::TurnTimedOut`] when the turn has taken longer than
/// its deadline allowed; it is being interrupted, and the iterator goes on. After any other
/// there is nothing more.
///
/// What was read is remembered for [`TurnStream::run`]. Dropping it leaves the turn and its
/// other streams alone, unless the turn's builder was told to interrupt it.
#[derive(Debug)]
pub struct TurnStream {
    control: TurnControl,
    events: Events,
    collector: TurnCollector,
    limit: Option<Limit>,
    cancellation: Option<Cancellation>,
    /// When the end of a turn that was cancelled is no longer waited for.
    given_up_at: Option<Instant>,
    interrupt_on_drop: bool,
    /// That the end is missing was told.
    told_incomplete: bool,
}

#[derive(Debug)]
struct Limit {
    after: Duration,
    at: Instant,
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
            cancellation: None,
            given_up_at: None,
            interrupt_on_drop: false,
            told_incomplete: false,
        }
    }

    pub(super) fn limited(mut self, deadline: Option<Duration>, started: Instant) -> Self {
        self.limit = deadline.and_then(|after| {
            let at = started.checked_add(after)?;
            Some(Limit {
                after,
                at,
                passed: false,
            })
        });
        self
    }

    pub(super) fn cancelled_by(mut self, cancellation: Option<Cancellation>) -> Self {
        self.cancellation = cancellation;
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

    /// The next event, if there is one within this time.
    ///
    /// # Errors
    ///
    /// [`NotYet`] when the time has passed; the events go on.
    pub fn next_within(&mut self, limit: Duration) -> Result<Option<Result<Event, Error>>, NotYet> {
        self.next_until(Instant::now().checked_add(limit))
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
    pub fn run(&mut self) -> Result<TurnResult, Error> {
        loop {
            match self.next() {
                Some(Ok(_) | Err(Error::Lagged { .. })) => {}
                Some(Err(Error::TurnTimedOut(_))) => {
                    self.drain();
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

    /// The turn's end tells how far it came; without one it is not waited for long.
    fn drain(&mut self) {
        let deadline = Instant::now().checked_add(LAST_WAIT);
        while let Ok(Some(event)) = self.next_until(deadline) {
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

    /// The next event before the caller's deadline; the turn's own is an event.
    fn next_until(
        &mut self,
        deadline: Option<Instant>,
    ) -> Result<Option<Result<Event, Error>>, NotYet> {
        loop {
            let limit = self.limit.as_ref().filter(|limit| !limit.passed);
            let limit = limit.map(|limit| limit.at);
            let own = [limit, self.given_up_at, deadline];
            let first = own.into_iter().flatten().min();
            match park::until(first, |context| self.poll_next(context)) {
                Some(Next::Item(item)) => return Ok(self.take_in(item)),
                Some(Next::Cancelled) => self.interrupt_cancelled(),
                None if first == limit => return Ok(self.pass_limit()),
                None if first == self.given_up_at => return Ok(Some(Err(self.give_up()))),
                None => return Err(NotYet),
            }
        }
    }

    fn poll_next(&mut self, context: &Context<'_>) -> Poll<Next> {
        if let Poll::Ready(item) = self.events.poll_next(context) {
            return Poll::Ready(Next::Item(item));
        }
        match &self.cancellation {
            Some(cancellation) => cancellation
                .poll_cancelled(context)
                .map(|()| Next::Cancelled),
            None => Poll::Pending,
        }
    }

    /// The turn was cancelled: it is interrupted, and its end is not waited for long.
    fn interrupt_cancelled(&mut self) {
        self.cancellation = None;
        self.given_up_at = Instant::now().checked_add(LAST_WAIT);
        self.control.interrupt_detached();
    }

    /// The end of a turn that was cancelled did not come.
    fn give_up(&mut self) -> Error {
        self.given_up_at = None;
        self.told_incomplete = true;
        Error::Cancelled {
            method: methods::TurnStart::NAME.to_owned(),
        }
    }

    fn take_in(&mut self, item: Option<Result<Event, Error>>) -> Option<Result<Event, Error>> {
        match &item {
            Some(Ok(event)) => self.collector.observe(event),
            // Nothing comes after an error that ends the events, and nothing is missing.
            Some(Err(error)) => self.told_incomplete |= error.ends_events(),
            None if !self.collector.is_complete() && !self.told_incomplete => {
                self.told_incomplete = true;
                let turn_id = self.control.id().clone();
                return Some(Err(Error::TurnIncomplete { turn_id }));
            }
            None => {}
        }
        item
    }

    fn pass_limit(&mut self) -> Option<Result<Event, Error>> {
        if let Some(limit) = &mut self.limit {
            limit.passed = true;
        }
        self.control.interrupt_detached();
        self.timed_out().map(Err)
    }
}

/// What was waited for.
enum Next {
    Item(Option<Result<Event, Error>>),
    Cancelled,
}

impl Iterator for TurnStream {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // Without a deadline of the caller there is an event, however late.
            if let Ok(item) = self.next_until(None) {
                return item;
            }
        }
    }
}

impl Drop for TurnStream {
    fn drop(&mut self) {
        if self.interrupt_on_drop && !self.collector.is_complete() && !self.told_incomplete {
            self.control.interrupt_detached();
        }
    }
}
