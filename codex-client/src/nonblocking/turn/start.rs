//! How turns and reviews are started.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use codex_types::{Field, Method as _, TurnStartParams, TurnStartResponse, methods};
use tracing::Instrument as _;

use super::{TurnControl, TurnHandle, TurnStream};
use crate::connection::cancellation::Cancellation;
use crate::connection::timer;
use crate::error::Error;
use crate::generated::nonblocking::builders::{Review, Run, Turn};
use crate::nonblocking::client::{Client, Events};
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
        let review =
            client.request_turn::<methods::ReviewStart>(thread.id().as_str(), &self.params);
        let (response, events) = review.await?;
        // The events come on the thread that the review takes place on.
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

async fn start(
    thread: Thread,
    mut params: TurnStartParams,
    extras: Extras,
) -> Result<TurnHandle, Error> {
    let started = timer::now();
    let cancellation = extras.cancellation.or(thread.client().cancellation.clone());
    if extras.configured_sandbox {
        let client = thread.client().cancelled_by(cancellation.clone());
        params.sandbox_policy = Field::Value(configured_sandbox(&client, &thread, &params).await?);
    }
    let opening = Opening::new(
        &thread,
        params,
        extras.interrupt_on_drop || cancellation.is_some(),
    );
    let (response, events) = opening.run(cancellation.as_ref()).await?;
    let control = TurnControl::new(thread, response.turn.id);
    let stream = TurnStream::new(control.clone(), events)
        .limited(extras.deadline, started)
        .cancelled_by(cancellation.as_ref())
        .interrupted_on_drop(extras.interrupt_on_drop);
    Ok(TurnHandle { control, stream })
}

/// The sandbox of a turn that may write in its working folder.
async fn configured_sandbox(
    client: &Client,
    thread: &Thread,
    params: &TurnStartParams,
) -> Result<codex_types::SandboxPolicy, Error> {
    match details(thread.settings(), &params.cwd) {
        Details::Known(policy) => Ok(policy),
        Details::Ask(params) => {
            let response = client.request::<methods::ConfigRead>(&params).await?;
            Ok(configured(&response))
        }
    }
}

type Opened = Result<(TurnStartResponse, Events), Error>;

/// A `turn/start` on its way. Dropped before it is answered, its response is still waited for, in
/// the background: only then it is known which turn has to be interrupted.
struct Opening {
    thread: Thread,
    request: Option<Pin<Box<dyn Future<Output = Opened> + Send>>>,
    is_supervised: bool,
    is_sent: bool,
}

impl Opening {
    fn new(thread: &Thread, params: TurnStartParams, is_supervised: bool) -> Self {
        let thread = thread.uncancelled();
        let (client, id) = (thread.client().clone(), thread.id().clone());
        let request = async move {
            let request = client.request_turn::<methods::TurnStart>(id.as_str(), &params);
            request.await
        };
        Self {
            thread,
            request: Some(Box::pin(request)),
            is_supervised,
            is_sent: false,
        }
    }

    async fn run(mut self, cancellation: Option<&Cancellation>) -> Opened {
        let mut cancelled = cancellation.map(Cancellation::wait);
        poll_fn(|context| {
            let is_cancelled = cancelled
                .as_mut()
                .is_some_and(|it| it.poll(context).is_ready());
            // What was not sent yet is not sent.
            if self.is_sent || !is_cancelled {
                if let Poll::Ready(opened) = self.poll(context) {
                    return Poll::Ready(opened);
                }
            }
            if !is_cancelled {
                return Poll::Pending;
            }
            let method = methods::TurnStart::NAME.to_owned();
            Poll::Ready(Err(Error::Cancelled { method }))
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Opened> {
        let Some(request) = &mut self.request else {
            return Poll::Pending;
        };
        self.is_sent = true;
        let opened = std::task::ready!(request.as_mut().poll(context));
        self.request = None;
        Poll::Ready(opened)
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let Some(request) = self
            .request
            .take()
            .filter(|_| self.is_supervised && self.is_sent)
        else {
            return;
        };
        let thread = self.thread.clone();
        let detached = &self.thread.client().session.detached;
        detached.spawn(async move {
            if let Ok((response, _)) = request.await {
                TurnControl::new(thread, response.turn.id)
                    .interrupt_now()
                    .await;
            }
        });
    }
}
