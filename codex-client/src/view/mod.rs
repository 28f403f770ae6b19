//! Views of threads for user interfaces: folds of history and of the events of the connection.
//!
//! A [`ThreadView`] is a value that the program feeds: sans-io, without async and without a clock,
//! independent of subscriptions. A [`LiveView`] feeds one by itself; that of the blocking API is in
//! [`blocking`].

#[cfg(feature = "blocking")]
pub mod blocking;
mod changes;
mod delta;
mod fold;
mod history;
mod item;
mod limits;
mod live;
mod turn;
mod unseen;

use codex_types::{
    ItemId, List, RequestId, ServerNotification, Thread, ThreadGoal, ThreadId, ThreadStatus,
    ThreadTokenUsage, Turn, TurnId, TurnItemsView,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::shared::event::Event;
use crate::shared::turn_event::TurnEvent;

pub use changes::{
    Appended, Changes, ItemChange, ItemChangeKind, TextField, ThreadPart, TurnChange, TurnPart,
};
pub use item::{ItemState, ItemView};
pub use limits::ViewLimits;
pub use live::LiveView;
pub use turn::{PlanView, TurnView};

/// Maximum number of pending requests; beyond it, the oldest is forgotten.
const MOST_PENDING: usize = 1024;

/// Size of a request that is not counted, in bytes: so many of them take 64 MiB at most.
const SMALL: usize = 64 * 1024;

/// A thread as a user interface shows it: its turns and items with all deltas merged, the requests
/// that wait for a decision, its status and its usage.
///
/// A pure value, which a program feeds with history and events, in any order: what the view has
/// already is recognized by the ids of turns and items. Every step returns its [`Changes`].
/// `Thread::view` feeds one by itself.
///
/// ```
/// use codex_client::view::ThreadView;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Reply};
/// # let harness = AppServerHarness::start()?;
/// # harness.responses().enqueue(Reply::streaming(["Hel", "lo."]));
/// # let thread = harness.codex().await?.thread_start().await?;
/// let mut view = ThreadView::new(thread.id());
/// let mut events = thread.events()?;
/// let turn = thread.turn("Say hello.").await?;
/// while view.turn(turn.id()).is_none_or(|turn| turn.is_running()) {
///     let event = events.next().await.expect("the connection is open")?;
///     for change in view.apply(&event).items {
///         println!("{}: {:?}", change.item_id.as_str(), change.kind);
///     }
/// }
/// # let read = thread.read().include_turns(true).await?;
/// # let mut turns: Vec<_> = view.turns().iter().map(|turn| turn.to_turn()).collect();
/// # assert_eq!(turns, read.thread.turns.to_vec());
/// # Ok(())
/// # }
/// ```
///
/// After each turn, [`ThreadView::to_turns`] is equal to the turns of `thread/read`: a test requires
/// it for every recorded session and for random real ones. The view has more than `thread/read`:
/// open and [abandoned](ItemState::Abandoned) items, plans, diffs and the running output of
/// commands.
///
/// It serializes with the names of the protocol, for a browser, and deserializes again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ThreadView {
    thread_id: ThreadId,
    status: Option<ThreadStatus>,
    name: Option<String>,
    goal: Option<ThreadGoal>,
    usage: Option<ThreadTokenUsage>,
    pending: Vec<PendingRequest>,
    turns: Vec<TurnView>,
    malformed_turns: Vec<Value>,
    omitted_turns: usize,
    is_stale: bool,
    limits: ViewLimits,
    #[serde(skip)]
    weight: usize,
}

/// A request of the server that waits for a response: an approval or a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PendingRequest {
    /// The server's id of the request.
    pub id: RequestId,
    /// The method, such as `item/commandExecution/requestApproval`.
    pub method: String,
    /// The turn that waits.
    pub turn_id: Option<TurnId>,
    /// The item that waits.
    pub item_id: Option<ItemId>,
    /// The parameters of the request.
    pub params: Value,
}

impl ThreadView {
    /// Creates the view of a thread about which nothing is known.
    pub fn new(thread_id: impl Into<ThreadId>) -> Self {
        Self {
            thread_id: thread_id.into(),
            status: None,
            name: None,
            goal: None,
            usage: None,
            pending: Vec::new(),
            turns: Vec::new(),
            malformed_turns: Vec::new(),
            omitted_turns: 0,
            is_stale: false,
            limits: ViewLimits::default(),
            weight: 0,
        }
    }

    /// Sets the limits of what is kept.
    #[must_use]
    pub fn limits(mut self, limits: ViewLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The thread.
    pub fn thread_id(&self) -> &ThreadId {
        &self.thread_id
    }

    /// Returns the status; `None` until it was read or reported.
    pub fn status(&self) -> Option<&ThreadStatus> {
        self.status.as_ref()
    }

    /// Returns the name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the goal, as of the last event about it.
    pub fn goal(&self) -> Option<&ThreadGoal> {
        self.goal.as_ref()
    }

    /// Returns the tokens of the thread, as of the last event about them.
    #[doc(alias("tokens", "cost"))]
    pub fn usage(&self) -> Option<&ThreadTokenUsage> {
        self.usage.as_ref()
    }

    /// Returns the requests that wait for a response, oldest first, the last 1024 of them.
    /// [`Event::request_id`] distinguishes the events of requests from others.
    pub fn pending(&self) -> &[PendingRequest] {
        &self.pending
    }

    /// Returns the turns, oldest first.
    pub fn turns(&self) -> &[TurnView] {
        &self.turns
    }

    /// Returns a turn.
    pub fn turn(&self, id: &str) -> Option<&TurnView> {
        self.turns.iter().rev().find(|it| it.id().as_str() == id)
    }

    /// Returns the turns as `thread/read` has them: with their completed items only.
    pub fn to_turns(&self) -> Vec<Turn> {
        self.turns.iter().map(TurnView::to_turn).collect()
    }

    /// Returns the turns of the last history that could not be read, as JSON.
    pub fn malformed_turns(&self) -> &[Value] {
        &self.malformed_turns
    }

    /// Returns the number of turns that were removed because of [`ViewLimits::memory`].
    pub fn omitted_turns(&self) -> usize {
        self.omitted_turns
    }

    /// Returns whether the history has to be read again: turns were reverted, or events were lost.
    /// [`ThreadView::replace_turns`] ends this.
    pub fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// Folds an event. Those of other threads change nothing.
    pub fn apply(&mut self, event: &Event) -> Changes {
        let mut changes = Changes::default();
        if event.thread_id() == Some(self.thread_id.as_str()) {
            self.fold(event, &mut changes);
            self.shrink(&mut changes);
        }
        changes
    }

    /// Folds an entry of the stream of a turn: an event, or an approval that the turn waits for.
    pub fn apply_turn_event(&mut self, event: &TurnEvent) -> Changes {
        match event {
            TurnEvent::Notification(event) => self.apply(event),
            TurnEvent::Approval(approval) => {
                // Those of sub-agents are in the stream of the turn that they belong to.
                let mut changes = Changes::default();
                let id = approval.request_id().clone();
                self.add_pending(id, approval.event(), &mut changes);
                changes
            }
        }
    }

    fn add_pending(&mut self, id: RequestId, event: &Event, changes: &mut Changes) {
        let params = match event.notification() {
            ServerNotification::Unrecognized(message) => message.params().cloned(),
            _ => None,
        };
        let request = PendingRequest {
            id,
            method: event.method().to_owned(),
            turn_id: event.turn_id().map(TurnId::from),
            item_id: event.item_id().map(ItemId::from),
            params: params.unwrap_or_default(),
        };
        self.pending.retain(|known| known.id != request.id);
        if self.pending.len() == MOST_PENDING {
            self.pending.remove(0);
        }
        if event.raw().len() > SMALL {
            self.shrink_pending(event.raw().len());
        }
        self.pending.push(request);
        changes.thread(ThreadPart::Pending);
    }

    /// Removes the oldest requests, unless those that are left and another one of this size are within
    /// the limit.
    fn shrink_pending(&mut self, another: usize) {
        let size = |request: &PendingRequest| {
            serde_json::to_vec(&request.params).map_or(0, |text| text.len())
        };
        let mut left = self.limits.memory.saturating_sub(another);
        let newest_first = self.pending.iter().rev();
        let kept = newest_first.take_while(|request| {
            let size = size(request);
            let fits = size <= left;
            left = left.saturating_sub(size);
            fits
        });
        let removed = self.pending.len() - kept.count();
        self.pending.drain(..removed);
    }

    fn retain_pending(
        &mut self,
        changes: &mut Changes,
        is_pending: impl Fn(&PendingRequest) -> bool,
    ) {
        let before = self.pending.len();
        self.pending.retain(is_pending);
        if self.pending.len() != before {
            changes.thread(ThreadPart::Pending);
        }
    }

    /// Folds the state of the thread, from the response to `thread/read`, `thread/resume`,
    /// `thread/start` or `thread/fork`, with the turns in it. Turns that it does not have stay.
    pub fn apply_thread(&mut self, thread: &Thread) -> Changes {
        let mut changes = Changes::default();
        if thread.id != self.thread_id {
            return changes;
        }
        if self.status.as_ref() != Some(&thread.status) {
            self.status = Some(thread.status.clone());
            changes.thread(ThreadPart::Status);
        }
        if self.name != thread.name {
            self.name.clone_from(&thread.name);
            changes.thread(ThreadPart::Name);
        }
        self.keep_malformed(&thread.turns);
        changes.merge(self.apply_turns(&thread.turns));
        changes
    }

    /// Folds turns of the history, such as a page of `thread/turns/list`, in either order. Other
    /// turns stay.
    pub fn apply_turns(&mut self, turns: &[Turn]) -> Changes {
        let mut changes = Changes::default();
        self.merge_history(turns, &mut changes);
        self.shrink(&mut changes);
        changes
    }

    /// Replaces the history by a complete one, in either order: turns that it does not have are
    /// removed, unless they are running.
    pub fn replace_turns(&mut self, turns: &List<Turn>) -> Changes {
        let mut changes = Changes::default();
        self.keep_malformed(turns);
        self.remove_all_but(turns, &mut changes);
        self.merge_history(turns, &mut changes);
        if std::mem::take(&mut self.is_stale) {
            changes.thread(ThreadPart::Staleness);
        }
        self.shrink(&mut changes);
        changes
    }

    /// Counts turns that were not read, because they are beyond the limit.
    pub(crate) fn omit_turns(&mut self, count: usize) {
        self.omitted_turns += count;
    }

    /// The maximum memory, in approximate bytes.
    pub(crate) fn memory_limit(&self) -> usize {
        self.limits.memory
    }

    fn keep_malformed(&mut self, turns: &List<Turn>) {
        let malformed = turns.malformed().iter();
        self.malformed_turns = malformed.map(|it| it.value().clone()).collect();
    }

    /// Records that events were lost, as by [`Error::Lagged`](crate::Error::Lagged) and
    /// [`Error::Restarted`](crate::Error::Restarted): the history has to be read again, and the open
    /// items have a gap.
    pub fn mark_stale(&mut self) -> Changes {
        let mut changes = Changes::default();
        self.set_stale(&mut changes);
        for turn in &mut self.turns {
            for item_id in turn.mark_gaps() {
                changes.item(turn.id(), &item_id, ItemChangeKind::Updated);
            }
        }
        changes
    }

    fn set_stale(&mut self, changes: &mut Changes) {
        if !std::mem::replace(&mut self.is_stale, true) {
            changes.thread(ThreadPart::Staleness);
        }
    }

    /// The place of a turn; it is added if it is unknown.
    fn place_of(&mut self, id: &TurnId, view: TurnItemsView, changes: &mut Changes) -> usize {
        if let Some(place) = self.turns.iter().rposition(|it| it.id() == id) {
            return place;
        }
        changes.turn(id, TurnPart::Added);
        self.turns.push(TurnView::new(id, view));
        let place = self.turns.len() - 1;
        self.count(place);
        place
    }

    /// Counts the memory of a turn, whose fields beside its items have changed.
    fn count(&mut self, place: usize) {
        let (before, now) = self.turns[place].count();
        self.weight = (self.weight + now).saturating_sub(before);
    }

    /// The same, of the turn with this id.
    fn count_turn(&mut self, id: &TurnId) {
        if let Some(place) = self.turns.iter().rposition(|it| it.id() == id) {
            self.count(place);
        }
    }
}
