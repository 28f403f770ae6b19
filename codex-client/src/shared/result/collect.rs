//! Collects a turn's result from its events.
//!
//! Sans-io, shared by both APIs. Keeps the events themselves, which are shared, and interprets them
//! only when the result is requested.

use std::collections::VecDeque;
use std::sync::Arc;

use codex_types::{
    ServerNotification, ThreadId, ThreadItem, ThreadTokenUsage, TokenUsageBreakdown, Turn,
    TurnError, TurnId, TurnStatus, UnrecognizedVariant,
};
use serde_json::Value;

use super::{TurnFailed, TurnResult, TurnUnreadable, final_response};
use crate::connection::SubAgents;
use crate::engine::Routed as _;
use crate::error::Error;
use crate::shared::event::Event;

/// The collected events of a turn.
#[derive(Clone, Debug)]
pub(crate) struct TurnCollector {
    thread_id: ThreadId,
    turn_id: TurnId,
    items: VecDeque<Event>,
    /// Maximum size of the items, in bytes; the oldest ones beyond it are omitted.
    budget: usize,
    weight: usize,
    omitted: usize,
    /// The first and the latest report of tokens.
    usage: Option<(Event, Event)>,
    completed: Option<Event>,
    /// The tokens of the turn's sub-agents.
    sub_agents: Option<Arc<SubAgents>>,
}

impl TurnCollector {
    pub(crate) fn new(thread_id: ThreadId, turn_id: TurnId, budget: usize) -> Self {
        Self {
            thread_id,
            turn_id,
            items: VecDeque::new(),
            budget,
            weight: 0,
            omitted: 0,
            usage: None,
            completed: None,
            sub_agents: None,
        }
    }

    /// Adds the tokens of sub-agents to those of the turn.
    pub(crate) fn counting(mut self, sub_agents: Option<&Arc<SubAgents>>) -> Self {
        self.sub_agents = sub_agents.cloned();
        self
    }

    pub(crate) fn turn_id(&self) -> &TurnId {
        &self.turn_id
    }

    /// Adds the items that were missed, and puts all into the order of the history.
    pub(crate) fn fill(&mut self, history: &[Value]) {
        let mut known = std::mem::take(&mut self.items);
        for item in history {
            let is_it = |event: &Event| event.item_id() == item["id"].as_str();
            let event = match known.iter().position(is_it) {
                Some(place) => known.remove(place),
                None => Event::missed_item(self.thread_id.as_str(), self.turn_id.as_str(), item),
            };
            self.items.extend(event);
        }
        self.items.append(&mut known);
        self.weight = self.items.iter().map(Event::weight).sum();
        // All of them are there again.
        self.omitted = 0;
        self.omit();
    }

    /// Omits the oldest items beyond the budget; the last one is kept, of any size.
    fn omit(&mut self) {
        while self.weight > self.budget && self.items.len() > 1 {
            if self.omitted == 0 {
                let turn = self.turn_id.as_str();
                tracing::warn!(
                    turn,
                    "the oldest items of the turn are left out of its result: they exceed `result_budget`"
                );
            }
            self.weight -= self.items.pop_front().map_or(0, |item| item.weight());
            self.omitted += 1;
        }
    }

    /// Omits all items.
    pub(crate) fn omit_all(&mut self) {
        self.omitted += self.items.len();
        self.items = VecDeque::new();
        self.weight = 0;
    }

    /// Memory use of the items, in approximate bytes.
    pub(crate) fn weight(&self) -> usize {
        self.weight
    }

    /// Observes an event; those of other turns are ignored.
    pub(crate) fn observe(&mut self, event: &Event) {
        if event.turn_id() != Some(self.turn_id.as_str()) && !self.may_be_ended_by(event) {
            return;
        }
        // By the method, so that a malformed payload ends the turn nevertheless.
        match event.method() {
            "item/completed" => {
                self.weight += event.weight();
                self.items.push_back(event.clone());
                self.omit();
            }
            "thread/tokenUsage/updated" => {
                let first = self.usage.take().map(|(first, _)| first);
                self.usage = Some((first.unwrap_or_else(|| event.clone()), event.clone()));
            }
            "turn/completed" => self.completed = Some(event.clone()),
            _ => {}
        }
    }

    /// Returns whether a damaged end of an unidentified turn may be that of this one.
    fn may_be_ended_by(&self, event: &Event) -> bool {
        let thread = event.thread_id();
        event.method() == "turn/completed"
            && event.turn_id().is_none()
            && thread.is_none_or(|thread| thread == self.thread_id.as_str())
    }

    /// Returns whether the turn has ended.
    pub(crate) fn is_complete(&self) -> bool {
        self.completed.is_some()
    }

    /// Returns the result so far.
    pub(crate) fn snapshot(&self) -> TurnResult {
        let items: Vec<ThreadItem> = self.items.iter().filter_map(item_of).collect();
        let turn = self.completed.as_ref().map(Ending::read);
        let unknown = match turn {
            Some(_) => TurnStatus::from("unreadable"),
            None => TurnStatus::InProgress,
        };
        let turn = turn.unwrap_or_default();
        let own_usage = self.own_usage();
        TurnResult {
            id: self.turn_id.clone(),
            thread_id: self.thread_id.clone(),
            status: turn.status.unwrap_or(unknown),
            error: turn.error,
            started_at: turn.started_at,
            completed_at: turn.completed_at,
            duration_ms: turn.duration_ms,
            final_response: final_response(&items).map(str::to_owned),
            usage: self.with_sub_agents(own_usage.clone()),
            own_usage,
            thread_usage: self.usage.as_ref().and_then(|(_, latest)| usage(latest)),
            items,
            omitted_items: self.omitted,
        }
    }

    /// The tokens of this turn alone: the growth of the thread's total. Reports may be repeated, so
    /// adding up each one's last request would count some twice.
    fn own_usage(&self) -> Option<TokenUsageBreakdown> {
        let (first, latest) = self.usage.as_ref()?;
        let (first, latest) = (usage(first)?, usage(latest)?);
        let before = first.total.since(&first.last);
        Some(growth(before.as_ref(), &latest))
    }

    fn with_sub_agents(&self, own: Option<TokenUsageBreakdown>) -> Option<TokenUsageBreakdown> {
        let sub_agents = self.sub_agents.as_ref();
        sum(
            own,
            sub_agents.and_then(|it| it.usage(self.turn_id.as_str())),
        )
    }

    /// The result of a turn that has ended.
    pub(crate) fn finish(&self) -> Result<TurnResult, Error> {
        let Some(completed) = &self.completed else {
            let turn_id = self.turn_id.clone();
            return Err(Error::TurnIncomplete { turn_id });
        };
        let result = self.snapshot();
        if Ending::read(completed).status.is_none() {
            let unreadable = TurnUnreadable::new(result, completed.clone());
            return Err(Error::TurnUnreadable(Box::new(unreadable)));
        }
        if result.status != TurnStatus::Failed {
            return Ok(result);
        }
        let told = result.error.clone();
        let error = told.unwrap_or_else(|| TurnError::new("the runtime reported no reason"));
        Err(Error::TurnFailed(Box::new(TurnFailed { result, error })))
    }
}

/// The contents of `turn/completed`. Its own list of items is a summary and is not used here.
/// Without a status it is meaningless.
#[derive(Default)]
pub(crate) struct Ending {
    pub(crate) status: Option<TurnStatus>,
    pub(crate) error: Option<TurnError>,
    pub(crate) started_at: Option<i64>,
    pub(crate) completed_at: Option<i64>,
    pub(crate) duration_ms: Option<i64>,
}

impl Ending {
    pub(crate) fn read(event: &Event) -> Self {
        match event.notification() {
            ServerNotification::TurnCompleted(completed) => Self::of(&completed.turn),
            // One without a turn id may belong to another turn.
            ServerNotification::Unrecognized(message) if event.turn_id().is_some() => {
                Self::guess(message.params().and_then(|params| params.get("turn")))
            }
            _ => Self::default(),
        }
    }

    fn of(turn: &Turn) -> Self {
        Self {
            status: Some(turn.status.clone()),
            error: turn.error.clone(),
            started_at: turn.started_at,
            completed_at: turn.completed_at,
            duration_ms: turn.duration_ms,
        }
    }

    /// Decodes the readable parts of a malformed payload.
    fn guess(turn: Option<&Value>) -> Self {
        let field = |name: &str| turn.and_then(|turn| turn.get(name));
        let number = |name: &str| field(name).and_then(Value::as_i64);
        let message = field("error").and_then(|error| error.get("message"));
        Self {
            status: field("status")
                .and_then(Value::as_str)
                .map(TurnStatus::from),
            error: message.and_then(Value::as_str).map(TurnError::new),
            started_at: number("startedAt"),
            completed_at: number("completedAt"),
            duration_ms: number("durationMs"),
        }
    }
}

/// The item of `item/completed`; a malformed one, also of `item/started`, is kept as an unknown one.
pub(crate) fn item_of(event: &Event) -> Option<ThreadItem> {
    match event.notification() {
        ServerNotification::ItemCompleted(completed) => Some(completed.item.clone()),
        ServerNotification::Unrecognized(message) => {
            let item = message.params()?.get("item")?.as_object()?;
            let tag = item.get("type")?.as_str()?;
            let mut fields = item.clone();
            fields.remove("type");
            let unknown = UnrecognizedVariant::new(tag, fields);
            Some(ThreadItem::Unrecognized(unknown))
        }
        _ => None,
    }
}

/// The sum of what is known.
pub(crate) fn sum(
    one: Option<TokenUsageBreakdown>,
    other: Option<TokenUsageBreakdown>,
) -> Option<TokenUsageBreakdown> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    }
}

/// The tokens of a thread since an earlier count of it.
pub(crate) fn growth(
    before: Option<&TokenUsageBreakdown>,
    latest: &ThreadTokenUsage,
) -> TokenUsageBreakdown {
    let own = before.and_then(|before| latest.total.since(before));
    // A shrinking total, as in a thread with a rewritten history, is meaningless.
    own.unwrap_or_else(|| latest.last.clone())
}

fn usage(event: &Event) -> Option<ThreadTokenUsage> {
    match event.notification() {
        ServerNotification::ThreadTokenUsageUpdated(update) => Some(update.token_usage.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use codex_types::{ThreadItem, TurnStatus};
    use serde_json::{Value, json};

    use super::TurnCollector;
    use crate::error::Error;
    use crate::shared::event::Event;

    fn event(method: &str, params: &Value) -> Event {
        Event::of_notification(method, params).unwrap()
    }

    fn item(turn: &str, item: &Value) -> Event {
        let params = json!({"threadId": "t", "turnId": turn, "completedAtMs": 1, "item": item});
        event("item/completed", &params)
    }

    fn completed(turn: &Value) -> Event {
        event("turn/completed", &json!({"threadId": "t", "turn": turn}))
    }

    fn collect(events: &[Event]) -> TurnCollector {
        let mut collector = TurnCollector::new("t".into(), "u".into(), usize::MAX);
        for event in events {
            collector.observe(event);
        }
        collector
    }

    #[test]
    fn items_usage_and_times_are_those_of_the_turn() {
        let message = |text: &str| json!({"type": "agentMessage", "id": "m", "text": text});
        let tokens = json!({
            "cachedInputTokens": 1, "inputTokens": 2, "outputTokens": 3,
            "reasoningOutputTokens": 4, "totalTokens": 5,
        });
        let usage = json!({
            "threadId": "t", "turnId": "u",
            "tokenUsage": {"last": tokens, "total": tokens, "modelContextWindow": null},
        });
        let result = collect(&[
            item("other", &message("not mine")),
            item("u", &message("mine")),
            event("thread/tokenUsage/updated", &usage),
            completed(&json!({
                "id": "u", "items": [], "status": "completed", "error": null,
                "startedAt": 10, "completedAt": 12, "durationMs": 2000,
            })),
        ]);
        let result = result.finish().unwrap();
        assert_eq!(result.items.len(), 1);
        assert_eq!(result.final_response.as_deref(), Some("mine"));
        assert_eq!(result.status, TurnStatus::Completed);
        assert_eq!(result.usage.unwrap().total_tokens, 5);
        assert_eq!(result.thread_usage.unwrap().last.total_tokens, 5);
        let times = (result.started_at, result.completed_at, result.duration_ms);
        assert_eq!(times, (Some(10), Some(12), Some(2000)));
    }

    #[test]
    fn oldest_items_beyond_the_budget_are_omitted() {
        let long = "x".repeat(1000);
        let message =
            |id: usize| json!({"type": "agentMessage", "id": id.to_string(), "text": long});
        let mut collector = TurnCollector::new("t".into(), "u".into(), 10_000);
        for id in 0..10 {
            collector.observe(&item("u", &message(id)));
        }
        let result = collector.snapshot();
        assert_eq!((result.items.len(), result.omitted_items), (3, 7));
        assert_eq!(result.items[2].id(), Some("9"));
        // The history has them all; they are counted once.
        let history: Vec<Value> = (0..10).map(message).collect();
        collector.fill(&history);
        let result = collector.snapshot();
        assert_eq!(result.items.len() + result.omitted_items, 10);
        assert!((2..=4).contains(&result.items.len()));
        // A single one is kept, of any size.
        let mut collector = TurnCollector::new("t".into(), "u".into(), 10);
        collector.observe(&item("u", &message(0)));
        assert_eq!(collector.snapshot().items.len(), 1);
    }

    #[test]
    fn turn_with_omitted_items_is_not_retryable() {
        let mut collector = TurnCollector::new("t".into(), "u".into(), 10);
        collector.observe(&item(
            "u",
            &json!({"type": "plan", "id": "p", "text": "effects"}),
        ));
        let input = json!({"type": "userMessage", "id": "m", "content": []});
        collector.observe(&item("u", &input));
        let error = json!({"message": "no", "codexErrorInfo": "serverOverloaded"});
        let turn = json!({"id": "u", "items": [], "status": "failed", "error": error});
        collector.observe(&completed(&turn));
        assert!(!collector.finish().unwrap_err().is_retryable());
    }

    #[test]
    fn missed_items_take_their_places() {
        let message = |id: &str| json!({"type": "agentMessage", "id": id, "text": id});
        let mut collector = collect(&[item("u", &message("one")), item("u", &message("three"))]);
        collector.fill(&["one", "two", "three"].map(message));
        let ids = |item: &ThreadItem| serde_json::to_value(item).unwrap()["id"].clone();
        let items = collector.snapshot().items;
        assert_eq!(
            items.iter().map(ids).collect::<Vec<_>>(),
            ["one", "two", "three"]
        );
    }

    /// A report of tokens: those of the last request, and of the whole thread.
    fn reported(last: i64, total: i64) -> Event {
        let tokens = |input: i64| {
            json!({
                "cachedInputTokens": 0, "inputTokens": input, "outputTokens": input / 10,
                "reasoningOutputTokens": 0, "totalTokens": input + input / 10,
            })
        };
        let usage = json!({"last": tokens(last), "total": tokens(total), "modelContextWindow": 9});
        let params = json!({"threadId": "t", "turnId": "u", "tokenUsage": usage});
        event("thread/tokenUsage/updated", &params)
    }

    #[test]
    fn usage_is_the_sum_of_the_requests_of_the_turn() {
        let input = |events: &[Event]| collect(events).snapshot().usage.unwrap().input_tokens;
        // 100 were used before the turn.
        assert_eq!(input(&[reported(200, 300)]), 200);
        assert_eq!(input(&[reported(200, 300), reported(300, 600)]), 500);
        let repeated = [reported(200, 300), reported(200, 300), reported(300, 600)];
        assert_eq!(input(&repeated), 500);
        assert_eq!(
            input(&[reported(200, 900), reported(300, 400)]),
            300,
            "a total that shrank"
        );
        assert_eq!(collect(&[]).snapshot().usage, None);
    }

    #[test]
    fn a_failed_turn_is_an_error_with_everything_in_it() {
        let message = json!({"type": "agentMessage", "id": "m", "text": "half"});
        let turn = json!({
            "id": "u", "items": [], "status": "failed",
            "error": {"message": "boom", "codexErrorInfo": "serverOverloaded", "additionalDetails": "503"},
        });
        let error = collect(&[item("u", &message), completed(&turn)])
            .finish()
            .unwrap_err();
        assert_eq!(error.to_string(), "turn u failed: boom (503)");
        let Error::TurnFailed(failed) = error else {
            panic!("{error:?}");
        };
        assert_eq!(failed.result.items.len(), 1);
        assert!(!failed.is_retryable(), "something was said already");
        let error = collect(&[completed(&turn)]).finish().unwrap_err();
        assert!(error.is_retryable());
    }

    #[test]
    fn events_without_an_end_are_incomplete() {
        let message = json!({"type": "agentMessage", "id": "m", "text": "half"});
        let collector = collect(&[item("u", &message)]);
        assert_eq!(collector.snapshot().status, TurnStatus::InProgress);
        let error = collector.finish().unwrap_err();
        assert!(
            error.to_string().contains("without `turn/completed`"),
            "{error}"
        );
    }

    #[test]
    fn an_interrupted_turn_is_a_result() {
        let result = collect(&[completed(
            &json!({"id": "u", "items": [], "status": "interrupted"}),
        )]);
        assert_eq!(result.finish().unwrap().status, TurnStatus::Interrupted);
    }

    #[test]
    fn malformed_events_are_neither_lost_nor_fatal() {
        // A message whose text is a number, and a turn without items.
        let odd = item("u", &json!({"type": "agentMessage", "id": "m", "text": 7}));
        assert!(odd.decode_error().is_some());
        let end = completed(&json!({"id": "u", "status": "failed", "error": {"message": "boom"}}));
        assert!(end.decode_error().is_some());
        let error = collect(&[odd, end]).finish().unwrap_err();
        let Error::TurnFailed(failed) = error else {
            panic!("{error:?}");
        };
        assert_eq!(failed.error.message, "boom");
        let [ThreadItem::Unrecognized(item)] = &failed.result.items[..] else {
            panic!("{:?}", failed.result.items);
        };
        assert_eq!(item.tag(), "agentMessage");
    }

    #[test]
    fn end_without_a_status_is_no_success() {
        let message = json!({"type": "agentMessage", "id": "m", "text": "half"});
        let end = completed(&json!({"id": "u", "items": [], "status": 7, "secret": "sesame"}));
        let error = collect(&[item("u", &message), end]).finish().unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("params.turn.status"), "{shown}");
        assert!(
            !shown.contains("sesame") && !shown.contains("half"),
            "{shown}"
        );
        let Error::TurnUnreadable(unreadable) = error else {
            panic!("{error:?}");
        };
        assert_eq!(unreadable.result.final_response.as_deref(), Some("half"));
        assert!(unreadable.raw().contains("sesame"));
    }
}
