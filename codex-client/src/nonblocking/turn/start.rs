//! The start of turns and reviews.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use codex_types::{Field, Method as _, TurnStartParams, TurnStartResponse, methods};
use tracing::{Instrument as _, Span};

use super::span;
use super::{TurnControl, TurnHandle, TurnStream};
use crate::connection::cancellation::Cancellation;
use crate::connection::params::Params;
use crate::connection::settings::Retry;
use crate::connection::timer::{self, Timer};
use crate::connection::{StartingTurn, UntilClosed};
use crate::error::Error;
use crate::generated::nonblocking::builders::{ReviewBuilder, RunBuilder, TurnBuilder};
use crate::nonblocking::client::{Client, Events};
use crate::nonblocking::supervised::Supervised;
use crate::nonblocking::thread::Thread;
use crate::shared::builder_state::BuilderState;
use crate::shared::result::TurnResult;
use crate::shared::thread_settings::{Details, ask_client, configured, details};

impl TurnBuilder {
    pub(crate) async fn send(mut self) -> Result<TurnHandle, Error> {
        self.state.check()?;
        start(self.target, self.params, self.state).await
    }
}

impl RunBuilder {
    pub(crate) async fn send(mut self) -> Result<TurnResult, Error> {
        self.state.check()?;
        let Some(retry) = self.state.retry else {
            return run(self.target, self.params, self.state).await;
        };
        let begin = timer::now();
        let mut delays = retry.delays();
        let deadline = self.state.deadline;
        let cancellation = self.state.cancellation.clone();
        let cancellation = cancellation.or_else(|| self.target.client().cancellation.clone());
        loop {
            let (thread, params) = (self.target.clone(), self.params.clone());
            let error = match run(thread, params, self.state.clone()).await {
                Err(error @ Error::TurnFailed(_)) if error.is_retryable() => error,
                outcome => return outcome,
            };
            let Some(delay) = delays.next() else {
                return Err(error);
            };
            // The deadline is that of all attempts.
            let spent = timer::now().saturating_duration_since(begin) + delay;
            self.state.deadline = deadline.map(|deadline| deadline.saturating_sub(spent));
            if self.state.deadline.is_some_and(|rest| rest.is_zero()) {
                return Err(error);
            }
            tracing::debug!(?delay, "the turn failed before it had any effect: retrying");
            let mut closed = self.target.client().session.connection.until_closed();
            pause(delay, cancellation.as_ref(), &mut closed).await?;
        }
    }

    /// Runs the turn again if it failed before it had any effect: the model's servers were overloaded,
    /// or the connection to them broke, and nothing but the user's message was completed. Never by
    /// default. Each attempt is a turn of the thread, so that the model sees the input again. The
    /// deadline is that of all attempts. A cancellation ends a pause between two of them with
    /// [`Error::Cancelled`].
    pub fn retry(mut self, retry: Retry) -> Self {
        self.state.retry = Some(retry);
        self
    }
}

/// Waits for this time, for the cancellation, or for the end of the connection, which the next attempt
/// reports.
async fn pause(
    delay: Duration,
    cancellation: Option<&Cancellation>,
    closed: &mut UntilClosed,
) -> Result<(), Error> {
    let mut cancelled = cancellation.map(Cancellation::wait);
    let mut timer = Timer::after(Some(delay));
    poll_fn(|context| {
        let cancelled = cancelled.as_mut().map(|it| it.poll(context).is_ready());
        if cancelled == Some(true) {
            let method = methods::TurnStart::NAME.to_owned();
            return Poll::Ready(Err(Error::Cancelled { method }));
        }
        if closed.poll(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        timer.poll_passed(context).map(Ok)
    })
    .await
}

async fn run(
    thread: Thread,
    params: TurnStartParams,
    state: BuilderState,
) -> Result<TurnResult, Error> {
    let mut handle = start(thread, params, state).await?;
    let span = handle.stream.span();
    handle.run().instrument(span).await
}

impl ReviewBuilder {
    pub(crate) async fn send(mut self) -> Result<TurnHandle, Error> {
        self.state.check()?;
        let thread = self.target;
        let client = thread.client();
        let review =
            client.request_turn::<methods::ReviewStart>(thread.id().as_str(), &self.params);
        let (response, events) = review.await?;
        // The events belong to the thread in which the review runs.
        let place = if response.review_thread_id == *thread.id() {
            thread
        } else {
            thread.codex().thread(response.review_thread_id)
        };
        let cancellation = place.client().cancellation.clone();
        let control = TurnControl::of_review(place, response.turn.id);
        let stream = TurnStream::new(control.clone(), events).cancelled_by(cancellation.as_ref());
        Ok(TurnHandle { control, stream })
    }
}

/// Starts a turn in a span of its own.
async fn start(
    thread: Thread,
    params: TurnStartParams,
    mut state: BuilderState,
) -> Result<TurnHandle, Error> {
    let thread = thread.traced(state.trace.take());
    let span = span::new(&thread, &params);
    let start = start_in(thread, params, state, span.clone());
    start.instrument(span).await
}

async fn start_in(
    thread: Thread,
    mut params: TurnStartParams,
    state: BuilderState,
    span: Span,
) -> Result<TurnHandle, Error> {
    let started = timer::now();
    let folder = params.cwd.as_option().map(String::as_str);
    let session = &thread.client().session;
    session.check_folder(methods::TurnStart::NAME, folder)?;
    let cancellation = state.cancellation.or(thread.client().cancellation.clone());
    if state.configured_sandbox {
        let client = thread.client().cancelled_by(cancellation.clone());
        params.sandbox_policy = Field::Value(configured_sandbox(&client, &thread, &params).await?);
    }
    let is_supervised = state.interrupt_on_drop || cancellation.is_some();
    let asks = state.approvals_in_stream;
    if asks || state.policy.is_some() {
        ask_client(&mut params);
    }
    let connection = &session.connection;
    let policy = state.policy;
    let starting = policy.map(|it| StartingTurn::new(connection, thread.id().as_str(), it));
    let opening = open(&thread, params, is_supervised, asks);
    let (response, events) = opening.run(cancellation.as_ref()).await?;
    if let Some(starting) = starting {
        starting.started(response.turn.id.as_str());
    }
    let control = TurnControl::new(thread, response.turn.id);
    let settings = &control.client().session.settings;
    span.record("turn", control.id().as_str());
    let stream = TurnStream::new(control.clone(), events)
        .in_span(span)
        .limited(state.deadline.or(settings.turn_deadline), started)
        .idle_limited(state.idle_limit.or(settings.turn_idle_limit))
        .cancelled_by(cancellation.as_ref())
        .interrupted_on_drop(state.interrupt_on_drop);
    Ok(TurnHandle { control, stream })
}

/// The sandbox of a turn that may write in its working directory.
async fn configured_sandbox(
    client: &Client,
    thread: &Thread,
    params: &TurnStartParams,
) -> Result<codex_types::SandboxPolicy, Error> {
    match details(thread.settings(), &params.cwd) {
        Details::Known(policy) => Ok(policy),
        Details::Read(params) => {
            let method = methods::ConfigRead::NAME;
            let response = client.request_raw(method, &params).await?;
            client.part(method, &response, configured)
        }
    }
}

/// Sends `turn/start`. A supervised turn that is dropped before its response is interrupted after
/// the response, which identifies the turn.
fn open(
    thread: &Thread,
    params: TurnStartParams,
    is_supervised: bool,
    takes_requests: bool,
) -> Supervised<(TurnStartResponse, Events)> {
    let thread = thread.in_background();
    let (client, id) = (thread.client().clone(), thread.id().clone());
    let detached = client.session.detached.clone();
    let encoded = Params::encode_input(methods::TurnStart::NAME, params, |it| &mut it.input);
    let request = async move {
        let id = id.as_str();
        let request = client.request_turn_with::<methods::TurnStart>(id, encoded, takes_requests);
        request.await
    };
    let request = Supervised::new(methods::TurnStart::NAME, &detached, request);
    if !is_supervised {
        return request;
    }
    request.undone_by(|(response, _): (TurnStartResponse, Events)| async move {
        TurnControl::new(thread, response.turn.id)
            .interrupt_now()
            .await;
    })
}
