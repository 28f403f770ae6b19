//! A stream of events.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::connection::Subscription;
use crate::connection::session::Session;
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
pub struct Events {
    subscription: Subscription,
    /// Keeps the connection open for as long as somebody listens.
    _session: Arc<Session>,
}

impl Events {
    pub(super) fn new(subscription: Subscription, session: Arc<Session>) -> Self {
        Self {
            subscription,
            _session: session,
        }
    }

    /// The next event; `None` after the last one. May be cancelled without losing any.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// The next event, without waiting for it.
    pub(crate) fn poll_next(
        &mut self,
        context: &Context<'_>,
    ) -> Poll<Option<Result<Event, Error>>> {
        self.subscription.poll_next(context)
    }

    /// Whether the last event was handed out.
    pub fn is_finished(&self) -> bool {
        self.subscription.is_finished()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Events")
            .field("is_finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}
