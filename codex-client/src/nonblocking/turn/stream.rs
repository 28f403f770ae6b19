//! The events of a turn, and its result.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use codex_types::{Method as _, TurnId, methods};
use serde_json::json;
use tracing::Span;

use super::control::TurnControl;
use super::span;
use super::text::TextDeltas;
use crate::connection::cancellation::{Cancellation, UntilCancelled};
use crate::connection::threads::OpenTurn;
use crate::connection::timer::{self, Timer, within};
use crate::connection::{IncomingRequest, Received, SubAgents};
use crate::error::Error;
use crate::nonblocking::client::Events;
use crate::shared::approval::{Approval, PassedOn};
use crate::shared::earlier::Earlier;
use crate::shared::event::Event;
use crate::shared::result::{TurnLimit, TurnResult};
use crate::shared::turn::TurnCursor;
use crate::shared::turn_event::TurnEvent;

/// The events of a turn in the order the runtime sent them, up to the last one.
///
/// Events that were read are part of the result of [`TurnStream::run`]. Dropping the stream does
/// not affect the turn and its other streams, unless the turn's builder has `interrupt_on_drop`.
pub struct TurnStream {
    control: TurnControl,
    events: Events,
    cursor: TurnCursor,
    sub_agents: Arc<SubAgents>,
    deadline: Option<(Duration, Timer)>,
    idle: Option<IdleLimit>,
    cancelled: Option<UntilCancelled>,
    /// Set once the turn was cancelled.
    grace: Option<Timer>,
    interrupt_on_drop: bool,
    /// The events before it was attached; empty for a turn that was started here.
    earlier: Earlier,
    /// Set while the stream waits for the end of the turn.
    open: Option<OpenTurn>,
    /// The span of the turn, if this stream has started it, up to its end.
    span: Option<Span>,
}

impl TurnStream {
    pub(super) fn new(control: TurnControl, events: Events) -> Self {
        let (thread, turn) = (control.thread_id().clone(), control.id().clone());
        let session = &control.client().session;
        let budget = session.settings.result_budget;
        let sub_agents = Arc::clone(&session.connection.sub_agents);
        Self {
            open: Some(session.threads.open_turn(thread.as_str())),
            control,
            events,
            cursor: TurnCursor::new(thread, turn, budget).counting(&sub_agents),
            sub_agents,
            deadline: None,
            idle: None,
            cancelled: None,
            grace: None,
            interrupt_on_drop: false,
            earlier: Earlier::default(),
            span: None,
        }
    }

    /// Ends the span with the turn.
    pub(super) fn in_span(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The span of the turn, while it is running.
    pub(super) fn span(&self) -> Span {
        self.span.clone().unwrap_or_else(Span::none)
    }

    /// Records that the turn has ended.
    fn end(&mut self) {
        self.open = None;
        if let Some(span) = self.span.take().filter(|span| !span.is_disabled()) {
            span::end(&span, &self.cursor.snapshot());
        }
    }

    pub(super) fn limited(mut self, deadline: Option<Duration>, started: Instant) -> Self {
        self.deadline = deadline.map(|after| (after, Timer::since(started, Some(after))));
        self
    }

    pub(super) fn idle_limited(mut self, limit: Option<Duration>) -> Self {
        self.idle = limit.map(IdleLimit::new);
        self
    }

    pub(super) fn cancelled_by(mut self, cancellation: Option<&Cancellation>) -> Self {
        self.cancelled = cancellation.map(Cancellation::wait);
        self
    }

    pub(super) fn interrupted_on_drop(mut self, enabled: bool) -> Self {
        self.interrupt_on_drop = enabled;
        self
    }

    pub(super) fn attached(mut self, earlier: Earlier) -> Self {
        self.earlier = earlier;
        self
    }

    /// The turn.
    pub fn turn_id(&self) -> &TurnId {
        self.control.id()
    }

    /// Returns the next event; always `None` after the last one of the turn. Cancel safe.
    ///
    /// An error reports events that this stream did not receive: [`Error::Lagged`] if it was not
    /// read in time; the stream continues. [`Error::Restarted`] if the server was lost and is
    /// connected again; the stream continues if the turn does, or if its end was missed.
    /// [`Error::TurnTimedOut`] if the turn has exceeded its deadline or its idle limit; it is being
    /// interrupted, and the stream continues. It ends after any other error.
    pub async fn next(&mut self) -> Option<Result<TurnEvent, Error>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// Returns only the streamed text of the model's messages, both commentary and answer.
    pub fn text_deltas(&mut self) -> TextDeltas<'_> {
        TextDeltas::new(self)
    }

    /// Reads the events up to the end of the turn and returns its result, including events that
    /// were read before. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Error::TurnFailed`], [`Error::TurnTimedOut`], [`Error::TurnDisconnected`] and
    /// [`Error::TurnUnreadable`], which contain the result so far; [`Error::Overrun`], and
    /// [`Error::TurnIncomplete`]. [`Error::Cancelled`] if it was cancelled, and did not complete
    /// within the client's `interrupt_grace` after that.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no events: it can be called again.
    pub async fn run(&mut self) -> Result<TurnResult, Error> {
        loop {
            match self.next().await {
                Some(Ok(event)) => pass_by(event),
                Some(Err(Error::Lagged { .. })) => {}
                // The turn goes on, or has ended meanwhile.
                Some(Err(Error::Restarted(_))) if self.cursor.is_running() => {}
                Some(Err(Error::TurnTimedOut(_))) => {
                    // The events up to its end complete the result; the wait for them is limited.
                    within(Some(self.interrupt_grace()), self.drain()).await;
                    break;
                }
                Some(Err(error)) => return Err(self.cursor.with_result(error)),
                None => break,
            }
        }
        if self.cursor.has_gap() {
            self.fill_gap().await?;
        }
        self.cursor.finish()
    }

    /// Reads the items that were missed while the server was lost: it may send the first events
    /// only a moment after it has resumed the thread.
    async fn fill_gap(&mut self) -> Result<(), Error> {
        let thread_id = self.control.thread_id().as_str();
        let params = json!({ "threadId": thread_id, "itemsView": "full", "limit": 50 });
        let client = self.control.client().cancelled_by(None);
        let method = methods::ThreadTurnsList::NAME;
        match client.request_raw(method, &params).await {
            Ok(response) => self.cursor.fill_gap(&response),
            // Not supported by this server: the history was read once.
            Err(Error::Server(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Returns the text that an event of this stream adds to the model's messages.
    pub(super) fn text_of(&self, event: &Event) -> Option<String> {
        self.cursor.text_of(event)
    }

    /// Returns the result so far, according to the events that were read.
    pub fn snapshot(&self) -> TurnResult {
        self.cursor.snapshot()
    }

    fn interrupt_grace(&self) -> Duration {
        self.control.client().session.settings.interrupt_grace
    }

    async fn drain(&mut self) {
        while let Some(event) = self.next().await {
            match event {
                Ok(event) => pass_by(event),
                Err(Error::Lagged { .. } | Error::Restarted(_)) => {}
                Err(_) => return,
            }
        }
    }

    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<TurnEvent, Error>>> {
        while !self.cursor.is_abandoned() {
            if let Some(event) = self.earlier.next() {
                let item = self.cursor.on_event(Some(Ok(event)));
                return Poll::Ready(item.map(|item| item.map(TurnEvent::Notification)));
            }
            if self.earlier.has_ended() {
                self.end();
                return Poll::Ready(None);
            }
            let Poll::Ready(item) = self.events.poll_received(context) else {
                return self.poll_limits(context).map(|error| Some(Err(error)));
            };
            if let Some(idle) = &mut self.idle {
                idle.last_event = timer::now();
            }
            let item = match item {
                Some(Ok(Received::Request(request))) => match self.pass_on(*request) {
                    Some(approval) => return Poll::Ready(Some(Ok(approval))),
                    None => continue,
                },
                Some(Ok(Received::Event(event))) if self.earlier.has(&event) => continue,
                Some(Ok(Received::Event(event))) => Some(Ok(event)),
                Some(Err(error)) => Some(Err(error)),
                None => None,
            };
            let item = self.cursor.on_event(item);
            if !self.cursor.is_running() {
                self.end();
            }
            return Poll::Ready(item.map(|item| item.map(TurnEvent::Notification)));
        }
        Poll::Ready(None)
    }

    /// Yields the approval of a request.
    fn pass_on(&mut self, request: IncomingRequest) -> Option<TurnEvent> {
        if self.earlier.is_watching() {
            // Another client decides: the request stays open until it is resolved.
            return None;
        }
        let session = &self.control.client().session;
        let connection = &session.connection;
        match Approval::new(connection, request) {
            Ok(approval) => {
                // The policy of a turn is set before its stream exists.
                let of_turn = connection.turn_policies.find(approval.received_as());
                if let Some(decided) = session.decide(of_turn.as_ref(), &approval) {
                    approval.decide_by(&decided);
                    return None;
                }
                if let Some(idle) = &mut self.idle {
                    idle.wait_for(approval.passed_on());
                }
                Some(TurnEvent::Approval(approval))
            }
            Err(request) => {
                connection.release(request.number);
                None
            }
        }
    }

    /// Polls the conditions that end the wait while there are no events.
    fn poll_limits(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        let cancelled = self.cancelled.as_mut();
        if cancelled.is_some_and(|cancelled| cancelled.poll(context).is_ready()) {
            self.cancelled = None;
            self.grace = Some(Timer::after(Some(self.interrupt_grace())));
            self.control.interrupt_detached();
        }
        if let Some((after, timer)) = &mut self.deadline {
            if timer.poll_passed(context).is_ready() {
                let error = self.cursor.on_limit(TurnLimit::Deadline, *after);
                self.deadline = None;
                self.control.interrupt_detached();
                return Poll::Ready(error);
            }
        }
        if let Some(idle) = &mut self.idle {
            let last_event = || self.sub_agents.last_event(self.control.id().as_str());
            if idle.poll_passed(context, last_event).is_ready() {
                let error = self.cursor.on_limit(TurnLimit::Idle, idle.after);
                self.idle = None;
                self.control.interrupt_detached();
                return Poll::Ready(error);
            }
        }
        match &mut self.grace {
            Some(timer) => timer
                .poll_passed(context)
                .map(|()| self.cursor.on_cancelled()),
            None => Poll::Pending,
        }
    }
}

/// The time without events, measured from the last one. An event only costs reading the clock: the
/// timer is rearmed when it fires too early.
struct IdleLimit {
    after: Duration,
    last_event: Instant,
    timer: Timer,
    /// The approvals of the stream; the turn is not idle while one of them waits.
    approvals: Vec<PassedOn>,
}

impl IdleLimit {
    fn new(after: Duration) -> Self {
        Self {
            after,
            last_event: timer::now(),
            timer: Timer::after(Some(after)),
            approvals: Vec::new(),
        }
    }

    /// Waits longer for the decision about an approval.
    fn wait_for(&mut self, approval: PassedOn) {
        const FEW: usize = 64;
        if self.approvals.len() >= FEW.max(self.approvals.capacity()) {
            self.extend();
        }
        self.approvals.push(approval);
    }

    /// Does not count the time in which a decision was pending.
    fn extend(&mut self) {
        let now = timer::now();
        let last_event = &mut self.last_event;
        self.approvals.retain(|approval| {
            let until = approval.pending_until(now);
            *last_event = until.unwrap_or(*last_event).max(*last_event);
            until == Some(now)
        });
    }

    /// Ready if neither the turn nor one of its sub-agents has had an event in time.
    fn poll_passed(
        &mut self,
        context: &mut Context<'_>,
        last_of_sub_agents: impl Fn() -> Option<Instant>,
    ) -> Poll<()> {
        while self.timer.poll_passed(context).is_ready() {
            self.extend();
            self.last_event =
                last_of_sub_agents().map_or(self.last_event, |it| it.max(self.last_event));
            if timer::now().saturating_duration_since(self.last_event) >= self.after {
                return Poll::Ready(());
            }
            self.timer = Timer::since(self.last_event, Some(self.after));
        }
        Poll::Pending
    }
}

/// Reads over an event: an approval is left to the handler of the connection.
pub(super) fn pass_by(event: TurnEvent) {
    if let TurnEvent::Approval(approval) = event {
        approval.leave_to_handler();
    }
}

impl fmt::Debug for TurnStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TurnStream")
            .field("thread_id", self.control.thread_id())
            .field("turn_id", self.control.id())
            .field("is_running", &self.cursor.is_running())
            .finish_non_exhaustive()
    }
}

impl Drop for TurnStream {
    fn drop(&mut self) {
        if self.interrupt_on_drop && self.cursor.is_running() {
            self.control.interrupt_detached();
        }
    }
}
