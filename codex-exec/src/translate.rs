//! Turns the lines of one run into its events.
//!
//! A pure state machine: lines and the exit status go in, events come out. No process, no clock, no
//! threads; both APIs of the runner share it, and it can be used without the runner.

mod answer;
mod describe;
mod reconnect;

use self::answer::Answer;
use super::action::{
    Action, ActionKind, Completed, Detail, ExecEvent, Level, Phase, Reconnect, Started,
};
use super::event::{Item, ItemDetails, RawEvent, Usage};
use super::{Failure, ResumeToken};

/// The id of the action that reports reconnections.
const RECONNECT_ID: &str = "codex.reconnect";

/// Turns the lines of one run of `codex exec --json` into its events.
///
/// ```
/// use codex_exec::{ExecEvent, Translator};
///
/// let mut translator = Translator::new(None);
/// translator.line(br#"{"type":"thread.started","thread_id":"t-1"}"#);
/// translator.line(br#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"Hi"}}"#);
/// let last = translator.line(br#"{"type":"turn.completed","usage":{"input_tokens":1,"cached_input_tokens":0,"output_tokens":1}}"#);
/// assert!(matches!(last.as_slice(), [ExecEvent::Completed(done)] if done.answer.as_deref() == Some("Hi")));
/// ```
#[derive(Debug)]
pub struct Translator {
    expected: Option<ResumeToken>,
    session: Option<ResumeToken>,
    answer: Answer,
    turns: u32,
    warnings: u32,
    reconnected: bool,
    completed: bool,
}

impl Translator {
    /// Creates a translator for a run that resumes this session, or starts a new one.
    pub fn new(resume: Option<ResumeToken>) -> Self {
        Self {
            expected: resume,
            session: None,
            answer: Answer::default(),
            turns: 0,
            warnings: 0,
            reconnected: false,
            completed: false,
        }
    }

    /// Returns the session, once the process has named it.
    pub fn session(&self) -> Option<&ResumeToken> {
        self.session.as_ref()
    }

    /// Returns whether the last event was returned: no more events follow.
    pub fn is_completed(&self) -> bool {
        self.completed
    }

    /// Translates one line of standard output, without its line break, mostly into one event or
    /// none. A line that cannot be read becomes a warning: it never ends the run.
    pub fn line(&mut self, line: &[u8]) -> Vec<ExecEvent> {
        if self.completed || line.trim_ascii().is_empty() {
            return Vec::new();
        }
        match serde_json::from_slice(line) {
            Ok(event) => self.event(event),
            Err(error) => vec![self.unreadable(line, &error)],
        }
    }

    /// Translates the exit of the process: its exit code, or the negative number of its signal.
    /// Returns the last event, unless it was already returned.
    pub fn exited(&mut self, code: i32) -> Vec<ExecEvent> {
        if code != 0 {
            self.complete(Err(Failure::Exit { code }))
        } else if self.session.is_none() {
            self.complete(Err(Failure::NoSession))
        } else {
            // If the turn had been completed, the last event would have been returned.
            self.complete(Err(Failure::Incomplete))
        }
    }

    /// Ends the run for another reason, unless it has ended already.
    pub fn fail(&mut self, error: Failure) -> Vec<ExecEvent> {
        self.complete(Err(error))
    }

    fn event(&mut self, event: RawEvent) -> Vec<ExecEvent> {
        match event {
            RawEvent::ThreadStarted(started) => self.thread_started(started.thread_id),
            RawEvent::TurnStarted(_) => self.turn_started(),
            RawEvent::TurnCompleted(turn) => self.complete(Ok(turn.usage)),
            RawEvent::TurnFailed(turn) => self.complete(Err(Failure::Turn {
                message: turn.error.message,
            })),
            RawEvent::ItemStarted(event) => describe_item(event.item, Phase::Started),
            RawEvent::ItemUpdated(event) => describe_item(event.item, Phase::Updated),
            RawEvent::ItemCompleted(event) => self.item_completed(event.item),
            RawEvent::Error(error) => vec![self.remark(error.message)],
            RawEvent::Unrecognized(event) => vec![ExecEvent::Unrecognized(event)],
        }
    }

    fn thread_started(&mut self, thread_id: String) -> Vec<ExecEvent> {
        let session = match ResumeToken::new(thread_id) {
            Ok(session) => session,
            Err(error) => return vec![self.warning(error.to_string(), Detail::None)],
        };
        let expected = self.session.as_ref().or(self.expected.as_ref());
        if let Some(expected) = expected.filter(|expected| **expected != session) {
            let error = Failure::mismatch(expected, &session);
            return self.complete(Err(error));
        }
        if self.session.is_some() {
            return Vec::new();
        }
        self.session = Some(session.clone());
        vec![ExecEvent::Started(Started { resume: session })]
    }

    /// A new turn has an answer of its own: earlier messages become notes.
    fn turn_started(&mut self) -> Vec<ExecEvent> {
        let mut events = notes(self.answer.take_all());
        events.push(ExecEvent::Action(Action {
            id: format!("turn_{}", self.turns),
            kind: ActionKind::Turn,
            title: "turn started".to_owned(),
            phase: Phase::Started,
            ok: None,
            detail: Detail::None,
            level: Level::Info,
        }));
        self.turns += 1;
        events
    }

    fn item_completed(&mut self, item: Item) -> Vec<ExecEvent> {
        if matches!(item.details, ItemDetails::AgentMessage(_)) {
            notes(self.answer.offer(item))
        } else {
            describe_item(item, Phase::Completed)
        }
    }

    /// A top-level error: a reconnection, or a warning. The next line shows if it was fatal.
    fn remark(&mut self, message: String) -> ExecEvent {
        match reconnect::parse(&message) {
            Some(reconnect) => self.reconnecting(message, reconnect),
            None => self.warning(message, Detail::None),
        }
    }

    fn reconnecting(&mut self, message: String, reconnect: Reconnect) -> ExecEvent {
        let is_first = !self.reconnected || reconnect.attempt.is_some_and(|attempt| attempt <= 1);
        self.reconnected = true;
        ExecEvent::Action(Action {
            id: RECONNECT_ID.to_owned(),
            kind: ActionKind::Note,
            title: message,
            phase: if is_first {
                Phase::Started
            } else {
                Phase::Updated
            },
            ok: None,
            detail: Detail::Reconnect(reconnect),
            level: Level::Info,
        })
    }

    fn unreadable(&mut self, line: &[u8], error: &serde_json::Error) -> ExecEvent {
        tracing::warn!(%error, "codex exec printed a malformed line");
        self.warning(
            format!("codex exec printed a malformed line: {error}"),
            Detail::Line(String::from_utf8_lossy(line).into_owned()),
        )
    }

    fn warning(&mut self, title: String, detail: Detail) -> ExecEvent {
        let id = format!("warning_{}", self.warnings);
        self.warnings += 1;
        ExecEvent::Action(Action {
            id,
            kind: ActionKind::Warning,
            title,
            phase: Phase::Completed,
            ok: Some(false),
            detail,
            level: Level::Warning,
        })
    }

    /// Returns the last event, once.
    fn complete(&mut self, result: Result<Usage, Failure>) -> Vec<ExecEvent> {
        if std::mem::replace(&mut self.completed, true) {
            return Vec::new();
        }
        let (usage, error) = match result {
            Ok(usage) => (Some(usage), None),
            Err(failure) => (None, Some(failure.into())),
        };
        vec![ExecEvent::Completed(Completed {
            ok: error.is_none(),
            answer: self.answer.text(),
            resume: self.session.clone().or_else(|| self.expected.clone()),
            error,
            usage,
            stderr: "".into(),
        })]
    }
}

/// Items produce an action in every phase, messages only when they are complete.
fn describe_item(item: Item, phase: Phase) -> Vec<ExecEvent> {
    if matches!(item.details, ItemDetails::AgentMessage(_)) && phase != Phase::Completed {
        return Vec::new();
    }
    vec![ExecEvent::Action(describe::action(item, phase))]
}

fn notes(messages: Vec<Item>) -> Vec<ExecEvent> {
    messages
        .into_iter()
        .map(|message| ExecEvent::Action(describe::action(message, Phase::Completed)))
        .collect()
}
