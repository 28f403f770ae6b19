//! One run at a time per session.
//!
//! Two processes that write the same session would corrupt it. A lock is a queue of tickets per
//! session id: the ticket at the front holds the lock, in order of arrival. Waiting is a plain
//! future, so both APIs wait in the same way; an unused session takes no memory. Independent of
//! processes.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// The locks of the sessions in use. Clones share them.
///
/// Every runner has its own, which its clones share. Runners that differ in their configuration but
/// work on the same sessions should be built with the same locks.
#[derive(Clone, Default)]
pub struct SessionLocks {
    queues: Arc<Mutex<Queues>>,
}

#[derive(Default)]
struct Queues {
    next_ticket: u64,
    by_session: HashMap<String, VecDeque<Ticket>>,
}

struct Ticket {
    number: u64,
    waker: Option<Waker>,
}

impl SessionLocks {
    /// Creates locks without any session in use.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of sessions that are in use or waited for.
    pub fn len(&self) -> usize {
        self.lock().by_session.len()
    }

    /// Returns whether no session is in use.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Enters the queue of the session, at once.
    pub(super) fn acquire(&self, session: &str) -> Acquire {
        let mut queues = self.lock();
        let number = queues.next_ticket;
        queues.next_ticket += 1;
        let queue = queues.by_session.entry(session.to_owned()).or_default();
        queue.push_back(Ticket {
            number,
            waker: None,
        });
        Acquire {
            place: Some(Place {
                locks: self.clone(),
                session: session.to_owned(),
                number,
            }),
        }
    }

    /// No code panics while the lock is held, and the queues would be consistent if it did.
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SessionLocks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SessionLocks")
            .field("sessions", &self.len())
            .finish()
    }
}

/// A place in the queue of a session. Dropping it leaves the queue.
#[derive(Debug)]
struct Place {
    locks: SessionLocks,
    session: String,
    number: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut queues = self.locks.lock();
        let Some(queue) = queues.by_session.get_mut(&self.session) else {
            return;
        };
        let position = queue.iter().position(|ticket| ticket.number == self.number);
        let own = position.and_then(|position| queue.remove(position));
        // Also if the place was in the middle: a spurious wake is harmless.
        let next = queue.front_mut().and_then(|ticket| ticket.waker.take());
        if queue.is_empty() {
            queues.by_session.remove(&self.session);
        }
        drop(queues);
        // Wakers last: waking or dropping one may drop a task, and with it another place.
        drop(own);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

/// A future that waits for the lock. Dropping it leaves the queue.
#[derive(Debug)]
pub(super) struct Acquire {
    place: Option<Place>,
}

/// The exclusive right to work on a session, until dropped.
#[derive(Debug)]
pub(super) struct SessionGuard {
    _place: Place,
}

impl Future for Acquire {
    type Output = SessionGuard;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<SessionGuard> {
        if self
            .place
            .as_ref()
            .is_some_and(|place| place.is_at_front(context))
        {
            // A future that is polled again after completion may wait forever.
            if let Some(place) = self.place.take() {
                return Poll::Ready(SessionGuard { _place: place });
            }
        }
        Poll::Pending
    }
}

impl Place {
    /// Returns whether this place is at the front; if not, registers the waker.
    fn is_at_front(&self, context: &Context<'_>) -> bool {
        let mut queues = self.locks.lock();
        let Some(queue) = queues.by_session.get_mut(&self.session) else {
            return false;
        };
        let mut tickets = queue.iter_mut().enumerate();
        match tickets.find(|(_, ticket)| ticket.number == self.number) {
            Some((0, _)) => true,
            Some((_, ticket)) => {
                let old = ticket.waker.replace(context.waker().clone());
                drop(queues);
                drop(old);
                false
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn poll(acquire: &mut Acquire, count: &Arc<Count>) -> Poll<SessionGuard> {
        let waker = Waker::from(Arc::clone(count));
        pin!(acquire).poll(&mut Context::from_waker(&waker))
    }

    #[test]
    fn the_lock_goes_round_in_the_order_of_asking() {
        let locks = SessionLocks::new();
        let [first_wakes, second_wakes, third_wakes] = <[Arc<Count>; 3]>::default();
        let mut first = locks.acquire("a");
        let mut second = locks.acquire("a");
        let mut third = locks.acquire("a");
        assert!(poll(&mut third, &third_wakes).is_pending());
        assert!(poll(&mut second, &second_wakes).is_pending());
        let Poll::Ready(guard) = poll(&mut first, &first_wakes) else {
            panic!("the first comes first");
        };
        drop(guard);
        assert_eq!(second_wakes.0.load(Ordering::SeqCst), 1);
        assert!(poll(&mut third, &third_wakes).is_pending());
        assert!(poll(&mut second, &second_wakes).is_ready());
        assert_eq!(third_wakes.0.load(Ordering::SeqCst), 1);
        assert!(poll(&mut third, &third_wakes).is_ready());
    }

    #[test]
    fn dropped_waiter_wakes_the_next_one() {
        let locks = SessionLocks::new();
        let wakes = Arc::new(Count::default());
        let first = locks.acquire("a");
        let second = locks.acquire("a");
        let mut third = locks.acquire("a");
        assert!(poll(&mut third, &wakes).is_pending());
        drop(second);
        // `first` reached the front but never took its turn.
        drop(first);
        assert!(wakes.0.load(Ordering::SeqCst) > 0);
        assert!(poll(&mut third, &wakes).is_ready());
    }

    #[test]
    fn sessions_do_not_wait_for_each_other_and_leave_nothing_behind() {
        let locks = SessionLocks::new();
        let wakes = Arc::new(Count::default());
        let guards: Vec<SessionGuard> = ["a", "b", "c"]
            .into_iter()
            .map(|session| match poll(&mut locks.acquire(session), &wakes) {
                Poll::Ready(guard) => guard,
                Poll::Pending => panic!("nobody else works on {session}"),
            })
            .collect();
        assert_eq!(locks.len(), 3);
        drop(guards);
        assert!(locks.is_empty());
    }
}
