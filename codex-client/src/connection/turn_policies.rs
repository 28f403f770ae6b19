//! The policies of turns, until the turns end.
//!
//! A turn is known by its id, which only the response to its start has, and the first approval may
//! come right after it: whoever looks for a policy waits for the turns that are being started on the
//! thread. Independent of the decisions.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::{Connection, ReceivedRequest, turn_id};
use crate::engine::Numbered;
use crate::shared::approval::ApprovalPolicy;

/// Maximum number of turns that ended while others were being started.
const MOST_ENDED: usize = 1024;

/// The policies of the turns of a connection.
#[derive(Debug, Default)]
pub(crate) struct TurnPolicies(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The running turns with a policy, with their threads.
    turns: HashMap<String, (String, ApprovalPolicy)>,
    /// The threads of turns with a policy that are being started.
    starting: Numbered<u64, String>,
    last: u64,
    /// The turns that have ended meanwhile.
    ended: HashSet<String>,
    waiters: Vec<Waker>,
}

/// A turn with a policy that is being started. Dropping it gives up.
#[derive(Debug)]
pub(crate) struct StartingTurn {
    connection: Arc<Connection>,
    number: u64,
    policy: ApprovalPolicy,
}

impl TurnPolicies {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a turn that has ended.
    pub(super) fn end(&self, turn_id: &str) {
        let mut state = self.lock();
        state.turns.remove(turn_id);
        if !state.starting.is_empty() && state.ended.len() < MOST_ENDED {
            state.ended.insert(turn_id.to_owned());
        }
    }

    /// Returns the policy of the turn of a request, or of the turn that it belongs to.
    pub(crate) fn find(&self, received: &ReceivedRequest) -> Option<ApprovalPolicy> {
        self.lock().find(received)
    }

    /// The same, once no turn is being started that may be the turn of the request.
    pub(crate) fn poll_find(
        &self,
        received: &ReceivedRequest,
        context: &Context<'_>,
    ) -> Poll<Option<ApprovalPolicy>> {
        let mut state = self.lock();
        let found = state.find(received);
        if found.is_some() || !state.may_be_starting(received) {
            return Poll::Ready(found);
        }
        let waker = context.waker();
        if !state.waiters.iter().any(|waiter| waiter.will_wake(waker)) {
            state.waiters.push(waker.clone());
        }
        Poll::Pending
    }
}

impl State {
    fn find(&self, received: &ReceivedRequest) -> Option<ApprovalPolicy> {
        let turn = turn_id(&received.request);
        let mut turns = turn.into_iter().chain(received.root.as_deref());
        let (_, policy) = turns.find_map(|turn| self.turns.get(turn))?;
        Some(policy.clone())
    }

    /// The turn of a sub-agent is on another thread than the turn that it belongs to.
    fn may_be_starting(&self, received: &ReceivedRequest) -> bool {
        let thread = received.request.thread_id();
        let may_be = |starting: &String| received.root.is_some() || thread == Some(starting);
        self.starting.values().any(may_be)
    }

    /// Ends the start of a turn, and returns those that waited for it.
    fn settle(&mut self, number: u64) -> Vec<Waker> {
        self.starting.remove(number);
        if self.starting.is_empty() {
            self.ended.clear();
        }
        std::mem::take(&mut self.waiters)
    }
}

impl StartingTurn {
    /// Begins to start a turn with a policy.
    pub(crate) fn new(connection: &Arc<Connection>, thread: &str, policy: ApprovalPolicy) -> Self {
        let mut state = connection.turn_policies.lock();
        state.last += 1;
        let number = state.last;
        state.starting.insert(number, thread.to_owned());
        drop(state);
        Self {
            connection: Arc::clone(connection),
            number,
            policy,
        }
    }

    /// Sets the policy of the turn that was started. It replaces that of a turn that was joined.
    pub(crate) fn started(self, turn_id: &str) {
        let mut state = self.connection.turn_policies.lock();
        let Some(thread) = state.starting.get(self.number).cloned() else {
            return;
        };
        // A thread runs one turn at a time: others on it have ended unnoticed.
        state.turns.retain(|_, (other, _)| *other != thread);
        if !state.ended.contains(turn_id) {
            let entry = (thread, self.policy.clone());
            state.turns.insert(turn_id.to_owned(), entry);
        }
    }
}

impl Drop for StartingTurn {
    fn drop(&mut self) {
        let waiters = self.connection.turn_policies.lock().settle(self.number);
        waiters.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};

    use codex_types::rpc::{self, ServerMessage};
    use serde_json::json;

    use super::StartingTurn;
    use crate::connection::settings::Settings;
    use crate::connection::{Connection, ReceivedRequest};
    use crate::shared::approval::Approve;

    fn connection() -> Arc<Connection> {
        Connection::new(Settings::default().limits(), None)
    }

    fn start(connection: &Arc<Connection>, thread: &str) -> StartingTurn {
        StartingTurn::new(connection, thread, Approve::when(|_| true).else_ask())
    }

    fn request(thread: &str, turn: &str, root: Option<&str>) -> ReceivedRequest {
        let params = json!({"threadId": thread, "turnId": turn, "itemId": "i", "startedAtMs": 1});
        let method = "item/fileChange/requestApproval";
        let frame = json!({"id": 1, "method": method, "params": params}).to_string();
        let Ok(ServerMessage::Request { request, .. }) = rpc::Parser::new().parse(&frame) else {
            panic!("no request");
        };
        let mut received = ReceivedRequest::from(request);
        received.root = root.map(ToOwned::to_owned);
        received
    }

    fn found(connection: &Connection, request: &ReceivedRequest) -> Poll<bool> {
        let context = Context::from_waker(Waker::noop());
        let found = connection.turn_policies.poll_find(request, &context);
        found.map(|found| found.is_some())
    }

    #[test]
    fn requests_wait_for_the_turns_that_may_be_theirs() {
        let connection = connection();
        let own = request("t", "u", None);
        let part = request("sub", "v", Some("u"));
        assert_eq!(found(&connection, &own), Poll::Ready(false));
        let starting = start(&connection, "t");
        assert_eq!(found(&connection, &own), Poll::Pending);
        assert_eq!(found(&connection, &part), Poll::Pending);
        let other = request("other", "w", None);
        assert_eq!(found(&connection, &other), Poll::Ready(false));
        starting.started("u");
        assert_eq!(found(&connection, &own), Poll::Ready(true));
        assert_eq!(found(&connection, &part), Poll::Ready(true));
        connection.turn_policies.end("u");
        assert_eq!(found(&connection, &own), Poll::Ready(false));
    }

    #[test]
    fn nothing_is_left_of_turns_that_ended_or_never_started() {
        let connection = connection();
        drop(start(&connection, "t"));
        let own = request("t", "u", None);
        assert_eq!(found(&connection, &own), Poll::Ready(false));
        let starting = start(&connection, "t");
        connection.turn_policies.end("u");
        starting.started("u");
        assert_eq!(found(&connection, &own), Poll::Ready(false));
        start(&connection, "t").started("lost");
        start(&connection, "t").started("u");
        let state = connection.turn_policies.lock();
        assert_eq!(state.turns.len(), 1);
        assert!(state.ended.is_empty() && state.starting.is_empty());
    }
}
