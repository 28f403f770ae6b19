//! Drives a run through either API, from a thread of its own.

use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;

use codex_exec::{
    Action, ActionKind, Completed, ExecEvent, ExecEvents, ExecRunner, ExecStream, Phase,
    ResumeToken, Started,
};

use crate::wait::LIMIT;

/// The two ways to use a runner.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    Async,
    Blocking,
}

pub(crate) const MODES: [Mode; 2] = [Mode::Async, Mode::Blocking];

/// The events of a run that continues in the background.
pub(crate) struct Events(Receiver<ExecEvent>);

impl Mode {
    /// Begins a run.
    pub(crate) fn begin(
        self,
        runner: &ExecRunner,
        resume: Option<&ResumeToken>,
        prompt: &str,
    ) -> Events {
        let (sender, receiver) = channel();
        let work: Box<dyn FnOnce() + Send> = match self {
            Self::Async => {
                let mut stream = begin_async(runner, resume, prompt);
                Box::new(move || {
                    block_on(async {
                        while let Some(event) = stream.next().await {
                            drop(sender.send(event));
                        }
                    });
                })
            }
            Self::Blocking => {
                let events = begin_blocking(runner, resume, prompt);
                Box::new(move || events.for_each(|event| drop(sender.send(event))))
            }
        };
        thread::spawn(work);
        Events(receiver)
    }

    /// All events of a run.
    pub(crate) fn collect(
        self,
        runner: &ExecRunner,
        resume: Option<&ResumeToken>,
        prompt: &str,
    ) -> Vec<ExecEvent> {
        self.begin(runner, resume, prompt).rest()
    }
}

pub(crate) fn begin_async(
    runner: &ExecRunner,
    resume: Option<&ResumeToken>,
    prompt: &str,
) -> ExecStream {
    match resume {
        Some(session) => runner.resume(session, prompt),
        None => runner.run(prompt),
    }
}

pub(crate) fn begin_blocking(
    runner: &ExecRunner,
    resume: Option<&ResumeToken>,
    prompt: &str,
) -> ExecEvents {
    match resume {
        Some(session) => runner.resume_blocking(session, prompt),
        None => runner.run_blocking(prompt),
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    // Time is for the test's own waiting; a stream needs nothing of a runtime.
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(future)
}

impl Events {
    /// The next event.
    pub(crate) fn next(&self) -> ExecEvent {
        self.0.recv_timeout(LIMIT).expect("the run goes on")
    }

    /// Waits for the started event, which comes next.
    pub(crate) fn started(&self) -> Started {
        started(&self.next()).clone()
    }

    /// Returns whether no further event has come.
    pub(crate) fn is_silent(&self) -> bool {
        match self.0.try_recv() {
            Err(TryRecvError::Empty) => true,
            Ok(_) | Err(TryRecvError::Disconnected) => false,
        }
    }

    /// The remaining events.
    pub(crate) fn rest(self) -> Vec<ExecEvent> {
        let mut events = Vec::new();
        loop {
            match self.0.recv_timeout(LIMIT) {
                Ok(event) => events.push(event),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return events,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    panic!("the run does not end after {events:?}")
                }
            }
        }
    }
}

pub(crate) fn started(event: &ExecEvent) -> &Started {
    match event {
        ExecEvent::Started(started) => started,
        other => panic!("not a started event: {other:?}"),
    }
}

pub(crate) fn action(event: &ExecEvent) -> &Action {
    match event {
        ExecEvent::Action(action) => action,
        other => panic!("not an action: {other:?}"),
    }
}

/// Kind, title, phase and outcome of an action.
pub(crate) fn gist(event: &ExecEvent) -> (ActionKind, &str, Phase, Option<bool>) {
    let action = action(event);
    (action.kind.clone(), &action.title, action.phase, action.ok)
}

/// The last event, which must be the only completed one.
pub(crate) fn completed(events: &[ExecEvent]) -> &Completed {
    let count = events
        .iter()
        .filter(|event| matches!(event, ExecEvent::Completed(_)))
        .count();
    assert_eq!(count, 1, "{events:?}");
    match events.last() {
        Some(ExecEvent::Completed(completed)) => completed,
        other => panic!("the last event is not the completed one: {other:?}"),
    }
}

pub(crate) fn error_text(completed: &Completed) -> String {
    completed.error.as_ref().expect("an error").to_string()
}
