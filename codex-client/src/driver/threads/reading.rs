//! The duty to read: it is with the only thread that waits for messages, so that they need not change
//! threads. Otherwise it is with the reader thread: while several threads wait or none does, and when
//! more is to be waited for than input.
//!
//! Does not know the input, which is with the thread that has the duty.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread;
use std::time::Duration;

use super::dispatcher::RequestDispatcher;
use super::input::Input;
use crate::connection::Link;
use crate::connection::park::{Waiting, Work};
use crate::engine::{Place, Waiters};
use crate::transport::blocking::Bell;

/// The time in which a thread that has waited may wait again, before the reader thread reads.
const GRACE: Duration = Duration::from_millis(1);
/// Number of reads that stay with the reader thread after several threads have waited at once.
const CROWDED: u32 = 64;

/// The reads of one link.
pub(super) struct Reading {
    link: Link,
    dispatcher: RequestDispatcher,
    /// Ends the wait of a waiting thread that has the duty.
    bell: Arc<Bell>,
    duty: Mutex<Duty>,
    /// Notifies the reader thread.
    changed: Condvar,
}

struct Duty {
    /// The input, unless a thread has it.
    input: Option<Box<Input>>,
    /// The parked threads that wait for messages.
    parked: Waiters<Waker>,
    /// Number of times that a waiting thread has left its duty.
    left: u64,
    /// True if the reader thread has to read next.
    is_urgent: bool,
    /// True while the reader thread waits for the input without a time limit.
    is_asleep: bool,
    /// Number of reads that the reader thread keeps to itself.
    kept: u32,
    /// True if a thread has panicked that had the input.
    is_lost: bool,
}

impl Reading {
    pub(super) fn new(link: Link, dispatcher: RequestDispatcher, input: Input) -> io::Result<Self> {
        Ok(Self {
            link,
            dispatcher,
            bell: Arc::new(Bell::new()?),
            duty: Mutex::new(Duty {
                input: Some(Box::new(input)),
                parked: Waiters::new(),
                left: 0,
                is_urgent: true,
                is_asleep: false,
                kept: 0,
                is_lost: false,
            }),
            changed: Condvar::new(),
        })
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    fn lock(&self) -> MutexGuard<'_, Duty> {
        self.duty.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // The reader thread.

    /// Reads until the input ends, as far as no waiting thread does.
    pub(super) fn read_all(&self) -> io::Result<()> {
        loop {
            let mut input = self.take_over()?;
            loop {
                if !input.advance(&self.link, &self.dispatcher)? {
                    return Ok(());
                }
                match self.hand_over(input) {
                    Some(kept) => input = kept,
                    None => break,
                }
            }
        }
    }

    /// Waits until the reader thread has to read.
    fn take_over(&self) -> io::Result<Box<Input>> {
        let mut duty = self.lock();
        loop {
            if duty.is_lost {
                return Err(io::Error::other("the thread that has read panicked"));
            }
            let left = duty.left;
            duty.is_asleep = duty.input.is_none();
            if duty.is_asleep {
                duty = self.wait(duty, None);
            } else if !duty.is_urgent {
                duty = self.wait(duty, Some(GRACE));
            }
            if duty.is_urgent || duty.left == left {
                if let Some(input) = duty.input.take() {
                    duty.is_urgent = false;
                    return Ok(input);
                }
            }
        }
    }

    fn wait<'a>(
        &self,
        duty: MutexGuard<'a, Duty>,
        limit: Option<Duration>,
    ) -> MutexGuard<'a, Duty> {
        match limit {
            None => self.changed.wait(duty),
            Some(limit) => match self.changed.wait_timeout(duty, limit) {
                Ok((duty, _)) => Ok(duty),
                Err(poisoned) => return poisoned.into_inner().0,
            },
        }
        .unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the duty to the only thread that waits; returns the input if there is no such thread.
    fn hand_over(&self, input: Box<Input>) -> Option<Box<Input>> {
        let mut duty = self.lock();
        duty.kept = duty.kept.saturating_sub(1);
        if duty.kept > 0 || duty.parked.len() != 1 || !input.can_serve() {
            return Some(input);
        }
        let waiting: Vec<Waker> = duty.parked.drain().collect();
        duty.input = Some(input);
        drop(duty);
        waiting.into_iter().for_each(Waker::wake);
        None
    }

    // A waiting thread.

    /// Takes the duty, or a place among the parked threads.
    fn begin<'a>(&'a self, waiting: &Waiting<'_>, place: &mut Place) -> Option<Leading<'a>> {
        let mut duty = self.lock();
        let is_free = duty.parked.len() == 0 && !duty.is_urgent;
        if let Some(input) = duty.input.take_if(|input| is_free && input.can_serve()) {
            return Some(Leading {
                reading: self,
                input: Some(input),
                is_urgent: false,
            });
        }
        duty.parked.wait(place, waiting.waker());
        None
    }
}

impl Work for Reading {
    fn run(&self, waiting: &Waiting<'_>) {
        let mut place = Place::default();
        if let Some(mut leading) = self.begin(waiting, &mut place) {
            leading.run(waiting);
            return;
        }
        waiting.park();
        self.lock().parked.leave(&mut place);
    }
}

/// The duty of a waiting thread, which it leaves when this is dropped.
struct Leading<'a> {
    reading: &'a Reading,
    input: Option<Box<Input>>,
    is_urgent: bool,
}

impl Leading<'_> {
    fn run(&mut self, waiting: &Waiting<'_>) {
        let Some(input) = &mut self.input else {
            return;
        };
        let Reading {
            link,
            dispatcher,
            bell,
            ..
        } = self.reading;
        self.is_urgent = input.serve(link, dispatcher, waiting, bell);
    }
}

impl Drop for Leading<'_> {
    fn drop(&mut self) {
        let mut duty = self.reading.lock();
        duty.left += 1;
        if thread::panicking() {
            duty.is_lost = true;
        } else {
            duty.input = self.input.take();
        }
        if duty.parked.len() > 0 {
            duty.kept = CROWDED;
        }
        duty.is_urgent |= self.is_urgent || duty.is_lost || duty.parked.len() > 0;
        if duty.is_urgent || duty.is_asleep {
            self.reading.changed.notify_one();
        }
    }
}
