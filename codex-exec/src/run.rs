//! One run, from the wait for its session to the last event: the core of both APIs.
//!
//! Events are polled with a waker, like a future; the async API passes its own on, the blocking one
//! parks its thread. Nothing happens before the first poll.

use std::collections::VecDeque;
use std::future::Future as _;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::action::{Action, ActionKind, Completed, Detail, ExecEvent, Level, Phase, Retried};
use super::launch::Launch;
use super::process::{End, Output, Process, Stderr};
use super::retry::Pause;
use super::session::{Acquire, SessionLocks};
use super::{Failure, RunError, Translator};

/// The id of the action that reports another attempt.
const RETRY_ID: &str = "codex.retry";

/// One run.
#[derive(Debug)]
pub(super) struct Run {
    stage: Stage,
    launch: Launch,
    locks: SessionLocks,
    translator: Translator,
    /// True if the process holds a session.
    holds_session: bool,
    events: VecDeque<ExecEvent>,
    /// The last event, held back until the process has exited.
    completed: Option<Completed>,
    /// The last event, kept for a later request of the result.
    last: Option<Completed>,
    stderr: Stderr,
    /// The time of the process's start, in milliseconds since 1970.
    begun: u128,
    /// The same, by a clock that is never set.
    started: Option<Instant>,
    /// The number of earlier attempts.
    attempts: usize,
    /// True once the agent has begun to work: the run is not repeated.
    has_effect: bool,
}

#[derive(Debug)]
enum Stage {
    /// Not polled yet.
    Fresh,
    /// Waits until no other run works on the session to resume. No process yet.
    Waiting(Acquire),
    Running(Process),
    /// The process has named its new session; waits until no other run works on it.
    Joining(Process, Acquire),
    /// Waits for the next attempt.
    Pausing(Pause),
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
            last: None,
            stderr: Stderr::default(),
            begun: 0,
            started: None,
            attempts: 0,
            has_effect: false,
        }
    }

    pub(super) fn stderr_tail(&self) -> String {
        self.stderr.tail()
    }

    /// Polls for the next event; `None` after the last.
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

    /// Ends the process; ready when it and everything it started have exited.
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

    /// Makes one step; pending if it has to wait.
    fn advance(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match mem::replace(&mut self.stage, Stage::Over) {
            Stage::Fresh => {
                self.stage = match self.launch.resume() {
                    Some(session) => Stage::Waiting(self.locks.acquire(session.id())),
                    None => self.start(None),
                };
            }
            Stage::Waiting(mut acquire) => match Pin::new(&mut acquire).poll(context) {
                Poll::Ready(session) => {
                    self.holds_session = true;
                    self.stage = self.start(Some(session));
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
            Stage::Pausing(pause) => match pause.poll(context) {
                Poll::Ready(()) => self.stage = Stage::Fresh,
                Poll::Pending => return self.wait(Stage::Pausing(pause)),
            },
            Stage::Over => {}
        }
        Poll::Ready(())
    }

    fn wait(&mut self, stage: Stage) -> Poll<()> {
        self.stage = stage;
        Poll::Pending
    }

    fn start(&mut self, session: Option<super::session::SessionGuard>) -> Stage {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        self.begun = now.unwrap_or_default().as_millis();
        self.started = Some(Instant::now());
        let process = Process::start(self.launch.clone(), self.stderr.clone(), session);
        Stage::Running(process)
    }

    fn line(&mut self, process: Process, line: &[u8]) -> Stage {
        for event in self.translator.line(line) {
            match event {
                ExecEvent::Completed(completed) => self.complete(completed, &process),
                ExecEvent::Started(started) if self.is_new(started.resume.id()) => {
                    let wanted = self.launch.wanted().unwrap_or_default();
                    let failed = self.translator.fail(Failure::NothingToResume { wanted });
                    process.stop();
                    self.completed = failed.into_iter().find_map(completed);
                }
                event => {
                    self.has_effect |= is_effect(&event);
                    self.events.push_back(event);
                }
            }
        }
        match self.translator.session() {
            Some(session) if !self.holds_session && !self.translator.is_completed() => {
                self.holds_session = true;
                let acquire = self.locks.acquire(session.id());
                Stage::Joining(process, acquire)
            }
            _ => Stage::Running(process),
        }
    }

    /// Completes the turn; the process exits soon. One that works on the wrong session must not
    /// continue.
    fn complete(&mut self, completed: Completed, process: &Process) {
        let failure = completed.error.as_ref().map(RunError::failure);
        if matches!(failure, Some(Failure::ResumeMismatch { .. })) {
            process.stop();
        } else {
            process.expect_exit();
        }
        self.completed = Some(completed);
    }

    fn end(&mut self, end: End) {
        let events = match end {
            End::Exited(code) => self.translator.exited(code),
            End::Failed(failure) => self.translator.fail(failure),
        };
        let last = events.into_iter().find_map(completed);
        let Some(mut last) = self.completed.take().or(last) else {
            return;
        };
        last.attach(self.stderr.tail());
        if let Some(error) = &last.error {
            if self.begin_retry(error) {
                return;
            }
        }
        self.last = Some(last.clone());
        self.events.push_back(ExecEvent::Completed(last));
    }

    /// Begins the pause before another attempt, if there is to be one.
    fn begin_retry(&mut self, error: &RunError) -> bool {
        let kind = error.kind();
        let Some(retry) = self.launch.retry().filter(|_| !self.has_effect) else {
            return false;
        };
        let Some(length) = retry.pause(self.attempts, kind) else {
            return false;
        };
        let max = retry.max();
        let worked = self.started.map_or(Duration::ZERO, |it| it.elapsed());
        if !self.launch.spend(worked.saturating_add(length)) {
            return false;
        }
        let Ok(pause) = Pause::start(length) else {
            return false;
        };
        self.attempts += 1;
        let retried = Retried {
            attempt: self.attempts,
            max,
            kind,
        };
        self.events.push_back(retrying(error, length, retried));
        self.translator = Translator::new(self.launch.resume().cloned());
        self.holds_session = false;
        self.stderr = Stderr::default();
        self.stage = Stage::Pausing(pause);
        true
    }

    /// Returns whether a session that was to be resumed, by its name or as the last one, was
    /// created by this very process: the runtime does so when it finds none. Ids contain their time
    /// (UUID, version 7).
    fn is_new(&self, id: &str) -> bool {
        self.launch.wanted().is_some() && begun(id).is_some_and(|begun| begun >= self.begun)
    }

    /// The result of the run, once the last event was returned.
    pub(super) fn result(&mut self) -> Result<Completed, RunError> {
        match self.last.take() {
            Some(completed) => completed.into_result(),
            None => Err(Failure::Incomplete.into()),
        }
    }
}

/// Returns whether an event shows that the agent has begun to work.
fn is_effect(event: &ExecEvent) -> bool {
    match event {
        ExecEvent::Action(action) => !matches!(
            action.kind,
            ActionKind::Note | ActionKind::Turn | ActionKind::Warning
        ),
        ExecEvent::Unrecognized(_) => true,
        ExecEvent::Started(_) | ExecEvent::Completed(_) => false,
    }
}

/// The event of another attempt.
fn retrying(error: &RunError, pause: Duration, retried: Retried) -> ExecEvent {
    let (attempt, max) = (retried.attempt, retried.max);
    let seconds = pause.as_secs_f64();
    ExecEvent::Action(Action {
        id: RETRY_ID.to_owned(),
        kind: ActionKind::Warning,
        title: format!("{error}; trying again in {seconds:.1} s ({attempt}/{max})"),
        phase: if attempt == 1 {
            Phase::Started
        } else {
            Phase::Updated
        },
        ok: None,
        detail: Detail::Retry(retried),
        level: Level::Warning,
    })
}

fn completed(event: ExecEvent) -> Option<Completed> {
    match event {
        ExecEvent::Completed(completed) => Some(completed),
        _ => None,
    }
}

/// The creation time of an id, in milliseconds since 1970, if it is a UUID of version 7.
fn begun(id: &str) -> Option<u128> {
    let (seconds, rest) = id.split_once('-')?;
    let (fraction, rest) = rest.split_once('-')?;
    let is_valid = seconds.len() == 8 && fraction.len() == 4 && rest.starts_with('7');
    let digits = [seconds, fraction].concat();
    u128::from_str_radix(&digits, 16).ok().filter(|_| is_valid)
}

#[cfg(test)]
mod tests {
    use super::begun;

    #[test]
    fn ids_contain_their_time() {
        assert_eq!(
            begun("019b73c4-0c3f-7701-a0bb-aac6b4d8a3bc"),
            Some(0x019b_73c4_0c3f)
        );
        for other in [
            "",
            "name",
            "019b73c4-0c3f-4701-a0bb-aac6b4d8a3bc",
            "1-2-7",
            "zzzzzzzz-0c3f-7701-a",
        ] {
            assert_eq!(begun(other), None, "{other}");
        }
    }
}
