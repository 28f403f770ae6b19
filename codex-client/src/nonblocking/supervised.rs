//! A request whose effect has to be undone if its future is dropped.
//!
//! Independent of the request and of the way to undo it.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::connection::cancellation::Cancellation;
use crate::connection::detached::Detached;
use crate::error::Error;

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Undoes a request that was carried out, with its response.
type Undo<T> = Box<dyn FnOnce(T) -> Boxed<()> + Send>;

/// A request in flight. If it is dropped before the response, the response is awaited in the
/// background, and the effect is undone: only the response names the started item.
pub(crate) struct Supervised<T: Send + 'static> {
    method: &'static str,
    request: Option<Boxed<Result<T, Error>>>,
    undo: Option<Undo<T>>,
    detached: Detached,
    is_sent: bool,
}

impl<T: Send + 'static> Supervised<T> {
    /// Creates a request without an undo action.
    pub(crate) fn new(
        method: &'static str,
        detached: &Detached,
        request: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Self {
        Self {
            method,
            request: Some(Box::pin(request)),
            undo: None,
            detached: detached.clone(),
            is_sent: false,
        }
    }

    /// Sets the action that undoes it when it is dropped too early.
    pub(crate) fn undone_by<F, Fut>(mut self, undo: F) -> Self
    where
        F: FnOnce(T) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.undo = Some(Box::new(|response| Box::pin(undo(response))));
        self
    }

    /// Waits for the response, or for the cancellation. A request that was not sent before the
    /// cancellation is not sent.
    pub(crate) async fn run(mut self, cancellation: Option<&Cancellation>) -> Result<T, Error> {
        let mut cancelled = cancellation.map(Cancellation::wait);
        poll_fn(|context| {
            let is_cancelled = cancelled
                .as_mut()
                .is_some_and(|it| it.poll(context).is_ready());
            if self.is_sent || !is_cancelled {
                if let Poll::Ready(response) = self.poll(context) {
                    return Poll::Ready(response);
                }
            }
            if !is_cancelled {
                return Poll::Pending;
            }
            let method = self.method.to_owned();
            Poll::Ready(Err(Error::Cancelled { method }))
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T, Error>> {
        let Some(request) = &mut self.request else {
            return Poll::Pending;
        };
        self.is_sent = true;
        let response = std::task::ready!(request.as_mut().poll(context));
        self.request = None;
        Poll::Ready(response)
    }
}

impl<T: Send + 'static> Drop for Supervised<T> {
    fn drop(&mut self) {
        let request = self.request.take().filter(|_| self.is_sent);
        let (Some(request), Some(undo)) = (request, self.undo.take()) else {
            return;
        };
        self.detached.spawn(async move {
            if let Ok(response) = request.await {
                undo(response).await;
            }
        });
    }
}
