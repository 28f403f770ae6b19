//! The work on a goal: many turns of the runtime, presented as a single one. Sans-io, shared by
//! both APIs.
//!
//! The runtime starts turn after turn automatically as long as the goal is active. The work has
//! ended when the goal is no longer active and no turn is running.

use std::collections::VecDeque;
use std::sync::Arc;

use codex_types::{
    ServerNotification, ThreadGoal, ThreadGoalSetParams, ThreadGoalStatus, ThreadId, TurnId,
};
use serde_core::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::connection::SubAgents;
use crate::error::Error;
use crate::shared::event::Event;
use crate::shared::result::{TurnCollector, TurnFailed, TurnResult, TurnUnreadable};
use sum::{Forgotten, add, failure};

mod sum;

/// The result of a goal.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GoalResult {
    /// The last known state of the goal, with its tokens and time; `None` if it was removed.
    pub goal: Option<ThreadGoal>,
    /// All of its turns as one: the id and the beginning of the first, the end and the status
    /// of the last, the items of all, the last answer.
    pub turn: TurnResult,
    /// The turns of the goal.
    pub turn_ids: Vec<TurnId>,
}

impl Serialize for GoalResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Without `..`: a new field is not forgotten.
        let Self {
            goal,
            turn,
            turn_ids,
        } = self;
        let mut result = serializer.serialize_struct("GoalResult", 3)?;
        result.serialize_field("goal", goal)?;
        result.serialize_field("turn", turn)?;
        result.serialize_field("turnIds", turn_ids)?;
        result.end()
    }
}

impl GoalResult {
    /// Returns the status of the goal; `None` if it was removed.
    pub fn status(&self) -> Option<&ThreadGoalStatus> {
        self.goal.as_ref().map(|goal| &goal.status)
    }

    /// Returns whether the goal was reached.
    pub fn is_complete(&self) -> bool {
        self.status() == Some(&ThreadGoalStatus::Complete)
    }
}

/// The progress of a goal.
#[derive(Debug)]
pub(crate) struct GoalProgress {
    thread_id: ThreadId,
    /// True once the goal was active; earlier notifications belong to an earlier goal.
    begun: bool,
    goal: Option<ThreadGoal>,
    removed: bool,
    /// News of the goal that are damaged, unless later ones are not: it may have ended.
    unreadable: Option<Event>,
    /// The thread was closed: no turn follows, and none that runs is seen to end.
    thread_closed: bool,
    turns: VecDeque<TurnCollector>,
    /// Maximum size of the items of all turns, in bytes.
    budget: usize,
    /// Size of the items, and of the turns themselves.
    weight: usize,
    /// Number of the oldest turns whose items were omitted.
    emptied: usize,
    /// The oldest turns, when there were too many of them.
    forgotten: Forgotten,
    sub_agents: Option<Arc<SubAgents>>,
}

/// Memory use of a turn without items.
const TURN_WEIGHT: usize = 1024;

impl GoalProgress {
    /// Begins without events; of the items, the newest of this size are kept.
    pub(crate) fn new(thread_id: ThreadId, budget: usize) -> Self {
        Self {
            thread_id,
            begun: false,
            goal: None,
            removed: false,
            unreadable: None,
            thread_closed: false,
            turns: VecDeque::new(),
            budget,
            weight: 0,
            emptied: 0,
            forgotten: Forgotten::default(),
            sub_agents: None,
        }
    }

    /// Adds the tokens of sub-agents to those of the turns.
    pub(crate) fn counting(mut self, sub_agents: &Arc<SubAgents>) -> Self {
        self.sub_agents = Some(Arc::clone(sub_agents));
        self
    }

    /// Records the response to the request that sets the goal.
    pub(crate) fn accepted(&mut self, goal: ThreadGoal) {
        if self.goal.is_none() {
            self.goal = Some(goal);
        }
    }

    /// Observes an event of the thread. Returns whether it is visible: the boundaries between two
    /// turns and notifications about the goal itself are hidden.
    pub(crate) fn observe(&mut self, event: &Event) -> bool {
        match event.notification() {
            ServerNotification::ThreadGoalUpdated(update) => self.update(&update.goal),
            ServerNotification::ThreadGoalCleared(_) => self.removed |= self.begun,
            _ if event.method().starts_with("thread/goal/") => {
                self.begun = true;
                self.unreadable = Some(event.clone());
            }
            _ => {
                self.thread_closed |= event.method() == "thread/closed";
                return self.observe_turn(event);
            }
        }
        false
    }

    fn update(&mut self, goal: &ThreadGoal) {
        self.begun |= goal.status == ThreadGoalStatus::Active;
        if self.begun {
            self.unreadable = None;
            self.removed = false;
            self.goal = Some(goal.clone());
        }
    }

    fn observe_turn(&mut self, event: &Event) -> bool {
        let Some(turn) = event.turn_id() else {
            // The end of a turn, if it is damaged, may be that of the one that runs.
            if let Some(running) = self.turns.back_mut().filter(|turn| !turn.is_complete()) {
                running.observe(event);
            }
            return true;
        };
        if event.method() == "turn/started" {
            let first = self.turns.is_empty();
            let turn = TurnId::new(turn);
            let collector = TurnCollector::new(self.thread_id.clone(), turn, self.budget);
            let collector = collector.counting(self.sub_agents.as_ref());
            self.turns.push_back(collector);
            self.weight += TURN_WEIGHT;
            self.omit();
            return first;
        }
        // Nearly always the last one.
        let mut turns = self.turns.iter_mut().rev();
        let Some(collector) = turns.find(|known| known.turn_id().as_str() == turn) else {
            return true;
        };
        let before = collector.weight();
        collector.observe(event);
        self.weight = self.weight + collector.weight() - before;
        self.omit();
        event.method() != "turn/completed" || self.has_ended()
    }

    /// Omits the items of the oldest turns beyond the budget, and if there are too many turns, the
    /// oldest of them.
    fn omit(&mut self) {
        while self.weight > self.budget && self.turns.len() > 1 {
            if self.emptied + 1 < self.turns.len() {
                let oldest = &mut self.turns[self.emptied];
                self.weight -= oldest.weight();
                oldest.omit_all();
                self.emptied += 1;
            } else if let Some(forgotten) = self.turns.pop_front() {
                self.weight -= TURN_WEIGHT + forgotten.weight();
                self.forgotten.add(&forgotten);
                self.emptied -= 1;
            }
        }
    }

    /// The running turn.
    pub(crate) fn active_turn(&self) -> Option<&TurnId> {
        let last = self.turns.back().filter(|turn| !turn.is_complete())?;
        Some(last.turn_id())
    }

    /// Returns whether the goal is settled, and no turn is running.
    pub(crate) fn has_ended(&self) -> bool {
        let active = |goal: &ThreadGoal| goal.status == ThreadGoalStatus::Active;
        let settled = self.removed || self.goal.as_ref().is_some_and(|goal| !active(goal));
        let settled = settled || self.unreadable.is_some();
        self.begun && settled && self.active_turn().is_none()
    }

    /// Returns whether there are no further events to wait for.
    pub(crate) fn is_over(&self) -> bool {
        self.thread_closed || self.has_ended()
    }

    /// All turns as one.
    pub(crate) fn snapshot(&self) -> GoalResult {
        let results: Vec<TurnResult> = self.turns.iter().map(TurnCollector::snapshot).collect();
        GoalResult {
            goal: self.goal.clone().filter(|_| !self.removed),
            turn_ids: results.iter().map(|result| result.id.clone()).collect(),
            turn: self.aggregate(results),
        }
    }

    fn aggregate(&self, results: Vec<TurnResult>) -> TurnResult {
        let empty = TurnCollector::new(self.thread_id.clone(), TurnId::new(""), self.budget);
        let results = self.forgotten.sum.iter().cloned().chain(results);
        let mut all = results.reduce(add).unwrap_or_else(|| empty.snapshot());
        let times = all.started_at.zip(all.completed_at);
        all.duration_ms = times.map(|(start, end)| (end - start) * 1000);
        all
    }

    /// The result of a goal whose work has ended. One failed turn, or an undecodable end, is an
    /// error of the whole.
    pub(crate) fn finish(&self) -> Result<GoalResult, Error> {
        if !self.has_ended() {
            let turn_id = self.active_turn().cloned();
            let turn_id = turn_id.unwrap_or_else(|| TurnId::new("unknown"));
            return Err(Error::TurnIncomplete { turn_id });
        }
        let all = self.snapshot();
        if let Some(event) = &self.unreadable {
            let unreadable = TurnUnreadable::new(all.turn, event.clone());
            return Err(Error::TurnUnreadable(Box::new(unreadable)));
        }
        let kept = self.turns.iter().find_map(failure);
        match self.forgotten.failure.clone().or(kept) {
            Some(Error::TurnFailed(failed)) => {
                let (result, error) = (all.turn, failed.error);
                Err(Error::TurnFailed(Box::new(TurnFailed { result, error })))
            }
            Some(Error::TurnUnreadable(mut unreadable)) => {
                unreadable.result = all.turn;
                Err(Error::TurnUnreadable(unreadable))
            }
            _ => Ok(all),
        }
    }
}

/// Rejects objectives that the runtime would reject, before an earlier goal is cleared for this
/// one.
pub(crate) fn check_goal(params: &ThreadGoalSetParams) -> Result<(), Error> {
    const LONGEST: usize = 4000;
    let objective = params.objective.as_option();
    let length = objective.map_or(0, |objective| objective.trim().chars().count());
    let budget = params.token_budget.as_option().copied();
    let problem = match (length, budget) {
        (0, _) => "the objective of a goal must not be empty".to_owned(),
        (_, Some(budget)) if budget <= 0 => {
            format!("the budget of a goal must be positive, not {budget}")
        }
        (1..=LONGEST, _) => return Ok(()),
        _ => format!("the objective of a goal has {length} characters; {LONGEST} are allowed"),
    };
    Err(Error::InvalidArgument {
        method: "thread/goal/set".to_owned(),
        problem,
    })
}

#[cfg(test)]
mod tests {
    use codex_types::rpc::ServerMessage;
    use codex_types::{ThreadGoalSetParams, ThreadGoalStatus, TurnStatus};
    use serde_json::{Value, json};

    use super::{GoalProgress, check_goal};
    use crate::error::Error;
    use crate::shared::event::Event;

    fn event(method: &str, params: &Value) -> Event {
        let line = json!({"method": method, "params": params}).to_string();
        match ServerMessage::parse(&line).unwrap() {
            ServerMessage::Notification(notification) => Event::new(notification, &line),
            other => panic!("no notification: {other:?}"),
        }
    }

    fn turn(method: &str, id: &str, status: &str, seconds: i64) -> Event {
        let error = (status == "failed").then(|| json!({"message": "boom"}));
        let turn = json!({
            "id": id, "items": [], "status": status, "error": error,
            "startedAt": seconds, "completedAt": seconds + 1,
        });
        event(method, &json!({"threadId": "t", "turn": turn}))
    }

    fn goal(status: &str) -> Event {
        let goal = json!({
            "threadId": "t", "objective": "o", "status": status, "tokensUsed": 0,
            "timeUsedSeconds": 0, "createdAt": 0, "updatedAt": 0,
        });
        event(
            "thread/goal/updated",
            &json!({"threadId": "t", "turnId": null, "goal": goal}),
        )
    }

    fn message(turn: &str, text: &str) -> Event {
        let item = json!({"type": "agentMessage", "id": "m", "text": text});
        let params = json!({"threadId": "t", "turnId": turn, "completedAtMs": 1, "item": item});
        event("item/completed", &params)
    }

    /// The visibility of these events, and the progress after them.
    fn watch(events: &[Event]) -> (Vec<bool>, GoalProgress) {
        let mut progress = GoalProgress::new("t".into(), usize::MAX);
        let shown = events.iter().map(|event| progress.observe(event)).collect();
        (shown, progress)
    }

    #[test]
    fn items_and_turns_beyond_the_budget_are_omitted() {
        let text = "x".repeat(1000);
        let item = |turn: &str| {
            let item = json!({"type": "agentMessage", "id": "m", "text": text});
            let params = json!({"threadId": "t", "turnId": turn, "completedAtMs": 1, "item": item});
            event("item/completed", &params)
        };
        let run = |budget, turns: usize| {
            let mut progress = GoalProgress::new("t".into(), budget);
            progress.observe(&goal("active"));
            for number in 0..turns {
                let id = number.to_string();
                progress.observe(&turn("turn/started", &id, "inProgress", 1));
                (0..3).for_each(|_| {
                    progress.observe(&item(&id));
                });
                progress.observe(&turn("turn/completed", &id, "completed", 1));
            }
            progress.observe(&goal("complete"));
            progress.finish().unwrap()
        };
        let all = run(1 << 20, 10);
        assert_eq!((all.turn_ids.len(), all.turn.omitted_items), (10, 0));
        // Items of about 2.5 KB, and turns of one.
        for (budget, turns) in [(30_000, 10), (30_000, 200), (10, 5)] {
            let result = run(budget, turns);
            let kept = result.turn.items.len();
            assert_eq!(kept + result.turn.omitted_items, 3 * turns);
            assert!((1..15).contains(&kept), "{kept} items");
            assert!(
                result.turn_ids.len() <= 30,
                "{} turns",
                result.turn_ids.len()
            );
            let last = (turns - 1).to_string();
            assert_eq!(result.turn_ids.last().unwrap().as_str(), last);
        }
    }

    #[test]
    fn turns_beyond_the_budget_still_count() {
        let usage = |turn: &str, total: u64| {
            let tokens = |total: u64| {
                json!({
                    "totalTokens": total, "inputTokens": total, "cachedInputTokens": 0,
                    "outputTokens": 0, "reasoningOutputTokens": 0,
                })
            };
            let (total, last) = (tokens(total), tokens(10));
            let usage = json!({"total": total, "last": last, "modelContextWindow": null});
            let params = json!({"threadId": "t", "turnId": turn, "tokenUsage": usage});
            event("thread/tokenUsage/updated", &params)
        };
        let run = |status: &str| {
            let mut progress = GoalProgress::new("t".into(), 10);
            progress.observe(&goal("active"));
            for number in 1..=20 {
                let id = number.to_string();
                let status = if number == 2 { status } else { "completed" };
                progress.observe(&turn("turn/started", &id, "inProgress", number));
                progress.observe(&usage(&id, 10 * number.unsigned_abs()));
                progress.observe(&turn("turn/completed", &id, status, number));
            }
            progress.observe(&goal("complete"));
            progress
        };
        let all = run("completed").finish().unwrap();
        assert_eq!(all.turn_ids.len(), 1, "the others are forgotten");
        assert_eq!(all.turn.id.as_str(), "1");
        assert_eq!(all.turn.started_at, Some(1));
        assert_eq!(all.turn.duration_ms, Some(20_000));
        assert_eq!(all.turn.own_usage.unwrap().total_tokens, 200);
        let error = run("failed").finish().unwrap_err();
        assert!(matches!(error, Error::TurnFailed(_)), "{error:?}");
    }

    #[test]
    fn boundaries_between_turns_are_hidden_and_results_add_up() {
        let (shown, progress) = watch(&[
            goal("active"),
            turn("turn/started", "a", "inProgress", 10),
            message("a", "half"),
            turn("turn/completed", "a", "completed", 10),
            turn("turn/started", "b", "inProgress", 20),
            goal("complete"),
            message("b", "whole"),
            turn("turn/completed", "b", "completed", 20),
        ]);
        assert_eq!(shown, [false, true, true, false, false, false, true, true]);
        let result = progress.finish().unwrap();
        assert!(result.is_complete());
        assert_eq!(result.turn.id.as_str(), "a");
        assert_eq!(result.turn.items.len(), 2);
        assert_eq!(result.turn.final_response.as_deref(), Some("whole"));
        assert_eq!(result.turn.duration_ms, Some(11_000));
    }

    #[test]
    fn inactive_status_ends_the_work_without_a_turn() {
        for status in [
            "paused",
            "blocked",
            "usageLimited",
            "budgetLimited",
            "complete",
            "odd",
        ] {
            let (_, mut progress) = watch(&[
                goal("active"),
                turn("turn/started", "a", "inProgress", 1),
                goal(status),
            ]);
            assert!(!progress.has_ended(), "{status}: the turn is still running");
            assert_eq!(progress.active_turn().unwrap().as_str(), "a");
            progress.observe(&turn("turn/completed", "a", "interrupted", 1));
            assert!(progress.has_ended(), "{status}");
            let result = progress.finish().unwrap();
            assert_eq!(result.status(), Some(&ThreadGoalStatus::from(status)));
            assert_eq!(result.turn.status, TurnStatus::Interrupted);
        }
    }

    #[test]
    fn news_of_an_earlier_goal_end_nothing() {
        let cleared = || event("thread/goal/cleared", &json!({"threadId": "t"}));
        let (_, mut progress) = watch(&[cleared(), goal("paused")]);
        assert!(!progress.has_ended());
        progress.observe(&goal("active"));
        assert!(!progress.has_ended());
        progress.observe(&cleared());
        assert!(progress.has_ended(), "this one was removed");
        assert_eq!(progress.snapshot().goal, None);
    }

    #[test]
    fn one_failed_turn_fails_it_all_at_the_end() {
        let (_, progress) = watch(&[
            goal("active"),
            turn("turn/started", "a", "inProgress", 1),
            message("a", "half"),
            goal("blocked"),
            turn("turn/completed", "a", "failed", 1),
        ]);
        let Err(Error::TurnFailed(failed)) = progress.finish() else {
            panic!("it has failed");
        };
        assert_eq!(failed.error.message, "boom");
        assert_eq!(failed.result.items.len(), 1);
    }

    #[test]
    fn a_turn_that_fails_without_a_reason_fails_it_all() {
        let failed = json!({"id": "a", "items": [], "status": "failed"});
        let (_, progress) = watch(&[
            goal("active"),
            turn("turn/started", "a", "inProgress", 1),
            event("turn/completed", &json!({"threadId": "t", "turn": failed})),
            goal("complete"),
        ]);
        assert!(matches!(progress.finish(), Err(Error::TurnFailed(_))));
    }

    #[test]
    fn work_without_an_end_is_incomplete() {
        let (_, progress) = watch(&[goal("active")]);
        assert!(matches!(
            progress.finish(),
            Err(Error::TurnIncomplete { .. })
        ));
    }

    #[test]
    fn an_objective_is_neither_empty_nor_endless() {
        let goal = |objective: &str| ThreadGoalSetParams::new("t").objective(objective);
        assert!(check_goal(&goal(&"x".repeat(4000))).is_ok());
        let none = ThreadGoalSetParams::new("t");
        for wrong in [none, goal("  \n"), goal(&"x".repeat(4001))] {
            let error = check_goal(&wrong).unwrap_err();
            assert!(matches!(error, Error::InvalidArgument { .. }));
        }
    }

    #[test]
    fn a_budget_is_positive() {
        let goal = |budget: i64| {
            ThreadGoalSetParams::new("t")
                .objective("o")
                .token_budget(budget)
        };
        assert!(check_goal(&goal(1)).is_ok());
        for wrong in [0, -1, i64::MIN] {
            let error = check_goal(&goal(wrong)).unwrap_err();
            assert!(matches!(error, Error::InvalidArgument { .. }));
        }
    }
}
