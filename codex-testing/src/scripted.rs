//! A server that follows a script, for tests of a client without the runtime.
//!
//! A [`Script`] or the [`Replay`] of a recorded session prescribes the messages;
//! [`ScriptedPeer`] sends them, on a thread of its own, over anything that moves frames.

mod end;
mod replay;
mod role;
mod script;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use codex_client::transport::memory::{self, MemoryTransport};

use super::panics;
use super::watched::Watched;
pub use end::{PeerEnd, Received};
pub use replay::{Replay, ReplayError};
pub use role::Role;
pub use script::Script;

/// Limit of a dropped peer for the rest of its script.
const STEP_TIMEOUT: Duration = Duration::from_secs(5);
/// Interval in which the thread checks for a stop.
const LISTEN: Duration = Duration::from_millis(10);

/// Plays the server to a client.
///
/// ```
/// use codex_client::blocking::Codex;
/// use codex_testing::scripted::{Script, ScriptedPeer};
/// use serde_json::json;
///
/// # fn main() -> Result<(), codex_client::Error> {
/// let script = Script::new()
///     .handshake()
///     .expect_with("model/list", |params| assert_eq!(params["includeHidden"], true))
///     .reply(json!({ "data": [] }));
/// let (peer, transport) = ScriptedPeer::play(script);
/// let (reader, writer) = transport.split();
/// let codex = Codex::builder().transport((reader, writer)).build()?;
/// let models = codex.models().include_hidden(true).call()?;
/// assert!(models.data.is_empty());
/// // Dropping the peer asserts that all of this was said, and nothing else.
/// drop(peer);
/// # Ok(())
/// # }
/// ```
///
/// The connection stays open until this is dropped, unless the
/// script closes it or the client departs from the script.
///
/// # Panics
///
/// Dropping it asserts that the script was consumed, for which it waits five seconds, and that
/// the client sent nothing else. It does not when the thread is panicking already.
#[must_use = "a peer that is dropped waits for its script"]
pub struct ScriptedPeer {
    progress: Arc<Watched<Progress>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Progress {
    /// The next expected step; `None` after the last.
    missing: Option<String>,
    failure: Option<String>,
    stop: bool,
}

impl ScriptedPeer {
    /// Starts to play a role to a client in this process, which connects through the
    /// transport, on either API.
    ///
    /// # Panics
    ///
    /// When no thread can be started.
    #[track_caller]
    pub fn play(role: impl Role) -> (Self, MemoryTransport) {
        let (transport, end) = memory::pair();
        (Self::start(role, end), transport)
    }

    /// Starts to play a role over the server's end of a connection of any kind.
    ///
    /// # Panics
    ///
    /// When no thread can be started.
    #[track_caller]
    pub fn start(role: impl Role, end: impl PeerEnd) -> Self {
        let progress = Arc::new(Watched::new(Progress {
            missing: Some("its own first words".to_owned()),
            ..Progress::default()
        }));
        let shared = Arc::clone(&progress);
        let thread = thread::Builder::new()
            .name("scripted-peer".to_owned())
            .spawn(move || play(role, end, &shared))
            .unwrap_or_else(|error| panic!("cannot start the peer's thread: {error}"));
        Self {
            progress,
            thread: Some(thread),
        }
    }

    /// Waits until the script was consumed.
    ///
    /// # Panics
    ///
    /// When it was not within `limit`, or the client departed from it.
    #[track_caller]
    pub fn finish(&self, limit: Duration) {
        if let Err(failure) = self.outcome(limit) {
            panic!("scripted peer: {failure}");
        }
    }

    fn outcome(&self, limit: Duration) -> Result<(), String> {
        let outcome = self.progress.wait(limit, |progress| {
            match (&progress.failure, &progress.missing) {
                (Some(failure), _) => Some(Err(failure.clone())),
                (None, None) => Some(Ok(())),
                (None, Some(_)) => None,
            }
        });
        outcome.unwrap_or_else(|| {
            let missing = self.progress.read(|progress| progress.missing.clone());
            Err(format!(
                "waited {limit:?} for {}",
                missing.unwrap_or_default()
            ))
        })
    }

    /// Ends the thread; returns its failure, if there was one.
    fn stop(&mut self) -> Result<(), String> {
        self.progress.update(|progress| progress.stop = true);
        if let Some(thread) = self.thread.take() {
            // Its panics are caught and kept as failures.
            let _ = thread.join();
        }
        let failure = self.progress.read(|progress| progress.failure.clone());
        failure.map_or(Ok(()), Err)
    }
}

impl Drop for ScriptedPeer {
    fn drop(&mut self) {
        let timeout = if thread::panicking() {
            Duration::ZERO
        } else {
            STEP_TIMEOUT
        };
        let outcome = self.outcome(timeout);
        let outcome = self.stop().and(outcome);
        if let (Err(failure), false) = (outcome, thread::panicking()) {
            panic!("scripted peer: {failure}");
        }
    }
}

impl fmt::Debug for ScriptedPeer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.progress.read(|progress| {
            formatter
                .debug_struct("ScriptedPeer")
                .field("missing", &progress.missing)
                .field("failure", &progress.failure)
                .finish_non_exhaustive()
        })
    }
}

/// Plays until the peer is stopped. On a failure the connection ends at once: the
/// client may be waiting for an answer.
fn play(mut role: impl Role, mut end: impl PeerEnd, progress: &Watched<Progress>) {
    let talk = AssertUnwindSafe(|| converse(&mut role, &mut end, progress));
    let outcome = catch_unwind(talk).unwrap_or_else(|panic| Err(panics::message(panic.as_ref())));
    if let Err(failure) = outcome {
        progress.update(|progress| progress.failure = Some(failure));
    }
}

fn converse(
    role: &mut impl Role,
    end: &mut impl PeerEnd,
    progress: &Watched<Progress>,
) -> Result<(), String> {
    let mut closed = false;
    loop {
        while let Some(frame) = role.next_frame()? {
            if !end.send(frame) {
                return Err("the client ended the connection before the server was done".into());
            }
        }
        if role.closes() && !closed {
            end.close();
            closed = true;
        }
        let missing = role.missing();
        progress.update(|progress| progress.missing.clone_from(&missing));
        match (listen(end, progress), missing) {
            (Some(Received::Frame(frame)), _) => role.receive(&frame)?,
            (Some(Received::Ended), Some(missing)) => {
                return Err(format!(
                    "the client ended the connection, without {missing}"
                ));
            }
            _ => return Ok(()),
        }
    }
}

/// Waits for the next message; `None` when the peer is stopped.
fn listen(end: &mut impl PeerEnd, progress: &Watched<Progress>) -> Option<Received> {
    loop {
        match end.receive(LISTEN) {
            Received::Nothing if progress.read(|progress| progress.stop) => return None,
            Received::Nothing => {}
            received => return Some(received),
        }
    }
}
