//! The expected effects of the engine, kept in the simplest way: no slots, no queues, no waiters.

use super::super::{Scope, SubscriptionId, TestEvent};

pub(super) struct Request {
    pub(super) id: i64,
    pub(super) opening: Option<(usize, String)>,
    pub(super) stage: Stage,
    pub(super) abandoned: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Queued,
    Sent,
    Completed,
    Taken,
}

impl Request {
    pub(super) fn new(id: i64, opening: Option<(usize, String)>) -> Self {
        Self {
            id,
            opening,
            stage: Stage::Queued,
            abandoned: false,
        }
    }

    pub(super) fn is_in_flight(&self) -> bool {
        self.stage == Stage::Sent && !self.abandoned
    }
}

pub(super) struct Subscriber {
    pub(super) id: SubscriptionId,
    pub(super) state: Seeing,
    pub(super) expected: Vec<u32>,
    pub(super) seen: Vec<u32>,
}

impl Subscriber {
    pub(super) fn new(id: SubscriptionId, state: Seeing) -> Self {
        Self {
            id,
            state,
            expected: vec![],
            seen: vec![],
        }
    }
}

pub(super) enum Seeing {
    /// Before its request is sent.
    Nothing,
    /// Since its request was sent: events with their turns.
    Candidates(Vec<(u32, String, bool)>),
    Bound(Scope),
    Ended,
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) requests: Vec<Request>,
    pub(super) subscribers: Vec<Subscriber>,
    pub(super) told: u32,
    pub(super) closed: bool,
}

impl Model {
    /// The limit of the engine under test is 4.
    pub(super) fn send_pending(&mut self) {
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
            if let Some((subscriber, _)) = &request.opening {
                let subscriber = &mut self.subscribers[*subscriber];
                if let Seeing::Nothing = subscriber.state {
                    subscriber.state = Seeing::Candidates(vec![]);
                }
            }
        }
    }

    pub(super) fn notify(&mut self, event: &TestEvent) {
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

    pub(super) fn bind(&mut self, subscriber: usize, turn: &str) {
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
