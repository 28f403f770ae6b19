//! How turns and reviews are started; the blocking face.

use std::time::Instant;

use codex_types::{Field, TurnStartParams, methods};

use super::{TurnControl, TurnHandle, TurnStream};
use crate::blocking::Thread;
use crate::error::Error;
use crate::generated::wrappers::blocking::{Review, Run, Turn};
use crate::result::TurnResult;
use crate::thread_settings::{Details, configured, details};
use crate::wrappers::Extras;

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
    let client = thread.client();
    let asked = client.request_turn::<methods::TurnStart>(thread.id().as_str(), &params);
    let (answer, events) = asked?;
    let control = TurnControl::new(thread, answer.turn.id);
    let stream = TurnStream::new(control.clone(), events)
        .limited(extras.deadline, started)
        .interrupted_on_drop(extras.interrupt_on_drop);
    Ok(TurnHandle { control, stream })
}
