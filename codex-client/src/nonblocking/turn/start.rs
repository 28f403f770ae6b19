//! How turns and reviews are started.

use codex_types::{Field, TurnStartParams, TurnStartResponse, methods};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{TurnControl, TurnHandle, TurnStream};
use crate::error::Error;
use crate::generated::nonblocking::builders::{Review, Run, Turn};
use crate::nonblocking::client::Events;
use crate::nonblocking::thread::Thread;
use crate::shared::builder_state::Extras;
use crate::shared::result::TurnResult;
use crate::shared::thread_settings::{Details, configured, details};

impl Turn {
    pub(crate) async fn send(mut self) -> Result<TurnHandle, Error> {
        self.extras.check()?;
        start(self.target, self.params, self.extras).await
    }
}

impl Run {
    pub(crate) async fn send(mut self) -> Result<TurnResult, Error> {
        self.extras.check()?;
        let span = tracing::debug_span!(
            "codex.turn",
            thread = self.target.id().as_str(),
            turn = tracing::field::Empty,
        );
        let run = async move {
            let mut handle = start(self.target, self.params, self.extras).await?;
            tracing::Span::current().record("turn", handle.id().as_str());
            handle.run().await
        };
        run.instrument(span).await
    }
}

impl Review {
    pub(crate) async fn send(mut self) -> Result<TurnHandle, Error> {
        self.extras.check()?;
        let thread = self.target;
        let client = thread.client();
        let asked = client.request_turn::<methods::ReviewStart>(thread.id().as_str(), &self.params);
        let (answer, events) = asked.await?;
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

async fn start(
    thread: Thread,
    mut params: TurnStartParams,
    extras: Extras,
) -> Result<TurnHandle, Error> {
    let started = Instant::now();
    if extras.configured_sandbox {
        let policy = match details(thread.settings(), &params.cwd) {
            Details::Known(policy) => policy,
            Details::Ask(params) => {
                let answer = thread
                    .client()
                    .request::<methods::ConfigRead>(&params)
                    .await?;
                configured(&answer)
            }
        };
        params.sandbox_policy = Field::Value(policy);
    }
    let (answer, events) = if extras.interrupt_on_drop {
        open_supervised(thread.clone(), params).await?
    } else {
        open(&thread, &params).await?
    };
    let control = TurnControl::new(thread, answer.turn.id);
    let stream = TurnStream::new(control.clone(), events)
        .limited(extras.deadline, started)
        .interrupted_on_drop(extras.interrupt_on_drop);
    Ok(TurnHandle { control, stream })
}

type Opened = Result<(TurnStartResponse, Events), Error>;

async fn open(thread: &Thread, params: &TurnStartParams) -> Opened {
    let client = thread.client();
    client
        .request_turn::<methods::TurnStart>(thread.id().as_str(), params)
        .await
}

/// Starts a turn on a task of its own: when nobody waits for the answer any more, there is
/// still somebody to learn which turn has to be interrupted.
async fn open_supervised(thread: Thread, params: TurnStartParams) -> Opened {
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let opened = open(&thread, &params).await;
        if let Err(Ok((answer, _))) = sender.send(opened) {
            TurnControl::new(thread, answer.turn.id).interrupt_detached();
        }
    });
    // The task ends without an answer only when its runtime does.
    receiver.await.unwrap_or_else(|_| {
        Err(Error::Cancelled {
            method: "turn/start".to_owned(),
        })
    })
}
