//! How turns and reviews are started; the blocking face.

use std::sync::mpsc::{SendError, sync_channel};
use std::task::Poll;
use std::time::Instant;

use codex_types::{Field, Method as _, TurnStartParams, TurnStartResponse, methods};

use super::{TurnControl, TurnHandle, TurnStream};
use crate::blocking::cancellation::Flag;
use crate::blocking::client::drive;
use crate::blocking::{Cancellation, Events, Thread};
use crate::connection::park;
use crate::error::Error;
use crate::generated::blocking::builders::{Review, Run, Turn};
use crate::shared::builder_state::Extras;
use crate::shared::result::TurnResult;
use crate::shared::thread_settings::{Details, configured, details};

impl Turn {
    pub(crate) fn send(mut self) -> Result<TurnHandle, Error> {
        self.extras.check()?;
        start(self.target, self.params, &self.extras)
    }
}

impl Run {
    pub(crate) fn send(mut self) -> Result<TurnResult, Error> {
        self.extras.check()?;
        let span = tracing::debug_span!(
            "codex.turn",
            thread = self.target.id().as_str(),
            turn = tracing::field::Empty,
        );
        let _entered = span.clone().entered();
        let mut handle = start(self.target, self.params, &self.extras)?;
        span.record("turn", handle.id().as_str());
        handle.run()
    }
}

impl Review {
    pub(crate) fn send(mut self) -> Result<TurnHandle, Error> {
        self.extras.check()?;
        let thread = self.target;
        let client = thread.client();
        let asked = client.request_turn::<methods::ReviewStart>(thread.id().as_str(), &self.params);
        let (answer, events) = asked?;
        // The events come on the thread that the review takes place on.
        let place = if answer.review_thread_id == *thread.id() {
            thread
        } else {
            thread.codex().thread(answer.review_thread_id)
        };
        let control = TurnControl::of_review(place, answer.turn.id);
        let stream = TurnStream::new(control.clone(), events);
        Ok(TurnHandle { control, stream })
    }
}

fn start(
    thread: Thread,
    mut params: TurnStartParams,
    extras: &Extras,
) -> Result<TurnHandle, Error> {
    let started = Instant::now();
    if extras.configured_sandbox {
        let policy = match details(thread.settings(), &params.cwd) {
            Details::Known(policy) => policy,
            Details::Ask(params) => {
                let answer = thread.client().request::<methods::ConfigRead>(&params)?;
                configured(&answer)
            }
        };
        params.sandbox_policy = Field::Value(policy);
    }
    let own = extras.cancellation.as_ref();
    let cancellation = own.or(thread.client().cancellation.as_ref()).cloned();
    let (answer, events) = match &cancellation {
        Some(cancellation) => open_supervised(thread.clone(), params, cancellation)?,
        None => open(&thread, &params)?,
    };
    let control = TurnControl::new(thread, answer.turn.id);
    let stream = TurnStream::new(control.clone(), events)
        .limited(extras.deadline, started)
        .cancelled_by(cancellation)
        .interrupted_on_drop(extras.interrupt_on_drop);
    Ok(TurnHandle { control, stream })
}

type Opened = Result<(TurnStartResponse, Events), Error>;

fn open(thread: &Thread, params: &TurnStartParams) -> Opened {
    let client = thread.client();
    client.request_turn::<methods::TurnStart>(thread.id().as_str(), params)
}

/// Starts a turn on a thread of its own: when it is cancelled before the answer has come, there
/// is still somebody to learn which turn has to be interrupted.
fn open_supervised(thread: Thread, params: TurnStartParams, by: &Cancellation) -> Opened {
    let method = methods::TurnStart::NAME;
    let cancelled = || Error::Cancelled {
        method: method.to_owned(),
    };
    if by.is_cancelled() {
        return Err(cancelled());
    }
    let answered = Flag::default();
    // Without room, so that an answer is either taken or given back.
    let (sender, receiver) = sync_channel(0);
    let is_answered = answered.clone();
    let ask = move || {
        let thread = thread.uncancelled();
        let opened = open(&thread, &params);
        is_answered.raise();
        if let Err(SendError(Ok((answer, _)))) = sender.send(opened) {
            TurnControl::new(thread, answer.turn.id).interrupt_detached();
        }
    };
    drive::spawn("codex-turn", ask).map_err(|error| Error::InvalidArgument {
        method: method.to_owned(),
        problem: format!("no thread: {error}"),
    })?;
    park::forever(|context| match answered.poll_raised(context) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => by.poll_cancelled(context),
    });
    if answered.is_raised() {
        return receiver.recv().unwrap_or_else(|_| Err(cancelled()));
    }
    Err(cancelled())
}
