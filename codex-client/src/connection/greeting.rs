//! The first output of a server, which shows if it speaks the protocol at all.
//!
//! A program that is no server prints its usage or other text. The text before the first message is
//! kept for the error of a failed handshake.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::incoming::Incoming;

/// The output before the first message.
#[derive(Debug, Default)]
pub(crate) struct Greeting {
    heard_message: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    text: String,
    since: Option<Instant>,
}

/// Omits the text, which may contain anything.
impl std::fmt::Debug for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.text.len();
        write!(formatter, "State({length} bytes)")
    }
}

/// Maximum number of kept bytes.
const KEPT: usize = 2000;

/// Time limit for the first message after other output. A wrapper may print a line before it starts
/// the server.
pub(crate) const LIMIT_AFTER_NOISE: Duration = Duration::from_secs(5);

impl Greeting {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the output of a lost server.
    pub(super) fn reset(&self) {
        *self.lock() = State::default();
        self.heard_message.store(false, Ordering::Relaxed);
    }

    /// Records the output before the first message.
    pub(super) fn listen(&self, messages: &[Incoming]) {
        if self.heard_message.load(Ordering::Relaxed) {
            return;
        }
        for message in messages {
            let Incoming::Malformed(malformed) = message else {
                self.heard_message.store(true, Ordering::Relaxed);
                return;
            };
            let mut state = self.lock();
            state.since.get_or_insert_with(Instant::now);
            for letter in String::from_utf8_lossy(malformed.excerpt())
                .chars()
                .chain(['\n'])
            {
                if state.text.len() < KEPT {
                    state.text.push(letter);
                }
            }
        }
    }

    /// The output before the first message.
    pub(crate) fn unreadable(&self) -> String {
        self.lock().text.trim_end().to_owned()
    }

    /// Returns whether there was other output than a message, and no message in time after it.
    pub(crate) fn is_no_server(&self) -> bool {
        let heard = self.heard_message.load(Ordering::Relaxed);
        let since = self.lock().since;
        !heard && since.is_some_and(|since| since.elapsed() >= LIMIT_AFTER_NOISE)
    }
}
