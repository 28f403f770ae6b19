//! The recipients of an event, kept for the next one of the same turn.
//!
//! Most events belong to the same turn as the one before. Knows the ids of that event, and is told
//! when subscribers come, go or change.

use super::SubscriptionId;
use crate::engine::Routed;

/// The recipients of the last event.
#[derive(Debug, Default)]
pub(super) struct Recipients {
    pub(super) ids: Vec<SubscriptionId>,
    /// They are the recipients of each event of the same thread and turn.
    is_known: bool,
    thread: Option<String>,
    turn: Option<String>,
}

impl Recipients {
    /// Returns `true` if an event goes to the same recipients as the last one.
    pub(super) fn are_of<E: Routed>(&self, event: &E) -> bool {
        self.is_known
            && event.turn_id() == self.turn.as_deref()
            && event.thread_id() == self.thread.as_deref()
            && event.login_id().is_none()
    }

    /// Begins with an event: `is_alone` when its ids alone do not decide about the next one.
    pub(super) fn begin<E: Routed>(&mut self, event: &E, is_alone: bool) {
        self.ids.clear();
        self.is_known = !is_alone && event.login_id().is_none();
        if self.is_known {
            set(&mut self.thread, event.thread_id());
            set(&mut self.turn, event.turn_id());
        }
    }

    /// The subscribers have changed.
    pub(super) fn forget(&mut self) {
        self.is_known = false;
    }
}

/// Copies an id into the memory of the one before.
fn set(place: &mut Option<String>, id: Option<&str>) {
    match (place.as_mut(), id) {
        (Some(place), Some(id)) => {
            place.clear();
            place.push_str(id);
        }
        (_, id) => *place = id.map(ToOwned::to_owned),
    }
}
