//! The works that have begun, each with a waker and a deadline of its own.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Instant;

use super::{Detached, Work};
use crate::connection::park;

/// The works that have begun.
#[derive(Default)]
pub(super) struct Works {
    all: HashMap<u64, Begun>,
    /// The time at which each work that waits for one is polled.
    deadlines: BTreeSet<(Instant, u64)>,
    /// The number of the last work.
    number: u64,
}

struct Begun {
    work: Work,
    waker: Arc<WorkWaker>,
    deadline: Option<Instant>,
}

impl Works {
    /// Begins works.
    pub(super) fn add(&mut self, works: Vec<Work>, detached: &Detached) {
        for work in works {
            self.number += 1;
            let begun = Begun {
                work,
                waker: Arc::new(WorkWaker {
                    number: self.number,
                    is_woken: AtomicBool::new(false),
                    detached: detached.clone(),
                }),
                deadline: None,
            };
            self.all.insert(self.number, begun);
            self.poll(self.number);
        }
    }

    /// Polls a work, unless it was completed before it was woken.
    pub(super) fn poll(&mut self, number: u64) {
        let Some(begun) = self.all.get_mut(&number) else {
            return;
        };
        if let Some(deadline) = begun.deadline.take() {
            self.deadlines.remove(&(deadline, number));
        }
        begun.waker.is_woken.store(false, Ordering::Release);
        let waker = Waker::from(Arc::clone(&begun.waker));
        let mut context = Context::from_waker(&waker);
        let (poll, deadline) = park::with_own_deadline(|| begun.work.as_mut().poll(&mut context));
        if poll.is_ready() {
            self.all.remove(&number);
        } else if let Some(deadline) = deadline {
            begun.deadline = Some(deadline);
            self.deadlines.insert((deadline, number));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The time at which the first work has to be polled.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    pub(super) fn has_due(&self) -> bool {
        self.deadline()
            .is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Polls the works whose time has come.
    pub(super) fn poll_due(&mut self) {
        let now = Instant::now();
        while let Some((deadline, number)) = self.deadlines.first().copied() {
            if deadline > now {
                return;
            }
            self.poll(number);
        }
    }
}

/// Wakes the thread for one work.
struct WorkWaker {
    number: u64,
    /// True while the number is among the woken ones.
    is_woken: AtomicBool,
    detached: Detached,
}

impl Wake for WorkWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_woken.swap(true, Ordering::AcqRel) {
            self.detached.wake(self.number);
        }
    }
}
