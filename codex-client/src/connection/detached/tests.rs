//! Background work without a connection.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use super::Detached;
use crate::connection::cancellation::Cancellation;
use crate::connection::timer::{sleep, within};

/// Time limit that only a hang exceeds.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn work_is_done_side_by_side_and_after_a_pause() {
    let detached = Detached::default();
    let (sender, receiver) = channel();
    for _ in 0..2 {
        for (name, pause) in [("slow", 40), ("fast", 1)] {
            let sender = sender.clone();
            detached.spawn(async move {
                sleep(Duration::from_millis(pause)).await;
                sender.send(name).unwrap();
            });
        }
        assert_eq!(receiver.recv_timeout(LIMIT), Ok("fast"));
        assert_eq!(receiver.recv_timeout(LIMIT), Ok("slow"));
    }
}

/// Number of works that would take minutes if each was polled whenever one is woken.
const MANY: usize = 10_000;

#[test]
fn only_woken_work_is_polled() {
    let detached = Detached::default();
    let (sender, receiver) = channel();
    let polls = Arc::new(AtomicUsize::new(0));
    let cancellations: Vec<_> = (0..MANY).map(|_| Cancellation::new()).collect();
    for cancellation in &cancellations {
        let (sender, polls) = (sender.clone(), Arc::clone(&polls));
        let mut cancelled = cancellation.wait();
        detached.spawn(async move {
            let wait = poll_fn(|context| {
                polls.fetch_add(1, Ordering::Relaxed);
                cancelled.poll(context)
            });
            within(Some(LIMIT), wait).await.unwrap();
            sender.send(()).unwrap();
        });
    }
    for cancellation in &cancellations {
        cancellation.cancel();
        receiver.recv_timeout(LIMIT).unwrap();
    }
    let polls = polls.load(Ordering::Relaxed);
    assert!(polls <= 3 * MANY, "{polls} polls");
}

#[test]
fn end_waits_for_work_up_to_its_limit() {
    for (limit, is_done) in [(LIMIT, true), (Duration::from_millis(20), false)] {
        let detached = Detached::default();
        let (sender, receiver) = channel();
        let done = Arc::new(AtomicUsize::new(0));
        let cancellation = Cancellation::new();
        let (mut cancelled, counted) = (cancellation.wait(), Arc::clone(&done));
        detached.spawn(async move {
            poll_fn(|context| cancelled.poll(context)).await;
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let counted = Arc::clone(&done);
        detached.end(limit, move || {
            sender.send(counted.load(Ordering::Relaxed)).unwrap();
        });
        if is_done {
            cancellation.cancel();
        }
        let is_counted = receiver.recv_timeout(LIMIT);
        assert_eq!(is_counted, Ok(usize::from(is_done)));
    }
}

#[test]
fn end_without_work_is_at_once() {
    let (sender, receiver) = channel();
    Detached::default().end(LIMIT, move || sender.send(()).unwrap());
    assert!(receiver.try_recv().is_ok());
}

#[test]
fn work_that_is_always_awake_does_not_put_off_the_end() {
    let detached = Detached::default();
    detached.spawn(poll_fn(|context| {
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    }));
    let (sender, receiver) = channel();
    detached.end(Duration::from_millis(20), move || sender.send(()).unwrap());
    assert_eq!(receiver.recv_timeout(LIMIT), Ok(()));
}

#[test]
fn panic_ends_what_waits_for_the_work() {
    let detached = Detached::default();
    let (go, gone) = channel::<()>();
    detached.spawn(async move {
        let _ = gone.recv();
        panic!("work that panics, on purpose");
    });
    let (sender, receiver) = channel();
    detached.end(LIMIT, move || sender.send(()).unwrap());
    go.send(()).unwrap();
    assert_eq!(receiver.recv_timeout(LIMIT / 2), Ok(()));
}

#[test]
fn work_may_begin_more() {
    let detached = Detached::default();
    let (sender, receiver) = channel();
    let again = detached.clone();
    detached.spawn(async move {
        again.spawn(async move { sender.send(()).unwrap() });
    });
    assert_eq!(receiver.recv_timeout(LIMIT), Ok(()));
}
