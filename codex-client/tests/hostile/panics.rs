//! Transports that panic or fail.

use std::io;

use codex_client::transport::FrameBatch;
use codex_client::{Client, CloseReason, Error, blocking, transport};

use crate::api::wait;
use crate::figures::{Most, attack};

/// A panic prints its location, which loads the symbols of the whole program.
const MOST: Most = Most {
    mib: 256,
    seconds: 10,
};

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
    async fn write(&mut self, _frames: &[String]) -> io::Result<()> {
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
    fn write(&mut self, _frames: &[String]) -> io::Result<()> {
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

#[test]
fn task_that_reads_panics() {
    attack(MOST, || {
        let (reader, writer) = (Broken { panics: true }, Broken { panics: false });
        let error = wait(Client::builder().transport((reader, writer)).build()).unwrap_err();
        is_explained(&error, "reads");
    });
}

#[test]
fn task_that_writes_panics() {
    attack(MOST, || {
        let (reader, writer) = (Broken { panics: false }, Broken { panics: true });
        let error = wait(Client::builder().transport((reader, writer)).build()).unwrap_err();
        is_explained(&error, "writes");
    });
}

#[test]
fn thread_that_reads_panics() {
    attack(MOST, || {
        let (reader, writer) = (BrokenThread::new(true), BrokenThread::new(false));
        let error = blocking::Client::builder()
            .transport((reader, writer))
            .build()
            .unwrap_err();
        is_explained(&error, "reads");
    });
}

#[test]
fn thread_that_writes_panics() {
    attack(MOST, || {
        let (reader, writer) = (BrokenThread::new(false), BrokenThread::new(true));
        let error = blocking::Client::builder()
            .transport((reader, writer))
            .build()
            .unwrap_err();
        is_explained(&error, "writes");
    });
}
