//! Gates: points where a reply of the mock endpoint stops until the test lets it pass.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::watched::{TimedOut, Watched};

/// Holds a reply open until the test releases it.
///
/// The test can wait until the endpoint has arrived at the gate: everything before the gate was sent
/// then, and nothing behind it was. A gate that is released stays
/// open. Clones are the same gate.
///
/// ```
/// use codex_testing::{Gate, Reply};
///
/// let gate = Gate::new();
/// let reply = Reply::streaming(["Hello, "]).gate(&gate).delta("world");
/// # let _ = reply;
/// gate.release();
/// ```
#[derive(Clone)]
pub struct Gate {
    state: Arc<Watched<State>>,
}

#[derive(Clone, Copy, Default)]
struct State {
    arrivals: usize,
    released: bool,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self {
            state: Arc::new(Watched::new(State::default())),
        }
    }

    /// Lets everything through, from now on.
    pub fn release(&self) {
        self.state.update(|state| state.released = true);
    }

    /// Returns true after the gate was released.
    pub fn is_released(&self) -> bool {
        self.state.read(|state| state.released)
    }

    /// The number of replies that have arrived at the gate.
    pub fn arrivals(&self) -> usize {
        self.state.read(|state| state.arrivals)
    }

    /// Blocks until a reply has arrived at the gate.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when none has within `limit`.
    pub fn wait_reached(&self, limit: Duration) -> Result<(), TimedOut> {
        self.state
            .wait(limit, State::reached)
            .ok_or_else(|| Self::not_reached(limit))
    }

    /// Waits until a reply has arrived at the gate. Cancel-safe.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when none has within `limit`.
    pub async fn wait_reached_async(&self, limit: Duration) -> Result<(), TimedOut> {
        self.state
            .found_within(limit, State::reached)
            .await
            .ok_or_else(|| Self::not_reached(limit))
    }

    /// The endpoint's side of the gate.
    pub(crate) async fn pass(&self) {
        self.state.update(|state| state.arrivals += 1);
        self.state.found(|state| state.released.then_some(())).await;
    }

    fn not_reached(after: Duration) -> TimedOut {
        TimedOut {
            what: "a reply to arrive at the gate".to_owned(),
            after,
        }
    }
}

impl State {
    fn reached(&self) -> Option<()> {
        (self.arrivals > 0).then_some(())
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.read(|state| *state);
        formatter
            .debug_struct("Gate")
            .field("arrivals", &state.arrivals)
            .field("released", &state.released)
            .finish()
    }
}
