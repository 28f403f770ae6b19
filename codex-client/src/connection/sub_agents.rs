//! The turns of sub-agents: the turn that each belongs to, its tokens, and its last event.
//!
//! The runtime gives a sub-agent a thread of its own, and the start of a turn there names the turn
//! that caused it. The reader notes them in the order of the messages, so that everything before the
//! end of a turn is known when that end is read. Outlives a link, since a turn may. Bounded: further
//! sub-agents are neither counted, nor do their approvals reach the turn that they belong to.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use codex_types::{
    ServerNotification, ThreadTokenUsage, TokenUsageBreakdown, TurnId, TurnStartedNotification,
};

use super::timer;
use crate::shared::event::Event;
use crate::shared::result::{growth, sum};

/// Maximum number of running turns of sub-agents, and of turns that they belong to.
const MOST: usize = 4096;

/// Maximum number of ended turns whose sum is kept for those that read it later.
const MOST_ENDED: usize = 256;

/// Maximum length of an id, in bytes.
const LONGEST_ID: usize = 256;

/// The turns of sub-agents on a connection.
#[derive(Debug, Default)]
pub(crate) struct SubAgents {
    state: Mutex<State>,
    /// The number of running turns: without one, an event costs no lock.
    running: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    /// By thread: a thread runs one turn at a time.
    parts: HashMap<String, Part>,
    /// By the turns that sub-agents belong to.
    roots: HashMap<String, Root>,
    /// Those of them that have ended.
    ended: VecDeque<String>,
}

/// A running turn of a sub-agent.
#[derive(Debug)]
struct Part {
    turn: String,
    root: String,
    /// The tokens of its thread before it.
    before: Option<TokenUsageBreakdown>,
    own: Option<TokenUsageBreakdown>,
    last_event: Instant,
}

/// A turn that sub-agents belong to.
#[derive(Debug, Default)]
struct Root {
    /// The sum over the ended turns of its sub-agents.
    ended: Option<TokenUsageBreakdown>,
    /// The end of the last one of these turns.
    last_event: Option<Instant>,
    has_ended: bool,
}

impl SubAgents {
    /// Observes an event, in the order of the messages.
    pub(super) fn observe(&self, event: &Event) {
        if let ServerNotification::TurnStarted(started) = event.notification() {
            return self.begin(started);
        }
        if let Some(turn) = event.ended_turn() {
            return self.end_turn(event.thread_id(), turn);
        }
        if self.running.load(Ordering::Relaxed) > 0 {
            self.observe_part(event);
        }
    }

    /// Returns the turn that a turn belongs to, if it is that of a sub-agent.
    pub(super) fn root_of(&self, thread: Option<&str>, turn: &str) -> Option<String> {
        let state = self.lock();
        let part = match thread {
            Some(thread) => state.parts.get(thread).filter(|part| part.turn == turn),
            None => state.parts.values().find(|part| part.turn == turn),
        };
        part.map(|part| part.root.clone())
    }

    /// Returns the tokens of the sub-agents of a turn so far; `None` if there was no report.
    pub(crate) fn usage(&self, root: &str) -> Option<TokenUsageBreakdown> {
        let state = self.lock();
        let ended = state.roots.get(root)?.ended.clone();
        let running = state.parts.values().filter(|part| part.root == root);
        running.fold(ended, |all, part| sum(all, part.own.clone()))
    }

    /// Returns the time of the last event of the sub-agents of a turn.
    pub(crate) fn last_event(&self, root: &str) -> Option<Instant> {
        let state = self.lock();
        let ended = state.roots.get(root)?.last_event;
        let parts = state.parts.values().filter(|part| part.root == root);
        parts.map(|part| part.last_event).chain(ended).max()
    }

    fn begin(&self, started: &TurnStartedNotification) {
        let (thread, turn) = (started.thread_id.as_str(), started.turn.id.as_str());
        let named = started.turn.root_turn_id.as_ref().map(TurnId::as_str);
        let Some(root) = named.filter(|root| *root != turn) else {
            return;
        };
        let mut state = self.lock();
        state.end_part(thread);
        // The sub-agent of a sub-agent belongs to the turn of the first one's caller.
        let mut parts = state.parts.values();
        let outer = parts.find(|part| part.turn == root);
        let root = outer.map_or(root, |part| &part.root).to_owned();
        let longest = [thread, turn, &root].map(str::len).into_iter().max();
        let is_known = state.roots.contains_key(&root);
        let is_full = state.parts.len() >= MOST || !is_known && state.roots.len() >= MOST;
        if is_full || longest > Some(LONGEST_ID) {
            tracing::warn!(
                turn,
                "too many sub-agents: the tokens of this one do not count"
            );
        } else {
            state.roots.entry(root.clone()).or_default();
            let part = Part {
                turn: turn.to_owned(),
                root,
                before: None,
                own: None,
                last_event: timer::now(),
            };
            state.parts.insert(thread.to_owned(), part);
        }
        self.running.store(state.parts.len(), Ordering::Relaxed);
    }

    #[cold]
    fn observe_part(&self, event: &Event) {
        let mut state = self.lock();
        let Some(thread) = event.thread_id() else {
            return;
        };
        let Some(part) = state.parts.get_mut(thread) else {
            return;
        };
        match event.notification() {
            ServerNotification::ThreadTokenUsageUpdated(update)
                if update.turn_id.as_str() == part.turn =>
            {
                part.count(&update.token_usage);
            }
            ServerNotification::ThreadClosed(_) => state.end_part(thread),
            _ => part.last_event = timer::now(),
        }
        self.running.store(state.parts.len(), Ordering::Relaxed);
    }

    /// Ends a turn: that of a sub-agent, or one that sub-agents belong to and may outlive.
    fn end_turn(&self, thread: Option<&str>, turn: &str) {
        let mut state = self.lock();
        let is_over = |part: &Part| part.turn == turn || part.root == turn;
        // The inner turn of a review has no end of its own.
        if let Some(thread) = thread.filter(|it| state.parts.get(*it).is_some_and(is_over)) {
            state.end_part(thread);
        }
        state.end_root(turn);
        self.running.store(state.parts.len(), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn end_part(&mut self, thread: &str) {
        let Some(part) = self.parts.remove(thread) else {
            return;
        };
        if let Some(root) = self.roots.get_mut(&part.root) {
            root.ended = sum(root.ended.take(), part.own);
            root.last_event = Some(timer::now());
        }
    }

    fn end_root(&mut self, turn: &str) {
        match self.roots.get_mut(turn) {
            Some(root) if !root.has_ended => root.has_ended = true,
            _ => return,
        }
        self.ended.push_back(turn.to_owned());
        if self.ended.len() > MOST_ENDED {
            if let Some(oldest) = self.ended.pop_front() {
                self.roots.remove(&oldest);
            }
        }
    }
}

impl Part {
    fn count(&mut self, usage: &ThreadTokenUsage) {
        if self.own.is_none() {
            self.before = usage.total.since(&usage.last);
        }
        self.own = Some(growth(self.before.as_ref(), usage));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{MOST, MOST_ENDED, SubAgents};
    use crate::shared::event::Event;

    fn turn(sub_agents: &SubAgents, method: &str, thread: &str, turn: &str, root: &str) {
        let turn = json!({"id": turn, "rootTurnId": root, "items": [], "status": "inProgress"});
        let params = json!({"threadId": thread, "turn": turn});
        sub_agents.observe(&Event::of_notification(method, &params).unwrap());
    }

    fn start(sub_agents: &SubAgents, thread: &str, id: &str, root: &str) {
        turn(sub_agents, "turn/started", thread, id, root);
    }

    fn end(sub_agents: &SubAgents, thread: &str, id: &str, root: &str) {
        turn(sub_agents, "turn/completed", thread, id, root);
    }

    /// Reports what the last request and all of a thread have used.
    fn report(sub_agents: &SubAgents, thread: &str, turn: &str, last: i64, total: i64) {
        let tokens = |count: i64| {
            json!({
                "cachedInputTokens": 0, "inputTokens": count, "outputTokens": 0,
                "reasoningOutputTokens": 0, "totalTokens": count,
            })
        };
        let usage = json!({
            "last": tokens(last), "total": tokens(total), "modelContextWindow": null,
        });
        let params = json!({"threadId": thread, "turnId": turn, "tokenUsage": usage});
        let event = Event::of_notification("thread/tokenUsage/updated", &params);
        sub_agents.observe(&event.unwrap());
    }

    fn total(sub_agents: &SubAgents, root: &str) -> Option<i64> {
        sub_agents.usage(root).map(|usage| usage.total_tokens)
    }

    fn assert_nothing_runs(sub_agents: &SubAgents) {
        assert!(sub_agents.lock().parts.is_empty());
        assert_eq!(sub_agents.running.load(super::Ordering::Relaxed), 0);
    }

    #[test]
    fn a_sub_agent_counts_for_its_root_alone() {
        let all = SubAgents::default();
        start(&all, "t", "a", "a");
        start(&all, "s", "b", "a");
        assert_eq!(all.root_of(Some("s"), "b").as_deref(), Some("a"));
        assert_eq!(all.root_of(None, "b").as_deref(), Some("a"));
        assert_eq!(all.root_of(Some("t"), "a"), None);
        assert_eq!(total(&all, "a"), None);
        report(&all, "t", "a", 1000, 1000);
        // Its thread has used 5 before; the same report may come twice.
        report(&all, "s", "b", 10, 15);
        report(&all, "s", "b", 20, 35);
        report(&all, "s", "b", 20, 35);
        assert_eq!(total(&all, "a"), Some(30));
        end(&all, "s", "b", "a");
        report(&all, "s", "b", 20, 35);
        assert_eq!(total(&all, "a"), Some(30));
        assert_eq!(total(&all, "b"), None);
        assert_nothing_runs(&all);
    }

    #[test]
    fn agents_of_agents_and_several_turns_of_one_add_up() {
        let all = SubAgents::default();
        start(&all, "s", "b", "a");
        start(&all, "n", "c", "b");
        start(&all, "m", "d", "a");
        report(&all, "n", "c", 1, 1);
        report(&all, "m", "d", 10, 10);
        report(&all, "s", "b", 100, 100);
        end(&all, "s", "b", "a");
        start(&all, "s", "e", "a");
        report(&all, "s", "e", 1000, 1100);
        assert_eq!(all.root_of(Some("n"), "c").as_deref(), Some("a"));
        assert_eq!(total(&all, "a"), Some(1111));
        // It belongs to another turn now.
        start(&all, "s", "f", "z");
        report(&all, "s", "f", 5, 1105);
        assert_eq!((total(&all, "a"), total(&all, "z")), (Some(1111), Some(5)));
    }

    #[test]
    fn an_agent_that_outlives_its_root_is_counted_until_it_ends() {
        let all = SubAgents::default();
        start(&all, "s", "b", "a");
        report(&all, "s", "b", 1, 1);
        end(&all, "t", "a", "a");
        assert_eq!(total(&all, "a"), Some(1));
        report(&all, "s", "b", 2, 3);
        end(&all, "s", "b", "a");
        assert_eq!(total(&all, "a"), Some(3));
        assert_nothing_runs(&all);
    }

    #[test]
    fn ends_are_found_without_an_end_of_the_turn() {
        let all = SubAgents::default();
        // The inner turn of a review has no end.
        start(&all, "t", "inner", "a");
        end(&all, "t", "a", "a");
        assert_nothing_runs(&all);
        start(&all, "s", "b", "a");
        let closed = Event::of_notification("thread/closed", &json!({"threadId": "s"}));
        all.observe(&closed.unwrap());
        assert_nothing_runs(&all);
        start(&all, "s", "b", "a");
        let damaged = json!({"threadId": "s", "turn": {"id": "b", "items": 5}});
        all.observe(&Event::of_notification("turn/completed", &damaged).unwrap());
        assert_nothing_runs(&all);
    }

    #[test]
    fn events_of_a_running_agent_are_those_of_its_root() {
        let all = SubAgents::default();
        start(&all, "s", "b", "a");
        let begun = all.last_event("a").unwrap();
        let delta = json!({"threadId": "s", "turnId": "b", "itemId": "m", "delta": "x"});
        let delta = Event::of_notification("item/agentMessage/delta", &delta).unwrap();
        while all.last_event("a") == Some(begun) {
            all.observe(&delta);
        }
        assert_eq!(all.last_event("s"), None);
        let last = all.last_event("a");
        end(&all, "s", "b", "a");
        assert!(all.last_event("a") >= last);
    }

    #[test]
    fn memory_is_bounded() {
        let all = SubAgents::default();
        for number in 0..2 * MOST {
            start(&all, &format!("s{number}"), &format!("b{number}"), "a");
        }
        assert_eq!(all.lock().parts.len(), MOST);
        let all = SubAgents::default();
        for number in 0..2 * MOST {
            let root = format!("a{number}");
            start(&all, "s", "b", &root);
            report(&all, "s", "b", 1, 1);
            end(&all, "t", &root, &root);
        }
        let state = all.lock();
        assert!(state.roots.len() <= MOST_ENDED + 1, "{}", state.roots.len());
        assert_eq!(state.ended.len(), MOST_ENDED);
        drop(state);
        start(&all, "s", "b", &"x".repeat(1000));
        assert_nothing_runs(&all);
    }
}
