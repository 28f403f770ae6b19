//! A stream of events.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::Shared;
use crate::connection::Subscription;
use crate::error::Error;
use crate::shared::event::Event;

/// The events of a turn, a thread, a login or the whole connection, in the order the server
/// sent them.
///
/// An item that is an error tells what this stream did not get to see. After
/// [`Error::Lagged`] and [`Error::Protocol`] it goes on; after [`Error::Closed`] and
/// [`Error::Overrun`] there is nothing more. The stream of a turn ends with the event that
/// ends the turn; then, and after any end, it gives `None` for good.
///
/// Dropping it releases what waits in it and leaves others alone. Nothing the server does
/// depends on whether it is read.
#[derive(Debug)]
pub struct Events {
    subscription: Subscription,
    /// Keeps the connection open for as long as somebody listens.
    _shared: Arc<Shared>,
}

impl Events {
    pub(super) fn new(subscription: Subscription, shared: Arc<Shared>) -> Self {
        Self {
            subscription,
            _shared: shared,
        }
    }

    /// The next event; `None` after the last one. May be cancelled without losing any.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        poll_fn(|context| self.subscription.poll_next(context)).await
    }

    /// Whether the last event was handed out.
    pub fn is_finished(&self) -> bool {
        self.subscription.is_finished()
    }
}

impl Stream for Events {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.subscription.poll_next(context)
    }
}
