//! The progress of a login, shared by all waiters.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::error::Error;
use crate::nonblocking::client::Events;
use crate::shared::login::{Outcome, outcome};

/// The events of a login until its end, and then its outcome.
#[derive(Debug)]
pub(super) struct LoginProgress {
    state: Mutex<State>,
    waiters: Arc<Waiters>,
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

    /// Polls for the outcome. The polling task reads the events for all waiters.
    pub(super) fn poll_outcome(&self, context: &Context<'_>) -> Poll<Outcome> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let events = match &mut *state {
                State::Ended(outcome) => return Poll::Ready(outcome.clone()),
                State::Waiting(events) => events,
            };
            self.waiters.add(context.waker());
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

/// All waiters, behind the one waker that a subscription keeps.
#[derive(Debug, Default)]
struct Waiters(Mutex<Vec<Waker>>);

impl Waiters {
    fn lock(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, waker: &Waker) {
        let mut waiters = self.lock();
        if !waiters.iter().any(|known| known.will_wake(waker)) {
            waiters.push(waker.clone());
        }
    }

    fn wake_all(&self) {
        let waiters = std::mem::take(&mut *self.lock());
        waiters.into_iter().for_each(Waker::wake);
    }
}

impl Wake for Waiters {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }
}
