//! An iterator of events.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::connection::Subscription;
use crate::connection::park;
use crate::connection::session::Session;
use crate::error::Error;
use crate::shared::event::Event;

/// The events of a turn, a thread, a login or the whole connection, in the order the server
/// sent them; an iterator that waits for each.
///
/// An item that is an error tells what this iterator did not get to see. After
/// [`Error::Lagged`] and [`Error::Protocol`] it goes on; after [`Error::Closed`] and
/// [`Error::Overrun`] there is nothing more. The events of a turn end with the one that ends
/// the turn; then, and after any end, there is `None` for good.
///
/// Dropping it releases what waits in it and leaves others alone. Nothing the server does
/// depends on whether it is read.
#[derive(Debug)]
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

    /// The next event, if there is one within this time.
    ///
    /// # Errors
    ///
    /// [`NotYet`] when the time has passed; the events go on.
    pub fn next_within(&mut self, limit: Duration) -> Result<Option<Result<Event, Error>>, NotYet> {
        let deadline = Instant::now().checked_add(limit);
        park::until(deadline, |context| self.subscription.poll_next(context)).ok_or(NotYet)
    }

    pub(in crate::blocking) fn poll_next(
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

impl Iterator for Events {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        park::forever(|context| self.subscription.poll_next(context))
    }
}

/// There was no event in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no event came in time")]
#[non_exhaustive]
pub struct NotYet;
