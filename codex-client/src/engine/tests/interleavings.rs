//! Random interleavings, checked against a model that is as simple as the guarantee: every response
//! reaches its request once, every event reaches each matching subscriber once and in order, and
//! after the close there is only the close.

mod model;

use proptest::prelude::*;

use super::{Driven, Item, Opening, Poll, Scope, SubscriptionId, Taken, TestEvent, turn_response};
use model::{Model, Request, Seeing, Stage, Subscriber};

#[derive(Clone, Debug)]
enum Step {
    Request,
    StartTurn { thread: u8, turn: u8 },
    Response(prop::sample::Index),
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
        8 => index().prop_map(Step::Response),
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
/// enforced; ids are distinguished by the pair.
fn turn_id(thread: u8, turn: u8) -> String {
    format!("turn {thread}.{turn}")
}

/// Takes a step, if it is possible in the present state.
fn apply(step: &Step, driven: &mut Driven, model: &mut Model) {
    let (requests, subscribers) = (model.requests.len(), model.subscribers.len());
    match step {
        Step::Request if !model.closed => submit(None, None, driven, model),
        Step::StartTurn { thread, turn } if !model.closed => {
            start_turn(turn_id(*thread, *turn), driven, model);
        }
        Step::Response(index) if requests > 0 => respond(index.index(requests), driven, model),
        Step::Poll(index) if requests > 0 => poll(index.index(requests), driven, model),
        Step::Abandon(index) if requests > 0 => abandon(index.index(requests), driven, model),
        Step::Subscribe(thread, turn) if !model.closed => {
            subscribe(scope(*thread, *turn), driven, model);
        }
        Step::Unsubscribe(index) if subscribers > 0 => {
            unsubscribe(driven, pick(*index, &mut model.subscribers));
        }
        Step::Take(index) if subscribers > 0 => {
            let subscriber = pick(*index, &mut model.subscribers);
            if !matches!(subscriber.state, Seeing::Candidates(..)) {
                take(driven, subscriber);
            }
        }
        Step::Tell {
            thread,
            turn,
            ending,
        } => notify(*thread, *turn, *ending, driven, model),
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

fn scope(thread: Option<u8>, turn: Option<u8>) -> Scope {
    match (thread, turn) {
        (Some(thread), Some(turn)) => Scope::Turn(turn_id(thread, turn)),
        (Some(thread), None) => Scope::Thread(format!("thread {thread}")),
        _ => Scope::Everything,
    }
}

fn submit(
    subscription: Option<SubscriptionId>,
    opening: Option<(usize, String)>,
    driven: &mut Driven,
    model: &mut Model,
) {
    let id = driven.submit(subscription);
    model.requests.push(Request::new(id, opening));
    model.send_pending();
}

fn start_turn(turn: String, driven: &mut Driven, model: &mut Model) {
    let opening = Opening::Turn {
        thread: None,
        takes_requests: false,
    };
    let subscription = driven.engine.prepare(opening).unwrap();
    let number = model.subscribers.len();
    model
        .subscribers
        .push(Subscriber::new(subscription, Seeing::Nothing));
    submit(Some(subscription), Some((number, turn)), driven, model);
}

fn abandon(index: usize, driven: &mut Driven, model: &mut Model) {
    let request = &mut model.requests[index];
    driven.engine.abandon(request.id, &mut driven.effects);
    request.abandoned = true;
    if !model.closed {
        model.send_pending();
    }
}

fn subscribe(scope: Scope, driven: &mut Driven, model: &mut Model) {
    let id = driven.engine.subscribe(scope.clone()).unwrap();
    model
        .subscribers
        .push(Subscriber::new(id, Seeing::Bound(scope)));
}

fn unsubscribe(driven: &mut Driven, subscriber: &mut Subscriber) {
    driven
        .engine
        .unsubscribe(subscriber.id, &mut driven.effects);
    subscriber.state = Seeing::Ended;
    subscriber.expected.clone_from(&subscriber.seen);
}

fn notify(thread: u8, turn: u8, ending: bool, driven: &mut Driven, model: &mut Model) {
    model.told += 1;
    let event = TestEvent::on(
        model.told,
        &format!("thread {thread}"),
        &turn_id(thread, turn),
    );
    let event = if ending { event.ending() } else { event };
    driven.notify(&event);
    if !model.closed {
        model.notify(&event);
    }
}

fn respond(index: usize, driven: &mut Driven, model: &mut Model) {
    let request = &mut model.requests[index];
    let turn = request.opening.as_ref().map_or("", |(_, turn)| turn);
    // The response contains the request's own id, which identifies it.
    let text = turn_response(turn).replacen('{', &format!("{{\"of\":{},", request.id), 1);
    assert!(driven.respond(request.id, &text), "it was issued");
    if request.is_in_flight() && !model.closed {
        request.stage = Stage::Completed;
        if let Some((subscriber, turn)) = request.opening.clone() {
            model.bind(subscriber, &turn);
        }
        model.send_pending();
    }
}

fn poll(index: usize, driven: &mut Driven, model: &mut Model) {
    let request = &mut model.requests[index];
    match driven.poll(request.id) {
        Poll::Ready(respond) => {
            assert!(request.stage == Stage::Completed && !request.abandoned);
            let of = format!("{{\"of\":{},", request.id);
            assert!(
                respond.unwrap().get().starts_with(&of),
                "somebody else's answer"
            );
            request.stage = Stage::Taken;
        }
        Poll::Waiting => assert!(request.stage < Stage::Completed && !model.closed),
        Poll::Closed => assert!(model.closed),
        Poll::Unknown => assert!(request.stage == Stage::Taken || request.abandoned),
        Poll::Lost => panic!("no link is lost"),
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
