//! The steps a reply is made of, before and after its ids are known.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;

use crate::Gate;
use crate::events::{Event, Phase};

/// One step of a reply that may be sent many times: events are built from the response's number.
#[derive(Clone)]
pub(super) enum Step {
    Event(Arc<dyn Fn(usize) -> Event + Send + Sync>),
    Raw(Bytes),
    Pause(Duration),
    Gate(Gate),
    Cut,
}

/// One step of a reply that is being sent.
#[derive(Debug)]
pub(crate) enum Action {
    Send(Bytes),
    Pause(Duration),
    Gate(Gate),
    /// Break the connection.
    Cut,
}

/// A message whose deltas are being written.
#[derive(Debug, Clone)]
pub(super) struct OpenMessage {
    pub(super) index: usize,
    pub(super) phase: Option<Phase>,
    pub(super) text: String,
}

impl OpenMessage {
    pub(super) fn new(index: usize, phase: Option<Phase>) -> Self {
        Self {
            index,
            phase,
            text: String::new(),
        }
    }
}

impl Step {
    pub(super) fn event(event: impl Fn(usize) -> Event + Send + Sync + 'static) -> Self {
        Self::Event(Arc::new(event))
    }

    pub(super) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Raw(Bytes::from(bytes.into()))
    }
}

/// Shows an event with a number of its own choosing: the real one is not known yet.
impl fmt::Debug for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(event) => write!(formatter, "Event({})", event(0).data()),
            Self::Raw(bytes) => write!(formatter, "Raw({bytes:?})"),
            Self::Pause(time) => write!(formatter, "Pause({time:?})"),
            Self::Gate(gate) => write!(formatter, "{gate:?}"),
            Self::Cut => formatter.write_str("Cut"),
        }
    }
}

/// Fills in the response's number and puts a pause between every two events.
pub(super) fn lower(steps: Vec<Step>, response: usize, pace: Option<Duration>) -> Vec<Action> {
    let mut actions = Vec::with_capacity(steps.len());
    let mut events = 0;
    for step in steps {
        match step {
            Step::Event(event) => {
                if events > 0 {
                    actions.extend(pace.map(Action::Pause));
                }
                events += 1;
                actions.push(Action::Send(Bytes::from(event(response).to_string())));
            }
            Step::Raw(bytes) => actions.push(Action::Send(bytes)),
            Step::Pause(time) => actions.push(Action::Pause(time)),
            Step::Gate(gate) => actions.push(Action::Gate(gate)),
            Step::Cut => actions.push(Action::Cut),
        }
    }
    actions
}
