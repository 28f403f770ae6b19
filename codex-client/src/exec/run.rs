//! One run, from the wait for its session to the last event: what both faces are made of.
//!
//! Events are asked for with a waker, as of a future; the async face hands its own on, the
//! blocking one parks its thread. Nothing happens before the first event is asked for.

use std::collections::VecDeque;
use std::future::Future as _;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::action::{Completed, ExecEvent};
use super::launch::Launch;
use super::process::{End, Output, Process, Stderr};
use super::session::{Acquire, SessionLocks};
use super::{RunError, Translator};

/// One run.
#[derive(Debug)]
pub(super) struct Run {
    stage: Stage,
    launch: Launch,
    locks: SessionLocks,
    translator: Translator,
    /// Whether the process holds a session.
    holds_session: bool,
    events: VecDeque<ExecEvent>,
    /// The last event, held back until the process is gone.
    completed: Option<Completed>,
    stderr: Stderr,
}

#[derive(Debug)]
enum Stage {
    /// Nothing was asked for yet.
    Fresh,
    /// Waits until nobody else works on the session to resume. No process yet.
    Waiting(Acquire),
    Running(Process),
    /// The process has named its new session; waits until nobody else works on that.
    Joining(Process, Acquire),
    Over,
}

impl Run {
    pub(super) fn new(launch: Launch, locks: SessionLocks) -> Self {
        Self {
            stage: Stage::Fresh,
            translator: Translator::new(launch.resume().cloned()),
            launch,
            locks,
            holds_session: false,
            events: VecDeque::new(),
            completed: None,
            stderr: Stderr::default(),
        }
    }

    pub(super) fn stderr_tail(&self) -> String {
        self.stderr.tail()
    }

    /// The next event; none after the last.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<ExecEvent>> {
        loop {
            if !matches!(self.stage, Stage::Joining(..)) {
                if let Some(event) = self.events.pop_front() {
                    return Poll::Ready(Some(event));
                }
            }
            if matches!(self.stage, Stage::Over) {
                return Poll::Ready(None);
            }
            if self.advance(context).is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Ends the process; ready when it is gone, and everything it started.
    pub(super) fn poll_cancel(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.events.clear();
        loop {
            let (Stage::Running(process) | Stage::Joining(process, _)) = &self.stage else {
                self.stage = Stage::Over;
                return Poll::Ready(());
            };
            process.stop();
            match process.poll(context) {
                Poll::Ready(Output::Line(_)) => {}
                Poll::Ready(Output::Ended(_)) => self.stage = Stage::Over,
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Makes one step; pending if it waits for something.
    fn advance(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match mem::replace(&mut self.stage, Stage::Over) {
            Stage::Fresh => {
                self.stage = match self.launch.resume() {
                    Some(session) => Stage::Waiting(self.locks.acquire(session.id())),
                    None => Stage::Running(self.start(None)),
                };
            }
            Stage::Waiting(mut acquire) => match Pin::new(&mut acquire).poll(context) {
                Poll::Ready(session) => {
                    self.holds_session = true;
                    self.stage = Stage::Running(self.start(Some(session)));
                }
                Poll::Pending => return self.wait(Stage::Waiting(acquire)),
            },
            Stage::Running(process) => match process.poll(context) {
                Poll::Ready(Output::Line(line)) => self.stage = self.line(process, &line),
                Poll::Ready(Output::Ended(end)) => self.end(end),
                Poll::Pending => return self.wait(Stage::Running(process)),
            },
            Stage::Joining(process, mut acquire) => match Pin::new(&mut acquire).poll(context) {
                Poll::Ready(session) => {
                    process.hold(session);
                    self.stage = Stage::Running(process);
                }
                Poll::Pending => return self.wait(Stage::Joining(process, acquire)),
            },
            Stage::Over => {}
        }
        Poll::Ready(())
    }

    fn wait(&mut self, stage: Stage) -> Poll<()> {
        self.stage = stage;
        Poll::Pending
    }

    fn start(&self, session: Option<super::session::SessionGuard>) -> Process {
        Process::start(self.launch.clone(), self.stderr.clone(), session)
    }

    fn line(&mut self, process: Process, line: &[u8]) -> Stage {
        for event in self.translator.line(line) {
            match event {
                ExecEvent::Completed(completed) => self.complete(completed, &process),
                event => self.events.push_back(event),
            }
        }
        match self.translator.session() {
            Some(session) if !self.holds_session => {
                self.holds_session = true;
                let acquire = self.locks.acquire(session.id());
                Stage::Joining(process, acquire)
            }
            _ => Stage::Running(process),
        }
    }

    /// The turn is over; the process soon will be. One that works on the wrong session must
    /// not go on.
    fn complete(&mut self, completed: Completed, process: &Process) {
        if matches!(completed.error, Some(RunError::ResumeMismatch { .. })) {
            process.stop();
        } else {
            process.expect_exit();
        }
        self.completed = Some(completed);
    }

    fn end(&mut self, end: End) {
        let events = match end {
            End::Exited(code) => self.translator.exited(code),
            End::NotStarted(error) => self.translator.fail(error),
            End::Lost(source) => self.translator.fail(RunError::Wait {
                source: Arc::new(source),
            }),
        };
        self.events.extend(events);
        let completed = self.completed.take().map(ExecEvent::Completed);
        self.events.extend(completed);
    }
}
