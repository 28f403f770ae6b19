//! The progress of a login, shared by all waiters.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::engine::{Place, Waiters};
use crate::error::Error;
use crate::nonblocking::client::Events;
use crate::shared::login::{Outcome, outcome};

/// The events of a login until its end, and then its outcome.
#[derive(Debug)]
pub(super) struct LoginProgress {
    state: Mutex<State>,
    waiters: Arc<AllWaiters>,
}

#[derive(Debug)]
enum State {
    Waiting(Events),
    Ended(Outcome),
}

impl LoginProgress {
    pub(super) fn new(events: Events) -> Self {
        Self {
            state: Mutex::new(State::Waiting(events)),
            waiters: Arc::default(),
        }
    }

    /// Begins a wait for the outcome.
    pub(super) fn wait(&self) -> UntilEnded<'_> {
        let place = Place::default();
        UntilEnded {
            progress: self,
            place,
        }
    }

    /// Polls for the outcome. The polling task reads the events for all waiters.
    fn poll_outcome(&self, place: &mut Place, context: &Context<'_>) -> Poll<Outcome> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let events = match &mut *state {
                State::Ended(outcome) => return Poll::Ready(outcome.clone()),
                State::Waiting(events) => events,
            };
            self.waiters.lock().wait(place, context.waker().clone());
            let waker = Waker::from(Arc::clone(&self.waiters));
            let ended = match std::task::ready!(events.poll_next(&Context::from_waker(&waker))) {
                Some(Ok(event)) => outcome(&event),
                Some(Err(Error::Lagged { .. })) => None,
                Some(Err(error)) => Some(Outcome::Unknown(error)),
                None => Some(Outcome::unseen()),
            };
            if let Some(outcome) = ended {
                *state = State::Ended(outcome);
                self.waiters.wake_all();
            }
        }
    }
}

/// A wait for the outcome. Dropping it frees its place.
#[derive(Debug)]
pub(super) struct UntilEnded<'a> {
    progress: &'a LoginProgress,
    place: Place,
}

impl UntilEnded<'_> {
    pub(super) fn poll(&mut self, context: &Context<'_>) -> Poll<Outcome> {
        self.progress.poll_outcome(&mut self.place, context)
    }
}

impl Drop for UntilEnded<'_> {
    fn drop(&mut self) {
        self.progress.waiters.lock().leave(&mut self.place);
    }
}

/// All waiters, behind the one waker that a subscription keeps.
#[derive(Debug, Default)]
struct AllWaiters(Mutex<Waiters<Waker>>);

impl AllWaiters {
    fn lock(&self) -> MutexGuard<'_, Waiters<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake_all(&self) {
        let waiters = self.lock().drain();
        waiters.for_each(Waker::wake);
    }
}

impl Wake for AllWaiters {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }
}
