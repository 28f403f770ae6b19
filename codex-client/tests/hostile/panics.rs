//! Transports that panic or fail.

use std::io;

use codex_client::transport::{Frame, FrameBatch};
use codex_client::{Client, CloseReason, Error, blocking, transport};

use crate::api::{attacks, wait};

// A panic prints its location, which loads the symbols of the whole program.
attacks! {
    alone:
    task_that_reads_panics: 256 MiB, 10 s;
    task_that_writes_panics: 256 MiB, 10 s;
    thread_that_reads_panics: 256 MiB, 10 s;
    thread_that_writes_panics: 256 MiB, 10 s;
}

/// Panics when it is used, or not at all.
struct Broken {
    panics: bool,
}

impl Broken {
    fn use_it(&self) {
        assert!(!self.panics, "a transport that panics, on purpose");
    }
}

impl transport::FrameReader for Broken {
    async fn read(&mut self, _batch: &mut FrameBatch) -> io::Result<bool> {
        self.use_it();
        std::future::pending().await
    }
}

impl transport::FrameWriter for Broken {
    async fn write(&mut self, _frames: &[Frame]) -> io::Result<()> {
        self.use_it();
        Ok(())
    }
    async fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits forever, unless interrupted.
struct BrokenThread {
    panics: bool,
    wakes: std::sync::Arc<(std::sync::Mutex<bool>, std::sync::Condvar)>,
}

impl BrokenThread {
    fn new(panics: bool) -> Self {
        let wakes = std::sync::Arc::default();
        Self { panics, wakes }
    }
}

impl transport::blocking::FrameReader for BrokenThread {
    fn read(&mut self, _batch: &mut FrameBatch) -> io::Result<bool> {
        assert!(!self.panics, "a transport that panics, on purpose");
        let (flag, condition) = &*self.wakes;
        let mut woken = flag.lock().unwrap();
        while !*woken {
            woken = condition.wait(woken).unwrap();
        }
        Ok(false)
    }
    fn interrupter(&self) -> Option<transport::blocking::Interrupter> {
        let wakes = std::sync::Arc::clone(&self.wakes);
        Some(transport::blocking::Interrupter::new(move || {
            *wakes.0.lock().unwrap() = true;
            wakes.1.notify_all();
        }))
    }
}

impl transport::blocking::FrameWriter for BrokenThread {
    fn write(&mut self, _frames: &[Frame]) -> io::Result<()> {
        assert!(!self.panics, "a transport that panics, on purpose");
        Ok(())
    }
    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_explained(error: &Error, what: &str) {
    let closed = error.closed().unwrap();
    assert!(
        matches!(closed.reason(), CloseReason::Transport(_)),
        "{closed}"
    );
    let shown = error.to_string();
    assert!(
        shown.contains(what) && shown.contains("has panicked"),
        "{shown}"
    );
}

fn task(reads: bool) {
    let (reader, writer) = (Broken { panics: reads }, Broken { panics: !reads });
    let building = Client::builder().transport((reader, writer)).build();
    is_explained(&wait(building).unwrap_err(), what(reads));
}

fn thread(reads: bool) {
    let (reader, writer) = (BrokenThread::new(reads), BrokenThread::new(!reads));
    let builder = blocking::Client::builder().transport((reader, writer));
    is_explained(&builder.build().unwrap_err(), what(reads));
}

fn what(reads: bool) -> &'static str {
    if reads { "reads" } else { "writes" }
}

fn task_that_reads_panics() {
    task(true);
}

fn task_that_writes_panics() {
    task(false);
}

fn thread_that_reads_panics() {
    thread(true);
}

fn thread_that_writes_panics() {
    thread(false);
}
