//! Stands for `readiness` where a thread cannot wait for a pipe that it does not own.

use std::io;
use std::time::Duration;

/// The readiness of both pipes of a process: there is none.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) input: Readiness,
    pub(crate) output: Readiness,
}

/// Waits for one end of a pipe, which is not possible.
#[derive(Debug)]
pub(crate) enum Readiness {}

impl Readiness {
    pub(crate) fn wait(&self, _bell: &Bell, _limit: Option<Duration>) -> io::Result<bool> {
        match *self {}
    }

    pub(crate) fn is_ready(&self) -> io::Result<bool> {
        match *self {}
    }
}

/// Ends a wait of another thread.
#[derive(Debug)]
pub(crate) struct Bell;

impl Bell {
    #[expect(clippy::unnecessary_wraps, reason = "fails on other systems")]
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) fn ring(&self) {
        let Self = self;
    }
}
