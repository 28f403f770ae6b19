//! Attaching to a turn that is running, whoever started it.

use std::time::Duration;

use codex_types::{
    Method as _, SortDirection, ThreadResumeParams, ThreadResumeResponse, ThreadStatus,
    ThreadTurnsListParams, Turn, TurnId, TurnItemsView, TurnStatus, methods, rpc,
};
use serde_json::value::RawValue;

use super::{TurnControl, TurnHandle, TurnStream};
use crate::connection::timer;
use crate::error::{Error, ServerErrorKind};
use crate::json;
use crate::nonblocking::thread::Thread;
use crate::shared::earlier::Earlier;

/// Number of turns among which the attached one is searched for.
const TURNS: u32 = 50;
/// Time limit for the runtime to store the beginning of a thread's first turn.
const STORED_WITHIN: Duration = Duration::from_secs(10);
/// Time limit for it to list a turn.
const LISTED_WITHIN: Duration = Duration::from_secs(2);
/// Interval of the checks for them, which nothing reports.
const CHECK: Duration = Duration::from_millis(10);

impl Thread {
    /// Attaches to a running turn by its id, whoever started it: another client of the same server,
    /// or an earlier handle of this one. Returns its [`TurnHandle`], which yields the events of its
    /// start and of the items that it has completed, then those that follow. Its result is that of
    /// the whole turn, except that `usage` counts from now on. A turn that has ended is
    /// complete at once.
    ///
    /// The handle watches: approvals that the turn waits for are left to the client that decides
    /// about them, for the server repeats them to every client that attaches. See
    /// [`Thread::attach_with_approvals`].
    ///
    /// Sends `thread/resume`, from which on the server sends the events of the thread to this
    /// connection, and `thread/turns/list`. The text of a message that is being written has to be
    /// complete before it is known.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use codex_testing::{AppServerHarness, Reply};
    /// # let harness = AppServerHarness::start()?;
    /// # harness.responses().enqueue(Reply::assistant("It never ended."));
    /// # let codex = harness.codex().await?;
    /// # let thread = codex.thread_start().await?;
    /// # let (thread_id, turn_id) = (thread.id().clone(), thread.turn("What was wrong?").await?.id().clone());
    /// let mut turn = codex.thread(thread_id).attach(turn_id).await?;
    /// let result = turn.run().await?;
    /// # assert_eq!(result.final_response.as_deref(), Some("It never ended."));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::Client::request);
    /// [`Error::InvalidArgument`] if the turn is not among the last 50 of the thread.
    #[doc(alias("join", "reattach", "watch"))]
    pub async fn attach(&self, turn: impl Into<TurnId>) -> Result<TurnHandle, Error> {
        attach(self, turn.into(), true).await
    }

    /// Attaches to a running turn, with its approvals in the stream: those that wait already, and
    /// later ones, as with `approvals_in_stream`. See [`Thread::attach`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::attach`].
    pub async fn attach_with_approvals(
        &self,
        turn: impl Into<TurnId>,
    ) -> Result<TurnHandle, Error> {
        attach(self, turn.into(), false).await
    }
}

async fn attach(thread: &Thread, turn_id: TurnId, watches: bool) -> Result<TurnHandle, Error> {
    let client = thread.client();
    let id = thread.id().as_str();
    // Before the thread is resumed: its response is followed by the approvals that wait.
    let events = client.attach_events(id, turn_id.as_str())?;
    let begin = timer::now();
    let turn = loop {
        let waited = timer::now().saturating_duration_since(begin);
        match read(thread, &turn_id, waited >= LISTED_WITHIN).await {
            // Of a thread whose first turn has just begun, nothing is stored yet.
            Err(Error::Server(error))
                if error.kind() == ServerErrorKind::NotSupported && waited < STORED_WITHIN => {}
            // Likewise of a turn that has just begun, or its thread is not active yet.
            Ok(None) if waited < LISTED_WITHIN => {}
            found => break found?,
        }
        timer::sleep(CHECK).await;
    };
    let Some(turn) = turn else {
        return Err(Error::InvalidArgument {
            method: methods::ThreadResume::NAME.to_owned(),
            problem: format!("thread {id} has no turn {}", turn_id.as_str()),
        });
    };
    let is_running = turn.read.status == TurnStatus::InProgress;
    let json = serde_json::from_str(turn.text.get()).unwrap_or_default();
    let earlier = Earlier::new(id, json, is_running, watches);
    let settings = &client.session.settings;
    let cancellation = client.cancellation.as_ref();
    let control = TurnControl::new(thread.clone(), turn_id);
    let stream = TurnStream::new(control.clone(), events)
        .idle_limited(settings.turn_idle_limit)
        .cancelled_by(cancellation)
        .attached(earlier);
    Ok(TurnHandle { control, stream })
}

/// A turn of the history, with its text.
struct StoredTurn {
    read: Turn,
    text: Box<RawValue>,
}

/// The texts of turns.
type Turns = Vec<Box<RawValue>>;

/// Resumes the thread, and returns the turn, unless it is unknown, or it is doubtful whether it
/// runs.
async fn read(
    thread: &Thread,
    turn_id: &TurnId,
    accepts_doubtful: bool,
) -> Result<Option<StoredTurn>, Error> {
    let client = thread.client();
    let mut params = ThreadResumeParams::new(thread.id());
    let excludes_turns = client.session.excludes_turns(methods::ThreadResume::NAME);
    if excludes_turns {
        params.exclude_turns = Some(true);
    }
    let method = methods::ThreadResume::NAME;
    let response = client
        .request_text::<methods::ThreadResume>(&params)
        .await?;
    let resumed: ThreadResumeResponse = client.typed(method, &response)?;
    let turns = if excludes_turns {
        last_turns(thread).await?
    } else {
        let turns = |text: &str| json::required(text, &["thread", "turns"]);
        client.part(method, &response, turns)?
    };
    let is_active = matches!(resumed.thread.status, ThreadStatus::Active(_));
    let is_settled = |turn: &Turn| match turn.status {
        TurnStatus::InProgress => is_active,
        // Interrupted on request, or by the end of a server; a turn that has just begun looks like
        // the latter for a moment.
        TurnStatus::Interrupted => turn.completed_at.is_some(),
        _ => true,
    };
    let read = turns.into_iter().filter_map(|text| {
        let read = rpc::decode::<Turn>(&text).ok()?;
        Some(StoredTurn { read, text })
    });
    let mut meant = read.filter(|turn| turn.read.id == *turn_id);
    Ok(meant.find(|turn| accepts_doubtful || is_settled(&turn.read)))
}

async fn last_turns(thread: &Thread) -> Result<Turns, Error> {
    let params = ThreadTurnsListParams::new(thread.id()).items_view(TurnItemsView::Full);
    let params = params.sort_direction(SortDirection::Desc).limit(TURNS);
    let client = thread.client();
    let page = client
        .request_text::<methods::ThreadTurnsList>(&params)
        .await?;
    let turns = |text: &str| json::required(text, &["data"]);
    client.part(methods::ThreadTurnsList::NAME, &page, turns)
}
