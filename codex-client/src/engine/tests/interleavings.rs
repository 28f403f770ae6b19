//! Random interleavings, checked against a model that is as simple as the promise: every
//! answer reaches its request once, every event reaches each matching subscriber once and in
//! order, and after the close there is nothing but the close.

use proptest::prelude::*;

use super::{Driven, Item, Opens, Poll, Scope, SubscriptionId, Taken, Told, turn_answer};

#[derive(Clone, Debug)]
enum Step {
    Request,
    StartTurn { thread: u8, turn: u8 },
    Answer(prop::sample::Index),
    Poll(prop::sample::Index),
    Abandon(prop::sample::Index),
    Subscribe(Option<u8>, Option<u8>),
    Unsubscribe(prop::sample::Index),
    Take(prop::sample::Index),
    Tell { thread: u8, turn: u8, ending: bool },
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = any::<prop::sample::Index>;
    let step = prop_oneof![
        4 => Just(Step::Request),
        4 => (0..2_u8, 0..4_u8).prop_map(|(thread, turn)| Step::StartTurn { thread, turn }),
        8 => index().prop_map(Step::Answer),
        4 => index().prop_map(Step::Poll),
        2 => index().prop_map(Step::Abandon),
        2 => (prop::option::of(0..2_u8), prop::option::of(0..4_u8))
            .prop_map(|(thread, turn)| Step::Subscribe(thread, turn)),
        1 => index().prop_map(Step::Unsubscribe),
        8 => index().prop_map(Step::Take),
        16 => (0..2_u8, 0..4_u8, prop::bool::weighted(0.1))
            .prop_map(|(thread, turn, ending)| Step::Tell { thread, turn, ending }),
        1 => Just(Step::Close),
    ];
    prop::collection::vec(step, 1..200)
}

/// A turn belongs to a thread: turns 0 and 1 to thread 0, turns 2 and 3 to thread 1 are not
/// enforced; ids are told apart by the pair.
fn turn_id(thread: u8, turn: u8) -> String {
    format!("turn {thread}.{turn}")
}

struct Request {
    id: i64,
    opens: Option<(usize, String)>,
    stage: Stage,
    abandoned: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Queued,
    Sent,
    Answered,
    Taken,
}

impl Request {
    fn is_in_flight(&self) -> bool {
        self.stage == Stage::Sent && !self.abandoned
    }
}

struct Subscriber {
    id: SubscriptionId,
    state: Seeing,
    expected: Vec<u32>,
    seen: Vec<u32>,
}

enum Seeing {
    /// Before its request is sent.
    Nothing,
    /// Since its request was sent: events with their turns.
    Candidates(Vec<(u32, String, bool)>),
    Bound(Scope),
    Ended,
}

#[derive(Default)]
struct Model {
    requests: Vec<Request>,
    subscribers: Vec<Subscriber>,
    told: u32,
    closed: bool,
}

impl Model {
    /// The limit of the engine under test is 4.
    fn send_pending(&mut self) {
        while self
            .requests
            .iter()
            .filter(|request| request.is_in_flight())
            .count()
            < 4
        {
            let waiting = self
                .requests
                .iter_mut()
                .find(|request| request.stage == Stage::Queued && !request.abandoned);
            let Some(request) = waiting else { return };
            request.stage = Stage::Sent;
            if let Some((subscriber, _)) = &request.opens {
                let subscriber = &mut self.subscribers[*subscriber];
                if let Seeing::Nothing = subscriber.state {
                    subscriber.state = Seeing::Candidates(vec![]);
                }
            }
        }
    }

    fn tell(&mut self, event: &Told) {
        let (thread, turn) = (event.thread.clone().unwrap(), event.turn.clone().unwrap());
        for subscriber in &mut self.subscribers {
            match &mut subscriber.state {
                Seeing::Candidates(events) => {
                    events.push((event.number, turn.clone(), event.ends_turn));
                }
                Seeing::Bound(scope) => {
                    let concerned = match scope {
                        Scope::Everything => true,
                        Scope::Thread(id) => *id == thread,
                        Scope::Turn(id) => *id == turn,
                        Scope::Login(_) => false,
                    };
                    if concerned {
                        subscriber.expected.push(event.number);
                    }
                    if event.ends_turn && *scope == Scope::Turn(turn.clone()) {
                        subscriber.state = Seeing::Ended;
                    }
                }
                Seeing::Nothing | Seeing::Ended => {}
            }
        }
    }

    fn bind(&mut self, subscriber: usize, turn: &str) {
        let subscriber = &mut self.subscribers[subscriber];
        let Seeing::Candidates(events) = &mut subscriber.state else {
            return;
        };
        let mut ended = false;
        for (number, of, ends) in std::mem::take(events) {
            if of == turn && !ended {
                subscriber.expected.push(number);
                ended = ends;
            }
        }
        subscriber.state = if ended {
            Seeing::Ended
        } else {
            Seeing::Bound(Scope::Turn(turn.to_owned()))
        };
    }
}

fn apply(step: &Step, driven: &mut Driven, model: &mut Model) {
    match step {
        Step::Request if !model.closed => {
            let id = driven.submit(None);
            model.requests.push(request(id, None));
            model.send_pending();
        }
        Step::StartTurn { thread, turn } if !model.closed => {
            let opens = Opens::Turn { thread: None };
            let subscription = driven.engine.prepare(opens).unwrap();
            let id = driven.submit(Some(subscription));
            let opens = (model.subscribers.len(), turn_id(*thread, *turn));
            model
                .subscribers
                .push(subscriber(subscription, Seeing::Nothing));
            model.requests.push(request(id, Some(opens)));
            model.send_pending();
        }
        Step::Answer(index) if !model.requests.is_empty() => {
            answer(index.index(model.requests.len()), driven, model);
        }
        Step::Poll(index) if !model.requests.is_empty() => {
            poll(index.index(model.requests.len()), driven, model);
        }
        Step::Abandon(index) if !model.requests.is_empty() => {
            let request = pick(*index, &mut model.requests);
            driven.engine.abandon(request.id, &mut driven.effects);
            request.abandoned = true;
            if !model.closed {
                model.send_pending();
            }
        }
        Step::Subscribe(thread, turn) if !model.closed => {
            let scope = match (thread, turn) {
                (Some(thread), Some(turn)) => Scope::Turn(turn_id(*thread, *turn)),
                (Some(thread), None) => Scope::Thread(format!("thread {thread}")),
                _ => Scope::Everything,
            };
            let id = driven.engine.subscribe(scope.clone()).unwrap();
            model.subscribers.push(subscriber(id, Seeing::Bound(scope)));
        }
        Step::Unsubscribe(index) if !model.subscribers.is_empty() => {
            let subscriber = pick(*index, &mut model.subscribers);
            driven
                .engine
                .unsubscribe(subscriber.id, &mut driven.effects);
            subscriber.state = Seeing::Ended;
            subscriber.expected.clone_from(&subscriber.seen);
        }
        Step::Take(index) if !model.subscribers.is_empty() => {
            let subscriber = pick(*index, &mut model.subscribers);
            if !matches!(subscriber.state, Seeing::Candidates(..)) {
                take(driven, subscriber);
            }
        }
        Step::Tell {
            thread,
            turn,
            ending,
        } => {
            model.told += 1;
            let thread_id = format!("thread {thread}");
            let event = Told::on(model.told, &thread_id, &turn_id(*thread, *turn));
            let event = if *ending { event.ending() } else { event };
            driven.tell(&event);
            if !model.closed {
                model.tell(&event);
            }
        }
        Step::Close => {
            driven.close();
            model.closed = true;
        }
        _ => {}
    }
}

fn pick<T>(index: prop::sample::Index, among: &mut [T]) -> &mut T {
    &mut among[index.index(among.len())]
}

fn request(id: i64, opens: Option<(usize, String)>) -> Request {
    Request {
        id,
        opens,
        stage: Stage::Queued,
        abandoned: false,
    }
}

fn subscriber(id: SubscriptionId, state: Seeing) -> Subscriber {
    Subscriber {
        id,
        state,
        expected: vec![],
        seen: vec![],
    }
}

fn answer(index: usize, driven: &mut Driven, model: &mut Model) {
    let request = &mut model.requests[index];
    let turn = request.opens.as_ref().map_or("", |(_, turn)| turn);
    // The answer holds the request's own id, to be recognized by.
    let text = turn_answer(turn).replacen('{', &format!("{{\"of\":{},", request.id), 1);
    assert!(driven.answer(request.id, &text), "it was issued");
    if request.is_in_flight() && !model.closed {
        request.stage = Stage::Answered;
        if let Some((subscriber, turn)) = request.opens.clone() {
            model.bind(subscriber, &turn);
        }
        model.send_pending();
    }
}

fn poll(index: usize, driven: &mut Driven, model: &mut Model) {
    let request = &mut model.requests[index];
    match driven.poll(request.id) {
        Poll::Ready(answer) => {
            assert!(request.stage == Stage::Answered && !request.abandoned);
            let of = format!("{{\"of\":{},", request.id);
            assert!(
                answer.unwrap().get().starts_with(&of),
                "somebody else's answer"
            );
            request.stage = Stage::Taken;
        }
        Poll::Waiting => assert!(request.stage < Stage::Answered && !model.closed),
        Poll::Closed => assert!(model.closed),
        Poll::Unknown => assert!(request.stage == Stage::Taken || request.abandoned),
    }
}

fn take(driven: &mut Driven, subscriber: &mut Subscriber) {
    let (_, items) = driven.take(subscriber.id);
    subscriber.seen.extend(items.iter().map(|item| match item {
        Item::Event(event) => event.number,
        other => panic!("nothing was over budget: {other:?}"),
    }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_is_lost_doubled_or_reordered(steps in steps()) {
        let (mut driven, mut model) = (Driven::new(), Model::default());
        for step in &steps {
            apply(step, &mut driven, &mut model);
        }
        for subscriber in &mut model.subscribers {
            if matches!(subscriber.state, Seeing::Candidates(..)) {
                continue; // its request was never answered
            }
            take(&mut driven, subscriber);
            prop_assert_eq!(&subscriber.seen, &subscriber.expected);
        }
        for index in 0..model.requests.len() {
            poll(index, &mut driven, &mut model);
        }
        driven.close();
        for subscriber in &model.subscribers {
            let taken = driven.take(subscriber.id).0;
            if !matches!(subscriber.state, Seeing::Candidates(..)) {
                prop_assert!(matches!(taken, Taken::Closed | Taken::Ended));
            }
        }
    }
}
