//! A stream of events.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::connection::session::Session;
use crate::connection::threads::InUse;
use crate::connection::{Received, Subscription};
use crate::error::Error;
use crate::shared::event::Event;

/// The events of a turn, a thread, a login or the whole connection, in the order the server
/// sent them.
///
/// An error item reports events that this stream did not receive. After [`Error::Lagged`],
/// [`Error::Restarted`] and [`Error::Protocol`] it continues; after [`Error::Closed`] and
/// [`Error::Overrun`] it ends. The stream of a turn ends with its last event. After the end, it always returns `None`.
///
/// Dropping it releases its queue and does not affect others. The server is independent of whether
/// it is read.
pub struct Events {
    subscription: Subscription,
    /// After a restart the thread is resumed, as long as there is a subscriber.
    _in_use: Option<InUse>,
    /// Keeps the connection open as long as there is a subscriber.
    session: Arc<Session>,
}

impl Events {
    pub(super) fn new(
        subscription: Subscription,
        session: Arc<Session>,
        in_use: Option<InUse>,
    ) -> Self {
        Self {
            subscription,
            _in_use: in_use,
            session,
        }
    }

    /// Returns the next event; `None` after the last one. Cancel safe.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// Polls for the next event.
    pub(crate) fn poll_next(
        &mut self,
        context: &Context<'_>,
    ) -> Poll<Option<Result<Event, Error>>> {
        loop {
            match std::task::ready!(self.poll_received(context)) {
                Some(Ok(Received::Event(event))) => return Poll::Ready(Some(Ok(event))),
                // Only the stream of a turn responds to requests.
                Some(Ok(Received::Request(request))) => {
                    let connection = &self.session.connection;
                    connection.release(request.number);
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// Polls for the next event, or the next request that the turn of this stream waits for.
    pub(crate) fn poll_received(
        &mut self,
        context: &Context<'_>,
    ) -> Poll<Option<Result<Received, Error>>> {
        self.subscription.poll_next(context)
    }

    /// Returns whether the last event was returned.
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
