//! The conversations and the turns that run. Independent of HTTP.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codex_client::types::ThreadId;
use codex_client::{ApprovalMode, Codex, Error, Sandbox, Thread, TurnControl, TurnHandle};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

use crate::approvals::Approvals;

/// The turns that run, which can be waited for.
type Running = watch::Sender<HashMap<ThreadId, TurnControl>>;

/// Time for interrupted turns to end.
const GRACE: Duration = Duration::from_secs(10);

pub(crate) struct Agent {
    codex: Codex,
    pub(crate) approvals: Arc<Approvals>,
    /// The conversations of this connection; others are resumed on demand.
    threads: Mutex<HashMap<ThreadId, Thread>>,
    running: Running,
    /// A permit for each turn at once.
    turns: Arc<Semaphore>,
    /// True once streams have to end.
    ending: watch::Sender<bool>,
}

/// The reason why a prompt was not taken.
pub(crate) enum Refused {
    /// As many turns run as may.
    TooManyTurns,
    Failed(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Agent {
    pub(crate) fn new(codex: Codex, approvals: Arc<Approvals>, turns: usize) -> Self {
        Self {
            codex,
            approvals,
            threads: Mutex::default(),
            running: Running::default(),
            turns: Arc::new(Semaphore::new(turns)),
            ending: watch::Sender::new(false),
        }
    }

    /// Starts a conversation. Actions beyond the sandbox need an approval.
    pub(crate) async fn start(&self) -> Result<Thread, Error> {
        let start = self.codex.thread_start().sandbox(Sandbox::WorkspaceWrite);
        let thread = start.approval_mode(ApprovalMode::AskClient).await?;
        Ok(self.keep(thread))
    }

    /// A conversation of this or of an earlier run.
    pub(crate) async fn thread(&self, id: &ThreadId) -> Result<Thread, Error> {
        let known = lock(&self.threads).get(id).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let resume = self
            .codex
            .thread_resume(id)
            .sandbox(Sandbox::WorkspaceWrite);
        let thread = resume.approval_mode(ApprovalMode::AskClient).await?;
        Ok(self.keep(thread))
    }

    fn keep(&self, thread: Thread) -> Thread {
        lock(&self.threads).insert(thread.id().clone(), thread.clone());
        thread
    }

    /// Runs a prompt; while a turn runs, the prompt steers it.
    pub(crate) async fn prompt(&self, id: &ThreadId, prompt: String) -> Result<(), Refused> {
        let running = self.running.borrow().get(id).cloned();
        if let Some(turn) = running {
            turn.steer(prompt).await?;
            return Ok(());
        }
        let permit = Arc::clone(&self.turns).try_acquire_owned();
        let permit = permit.map_err(|_| Refused::TooManyTurns)?;
        let turn = self.thread(id).await?.turn(prompt).await?;
        self.running.send_modify(|running| {
            running.insert(id.clone(), turn.control());
        });
        tokio::spawn(follow(turn, self.running.clone(), permit));
        Ok(())
    }

    pub(crate) async fn interrupt(&self, id: &ThreadId) -> Result<(), Error> {
        let running = self.running.borrow().get(id).cloned();
        if let Some(turn) = running {
            turn.interrupt().await?;
        }
        Ok(())
    }

    /// Interrupts all turns, and waits until they have ended. No more turns begin. Returns the number
    /// of turns.
    pub(crate) async fn interrupt_all(&self) -> usize {
        self.turns.close();
        let running: Vec<_> = self.running.borrow().values().cloned().collect();
        for turn in &running {
            if let Err(error) = turn.interrupt().await {
                eprintln!("{}: {error}", turn.id());
            }
        }
        let mut ended = self.running.subscribe();
        if timeout(GRACE, ended.wait_for(HashMap::is_empty))
            .await
            .is_err()
        {
            eprintln!("some turns have not ended in time");
        }
        running.len()
    }

    /// Ends the streams of all browsers.
    pub(crate) fn end_streams(&self) {
        self.ending.send_replace(true);
    }

    /// Ready when streams have to end.
    pub(crate) fn ending(&self) -> impl Future<Output = ()> + use<> {
        let mut ending = self.ending.subscribe();
        async move {
            let _ = ending.wait_for(|is_ending| *is_ending).await;
        }
    }

    pub(crate) async fn close(&self) {
        self.codex.close().await;
    }
}

/// Follows a turn to its end, also if no browser watches.
async fn follow(mut turn: TurnHandle, running: Running, permit: OwnedSemaphorePermit) {
    if let Err(error) = turn.run().await {
        eprintln!("{}: {error}", turn.id());
    }
    running.send_modify(|running| {
        running.remove(turn.thread_id());
    });
    drop(permit);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
