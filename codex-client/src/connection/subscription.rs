//! The receiving end of a subscription, based on polls.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::{Connection, IncomingRequest, Report, SubscriptionId, Taken};
use crate::engine::Item;
use crate::error::Error;
use crate::shared::event::{Event, Run};

/// What a subscription receives.
#[derive(Debug)]
pub(crate) enum Received {
    Event(Event),
    /// A request of the server, if the subscription responds for its turn.
    Request(Box<IncomingRequest>),
}

/// Receives events in batches, and returns them one by one. Dropping it ends the subscription and
/// frees its queue.
#[derive(Debug)]
pub(crate) struct Subscription {
    connection: Arc<Connection>,
    id: SubscriptionId,
    batch: VecDeque<Item<Run, Report>>,
    finished: bool,
    /// Number of items that were returned without a pause.
    in_a_row: u32,
}

/// Maximum number of items without a pause. A server that sends faster than a task reads would
/// otherwise never let it check its deadline, nor another task of its thread run.
const MOST_IN_A_ROW: u32 = 256;

impl Subscription {
    pub(super) fn new(connection: Arc<Connection>, id: SubscriptionId) -> Self {
        Self {
            connection,
            id,
            batch: VecDeque::new(),
            finished: false,
            in_a_row: 0,
        }
    }

    pub(super) fn id(&self) -> SubscriptionId {
        self.id
    }

    /// The thread of its scope, if there is one and it is known.
    pub(crate) fn thread_id(&self) -> Option<String> {
        self.connection.lock().thread_of(self.id)
    }

    /// Returns whether the last event was returned.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Polls for the next event; always `None` after the last one.
    pub(crate) fn poll_next(
        &mut self,
        context: &Context<'_>,
    ) -> Poll<Option<Result<Received, Error>>> {
        while self.in_a_row < MOST_IN_A_ROW {
            self.in_a_row += 1;
            if let Some(item) = self.next_of_batch() {
                return Poll::Ready(Some(item));
            }
            if self.finished {
                return Poll::Ready(None);
            }
            match self.take(context) {
                // Requests that were resolved meanwhile may be all of it.
                Taken::Some => {}
                Taken::Waiting => {
                    self.in_a_row = 0;
                    self.connection.offer_work();
                    return Poll::Pending;
                }
                Taken::Ended => {
                    self.finished = true;
                    return Poll::Ready(None);
                }
                Taken::Closed => {
                    self.finished = true;
                    return Poll::Ready(self.connection.closed().map(|closed| Err(closed.into())));
                }
            }
        }
        self.in_a_row = 0;
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn take(&mut self, context: &Context<'_>) -> Taken {
        let (id, batch) = (self.id, &mut self.batch);
        let waiter = || context.waker().clone();
        self.connection
            .step(|engine, effects| engine.take(id, batch, waiter, effects))
    }

    fn next_of_batch(&mut self) -> Option<Result<Received, Error>> {
        loop {
            if let Some(Item::Event(events)) = self.batch.front_mut() {
                if let Some(event) = events.split_first() {
                    return Some(Ok(Received::Event(event)));
                }
            }
            let item = self.batch.pop_front()?;
            if let Some(handed_out) = self.hand_out(item) {
                return Some(handed_out);
            }
        }
    }

    fn hand_out(&mut self, item: Item<Run, Report>) -> Option<Result<Received, Error>> {
        Some(match item {
            Item::Event(events) => Ok(Received::Event(events.into_first())),
            Item::Request(offered) => {
                let request = self.connection.take_offered(offered.number)?;
                Ok(Received::Request(Box::new(request)))
            }
            Item::Malformed(report) | Item::Restarted(Some(report)) => Err(report.into_error()),
            // The connection was closed before the restart was complete.
            Item::Superseded | Item::Restarted(None) => return None,
            Item::Missed(missed) => {
                tracing::warn!(missed, "a subscriber did not keep up");
                Err(Error::Lagged { missed })
            }
            Item::Overrun => {
                self.finished = true;
                Err(Error::Overrun)
            }
        })
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let unread = std::mem::take(&mut self.batch);
        self.connection.step(|engine, effects| {
            engine.unsubscribe(self.id, effects);
            for item in unread {
                if let Item::Request(offered) = item {
                    engine.release(offered.number, effects);
                }
            }
        });
    }
}

impl Report {
    fn into_error(self) -> Error {
        match self {
            Self::Malformed(malformed) => Error::Protocol(malformed),
            Self::Restarted(restarted) => Error::Restarted(restarted),
        }
    }
}
