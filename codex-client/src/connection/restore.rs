//! What a new link needs before it is used: the handshake, the threads in use, and the events that
//! were missed.
//!
//! Sends urgent requests: all others wait until it is done. Independent of the link itself.

use std::collections::HashSet;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use codex_types::{Method as _, methods, rpc};
use serde_core::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::params::Params;
use super::running::{RunningTurn, RunningTurns};
use super::session::{GREETING_CHECK, SessionState, server_error};
use super::threads::Config;
use super::{Connection, Link, Report, timer};
use crate::error::{Closed, Error, InterruptedTurn, LostThread, Restarted};
use crate::shared::event::Run;

mod missed;

use missed::{Missed, Outcome};

/// Time limit of a request of the restoring, unless those of the program have a shorter one.
const LIMIT: Duration = Duration::from_secs(60);
/// Maximum number of turns of a thread that are searched for those that were running.
const TURNS: u32 = 50;
/// Maximum number of threads that are resumed side by side.
const AT_ONCE: usize = 16;
/// Keys of a thread's configuration whose present values the runtime stores itself: sent again they
/// would undo later changes, such as a stricter sandbox.
const STORED: &[&str] = &[
    "approval_policy",
    "approvals_reviewer",
    "model",
    "model_provider",
    "model_reasoning_effort",
    "model_reasoning_summary",
    "permissions",
    "personality",
    "sandbox_mode",
    "sandbox_workspace_write",
    "service_tier",
];

/// Restores a session over a new link.
pub(super) async fn restore(
    state: &Arc<SessionState>,
    link: &Link,
    loss: &Arc<Closed>,
    attempts: u32,
) -> Result<(), Error> {
    let asking = Asking { state, link };
    asking.initialize().await?;
    let connection = &state.connection;
    let mut report = Restarted {
        closed: Arc::clone(loss),
        attempts,
        resumed: Vec::new(),
        lost: Vec::new(),
        interrupted: Vec::new(),
    };
    let mut watched = connection.watched_turns();
    let mut missed = Missed::default();
    let threads = state.threads.in_use().into_iter();
    let mut threads: Vec<_> = threads
        .map(|(thread_id, config)| {
            let turns = take_turns_of(&mut watched, &thread_id);
            Box::pin(asking.thread(thread_id, config, turns))
        })
        .collect();
    while !threads.is_empty() {
        let some = threads.drain(..threads.len().min(AT_ONCE)).collect();
        for thread in all(some).await {
            thread?.add_to(&mut report, &mut missed);
        }
    }
    // Of threads without a handle.
    let rest = watched.iter();
    report
        .interrupted
        .extend(rest.map(|(turn_id, turn)| interrupted(turn_id, turn)));
    connection.end_restart(link, &report, &missed)
}

/// A thread after the attempt to resume it.
struct Thread {
    id: String,
    turns: Turns,
    /// The response to `thread/resume`, and the last turns.
    resumed: Result<(Value, Vec<Value>), Error>,
}

impl Thread {
    fn add_to(self, report: &mut Restarted, missed: &mut Missed) {
        let thread_id = self.id.as_str().into();
        let known = match self.resumed {
            Ok(known) => {
                report.resumed.push(thread_id);
                Some(known)
            }
            Err(error) => {
                report.lost.push(LostThread { thread_id, error });
                None
            }
        };
        for (turn_id, turn) in &self.turns {
            let outcome = match &known {
                Some((response, history)) => missed.add(turn_id, turn, response, history),
                None => Outcome::Interrupted,
            };
            if outcome == Outcome::Interrupted {
                report.interrupted.push(interrupted(turn_id, turn));
            }
        }
    }
}

/// Runs futures side by side, and returns their outputs in order.
async fn all<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none() {
                if let Poll::Ready(ready) = Pin::new(future).poll(context) {
                    *output = Some(ready);
                }
            }
        }
        if outputs.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

fn interrupted(turn_id: &str, turn: &RunningTurn) -> InterruptedTurn {
    InterruptedTurn {
        thread_id: turn.thread_id.as_str().into(),
        turn_id: turn_id.into(),
    }
}

/// Turns with their ids, in the order of these.
type Turns = Vec<(String, RunningTurn)>;

/// Removes and returns the turns of a thread.
fn take_turns_of(turns: &mut Turns, thread_id: &str) -> Turns {
    let all = std::mem::take(turns);
    let (taken, rest) = all
        .into_iter()
        .partition(|(_, turn)| turn.thread_id == thread_id);
    *turns = rest;
    taken
}

/// Sends the requests of the restoring.
struct Asking<'a> {
    state: &'a Arc<SessionState>,
    link: &'a Link,
}

impl Asking<'_> {
    async fn send<P>(&self, method: &str, params: &P) -> Result<Box<RawValue>, Error>
    where
        P: Serialize + ?Sized,
    {
        let connection = &self.state.connection;
        let pending =
            connection.submit_urgent(self.link, method, &Params::encode(method, params)?)?;
        let limit = self.state.settings.call.deadline.unwrap_or(LIMIT);
        let limit = limit.min(LIMIT);
        let response = poll_fn(|context| pending.poll(method, context));
        match timer::within(Some(limit), response).await {
            Some(response) => response?.map_err(|refusal| server_error(method, refusal)),
            None => Err(Error::Timeout {
                method: method.to_owned(),
                after: limit,
            }),
        }
    }

    /// Resumes a thread in use, and reads the last turns if any of them was running. An error means
    /// that the link is of no use.
    async fn thread(
        &self,
        id: String,
        config: Option<Config>,
        turns: Turns,
    ) -> Result<Thread, Error> {
        let resumed = match self.resume(&id, config.as_ref()).await {
            Ok(response) => {
                let history = self.history(&id, &response, &turns).await?;
                Ok((response, history))
            }
            Err(error @ Error::Server(_)) if !error.is_retryable() => Err(error),
            Err(error) => return Err(error),
        };
        Ok(Thread { id, turns, resumed })
    }

    /// Performs the handshake.
    async fn initialize(&self) -> Result<(), Error> {
        let params = &self.state.settings.initialize;
        let mut response = pin!(self.send(methods::Initialize::NAME, params));
        let response = loop {
            match timer::within(Some(GREETING_CHECK), response.as_mut()).await {
                Some(response) => break response?,
                None => self.state.check_greeting()?,
            }
        };
        self.state.initialized(&response)?;
        self.state
            .connection
            .notify_urgent(self.link, "initialized")
    }

    /// Resumes a thread. The runtime stores its settings, except overrides of the configuration.
    async fn resume(&self, thread_id: &str, config: Option<&Config>) -> Result<Value, Error> {
        let method = methods::ThreadResume::NAME;
        let mut params = json!({ "threadId": thread_id });
        if self.excludes_turns() {
            params["excludeTurns"] = Value::Bool(true);
        }
        if let Some(config) = config {
            let kept = config.iter();
            let kept = kept.filter(|(key, _)| !STORED.contains(&key.as_str()));
            params["config"] = kept
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
        }
        let response = self.send(method, &params).await?;
        decoded(method, &response)
    }

    fn excludes_turns(&self) -> bool {
        self.state.excludes_turns(methods::ThreadResume::NAME)
    }

    /// The last turns of a resumed thread, with their items, if any of them was running.
    async fn history(
        &self,
        thread_id: &str,
        resumed: &Value,
        turns: &[(String, RunningTurn)],
    ) -> Result<Vec<Value>, Error> {
        if turns.is_empty() {
            return Ok(Vec::new());
        }
        if !self.excludes_turns() {
            return Ok(list(&resumed["thread"]["turns"]));
        }
        let method = methods::ThreadTurnsList::NAME;
        let params = json!({ "threadId": thread_id, "itemsView": "full", "limit": TURNS });
        match self.send(method, &params).await {
            Ok(response) => Ok(list(&decoded(method, &response)?["data"])),
            // Unknown to the server: whatever was running counts as interrupted.
            Err(Error::Server(error)) if !error.is_overloaded() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn decoded(method: &str, response: &RawValue) -> Result<Value, Error> {
    let decoded: Result<Value, _> = rpc::decode(response);
    decoded.map_err(|error| super::session::decode_error(method, error, response))
}

impl Connection {
    /// Begins another link.
    pub(super) fn begin_link(self: &Arc<Self>) -> Result<Link, Error> {
        let number = self.lock().begin_link()?;
        self.greeting.reset();
        let connection = Arc::clone(self);
        Ok(Link { connection, number })
    }

    /// The reason of the loss, if the link is lost and no other one was begun.
    pub(super) fn lost(&self) -> Option<Arc<Closed>> {
        self.lock().lost()
    }

    fn notify_urgent(&self, link: &Link, method: &str) -> Result<(), Error> {
        let frame = rpc::encode_notification(method, &());
        let frame = frame.map_err(|problem| Error::Encode {
            method: method.to_owned(),
            problem,
        })?;
        self.step(|engine, effects| engine.notify_urgent(link.number, frame.into(), effects))?;
        Ok(())
    }

    /// The turns that were running when the link was lost: those whose events have come, and those
    /// that are subscribed to.
    fn watched_turns(&self) -> Turns {
        let mut turns = self
            .running
            .as_ref()
            .map(RunningTurns::all)
            .unwrap_or_default();
        for (turn_id, thread_id) in self.lock().subscribed_turns() {
            let turn = turns.entry(turn_id.to_owned()).or_default();
            if let (true, Some(thread_id)) = (turn.thread_id.is_empty(), thread_id) {
                thread_id.clone_into(&mut turn.thread_id);
            }
        }
        let mut turns: Turns = turns.into_iter().collect();
        turns.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        turns
    }

    /// Ends the restoring: the link is in use again.
    fn end_restart(&self, link: &Link, report: &Restarted, missed: &Missed) -> Result<(), Error> {
        let over: HashSet<&str> = report
            .interrupted
            .iter()
            .map(|turn| turn.turn_id.as_str())
            .collect();
        if let Some(running) = &self.running {
            running.retain(|turn| !over.contains(turn) && !missed.has_ended(turn));
        }
        let events: Vec<Run> = missed.events().iter().cloned().map(Run::alone).collect();
        let report = Report::Restarted(Arc::new(report.clone()));
        let ended = self.step(|engine, effects| {
            let is_over = |turn: &str| over.contains(turn);
            engine.end_restart(link.number, &report, &events, is_over, effects)
        });
        match (
            ended,
            self.closed().or_else(|| self.lock().last_loss().cloned()),
        ) {
            (false, Some(closed)) => Err(closed.into()),
            _ => Ok(()),
        }
    }
}
