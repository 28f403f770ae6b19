//! The engine with the surroundings of an API, for tests: events and waiters are numbers.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use codex_types::RequestId;
use serde_json::value::RawValue;

use crate::engine::{
    Budget, Effects, Ends, Engine, Frame, HandlerLimits, InTurn, Item, Limits, NewRequest, Opened,
    Poll, Response, Routed, SubscriptionId, Taken,
};
use crate::engine::{CloseReason, Closed};

/// An event with a number, and the minimum that the engine needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TestEvent {
    pub(super) number: u32,
    pub(super) thread: Option<String>,
    pub(super) turn: Option<String>,
    pub(super) login: Option<String>,
    pub(super) resolves: Option<i64>,
    pub(super) lifecycle: bool,
    pub(super) snapshot: Option<&'static str>,
    pub(super) weight: Option<usize>,
    pub(super) ends_turn: bool,
    pub(super) item: Option<&'static str>,
    pub(super) packed: bool,
    /// How often it was packed; all clones count together.
    pub(super) packings: Rc<Cell<u32>>,
    pub(super) count: Option<usize>,
}

impl Routed for TestEvent {
    fn count(&self) -> usize {
        self.count.unwrap_or(1)
    }
    fn packed(&self) -> Self {
        self.packings.set(self.packings.get() + 1);
        Self {
            packed: true,
            ..self.clone()
        }
    }
    fn thread_id(&self) -> Option<&str> {
        self.thread.as_deref()
    }
    fn turn_id(&self) -> Option<&str> {
        self.turn.as_deref()
    }
    fn login_id(&self) -> Option<&str> {
        self.login.as_deref()
    }
    fn weight(&self) -> usize {
        self.weight.unwrap_or(10)
    }
    fn is_lifecycle(&self) -> bool {
        self.lifecycle || self.ends_turn
    }
    fn snapshot_of(&self) -> Option<String> {
        self.snapshot.map(str::to_owned)
    }
    fn ends(&self) -> Option<Ends> {
        self.ends_turn.then_some(Ends::Turn)
    }
    fn completes_item(&self) -> Option<&str> {
        self.item
    }
    fn is_of_any_thread(&self) -> bool {
        false
    }
    fn is_early_warning(&self) -> bool {
        false
    }
    fn resolves(&self) -> Option<RequestId> {
        self.resolves.map(RequestId::Integer)
    }
}

impl TestEvent {
    pub(super) fn new(number: u32) -> Self {
        Self {
            number,
            ..Self::default()
        }
    }
    pub(super) fn on(number: u32, thread: &str, turn: &str) -> Self {
        let (thread, turn) = (Some(thread.into()), Some(turn.into()));
        Self {
            number,
            thread,
            turn,
            ..Self::default()
        }
    }
    pub(super) fn lifecycle(mut self) -> Self {
        self.lifecycle = true;
        self
    }
    pub(super) fn completing(mut self, item: &'static str) -> Self {
        self.item = Some(item);
        self
    }
    pub(super) fn ending(mut self) -> Self {
        self.ends_turn = true;
        self
    }
}

/// The engine with the surroundings of an API; waiters are numbers.
pub(super) struct Driven {
    pub(super) engine: Engine<TestEvent, &'static str, (), u32>,
    pub(super) effects: Effects<u32>,
}

impl Driven {
    pub(super) fn with_budget(droppable: usize, lifecycle: usize) -> Self {
        Self::create(droppable, lifecycle, false)
    }

    /// Lost links are restored.
    pub(super) fn supervised() -> Self {
        Self::create(usize::MAX, usize::MAX, true)
    }

    pub(super) fn supervised_with_budget(lifecycle: usize) -> Self {
        Self::create(usize::MAX, lifecycle, true)
    }

    fn create(droppable: usize, lifecycle: usize, restores: bool) -> Self {
        let budget = Budget {
            droppable,
            lifecycle,
            lossless: false,
        };
        let requests = HandlerLimits {
            handlers: 2,
            weight: 1000,
        };
        let limits = Limits {
            in_flight: 4,
            budget,
            requests,
            restores,
        };
        let (engine, effects) = (Engine::new(limits), Effects::default());
        Self { engine, effects }
    }

    pub(super) fn new() -> Self {
        Self::with_budget(usize::MAX, usize::MAX)
    }

    pub(super) fn submit(&mut self, opening: Option<SubscriptionId>) -> i64 {
        let id = self.engine.next_id();
        let frame = format!("request {id}").into();
        self.engine
            .submit(id, frame, opening, &mut self.effects)
            .unwrap();
        id
    }

    pub(super) fn respond(&mut self, id: i64, json: &str) -> bool {
        let respond = Ok(RawValue::from_string(json.to_owned()).unwrap());
        self.engine
            .on_response(&RequestId::Integer(id), respond, &mut self.effects)
    }

    pub(super) fn poll(&mut self, id: i64) -> Poll<Response> {
        self.engine
            .poll_response(id, || 100 + u32::try_from(id).unwrap())
    }

    pub(super) fn notify(&mut self, event: &TestEvent) {
        self.engine.on_event(event, &mut self.effects);
    }

    pub(super) fn take(
        &mut self,
        id: SubscriptionId,
    ) -> (Taken, Vec<Item<TestEvent, &'static str>>) {
        let mut items = VecDeque::new();
        let taken = self.engine.take(id, &mut items, || 7, &mut self.effects);
        (taken, items.into())
    }

    pub(super) fn numbers(&mut self, id: SubscriptionId) -> Vec<u32> {
        self.take(id).1.iter().map(number).collect()
    }

    pub(super) fn sent(&mut self) -> Vec<String> {
        let mut frames = Vec::new();
        let link = self.engine.link();
        self.engine
            .take_outgoing(link, usize::MAX, &mut frames, || 9, &mut self.effects);
        let text = |frame: &Frame| frame.text().into_owned();
        frames.iter().map(text).collect()
    }

    pub(super) fn request(&mut self, id: i64) -> Opened<Response> {
        self.request_in(id, None)
    }

    /// A request of the server that this turn waits for.
    pub(super) fn request_in(&mut self, id: i64, turn: Option<InTurn>) -> Opened<Response> {
        let request = NewRequest {
            id: RequestId::Integer(id),
            payload: (),
            is_recorded: false,
            default: Ok(RawValue::NULL.to_owned()),
            due: None,
            weight: 10,
            ends_with: None,
            turn,
        };
        self.engine.on_request(request, &mut self.effects)
    }

    pub(super) fn asked(&mut self, id: i64) -> u64 {
        match self.request(id) {
            Opened::Queued(number) => number,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn claim(&mut self, number: u64) -> Option<RequestId> {
        let id = self.engine.id_of(number).cloned()?;
        let claimed = self.engine.reply(number, None, &mut self.effects);
        claimed.map(|_| id)
    }

    pub(super) fn close(&mut self) {
        let reason = Arc::new(Closed::new(CloseReason::ByServer));
        self.engine.close(reason, &mut self.effects);
    }

    pub(super) fn woken(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.effects.wake)
    }
}

pub(super) fn number(item: &Item<TestEvent, &'static str>) -> u32 {
    match item {
        Item::Event(event) => event.number,
        other => panic!("not an event: {other:?}"),
    }
}

pub(super) fn turn_response(turn: &str) -> String {
    format!(r#"{{"turn":{{"id":"{turn}"}}}}"#)
}
