//! The event state of a connection's threads: those with turns that are being read, and those that
//! were unsubscribed.
//!
//! The runtime starts a turn on an unsubscribed thread without sending its events: its stream would
//! wait forever. Independent of the messages themselves.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codex_types::ThreadGoalStatus;
use serde_json::Value;

use crate::error::Error;
use crate::json;

/// The threads of one connection. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Threads(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Number of streams that wait for the end of a turn, by thread.
    open_turns: HashMap<String, usize>,
    unsubscribed: Unsubscribed,
    /// The threads with handles or subscriptions, if lost links are restored.
    in_use: Option<HashMap<String, Uses>>,
}

/// Number of unsubscribed threads after which those from before are forgotten.
const GENERATION: usize = 32 * 1024;

/// The unsubscribed threads, in two generations: of a program that unsubscribes from threads without
/// end, only the latest are known.
#[derive(Debug, Default)]
struct Unsubscribed {
    latest: HashSet<String>,
    earlier: HashSet<String>,
}

impl Unsubscribed {
    fn contains(&self, id: &str) -> bool {
        self.latest.contains(id) || self.earlier.contains(id)
    }

    fn insert(&mut self, id: String) {
        if self.latest.len() >= GENERATION {
            self.earlier = std::mem::take(&mut self.latest);
        }
        self.latest.insert(id);
    }

    fn remove(&mut self, id: &str) {
        self.latest.remove(id);
        self.earlier.remove(id);
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.latest.len() + self.earlier.len()
    }
}

/// The uses of a thread.
#[derive(Debug, Default)]
struct Uses {
    count: usize,
    /// The overrides of the configuration that the thread was loaded with: the runtime does not
    /// store them.
    config: Option<Config>,
}

/// Overrides of the configuration of a thread.
pub(crate) type Config = BTreeMap<String, Value>;

/// A handle of a thread, or a subscription to it: after a restart the thread is resumed.
#[derive(Debug)]
pub(crate) struct InUse {
    threads: Threads,
    thread_id: String,
}

/// Registration of a stream that waits for the end of a turn.
#[derive(Debug)]
pub(crate) struct OpenTurn {
    threads: Threads,
    thread_id: String,
}

/// The thread of a request.
fn target(params: &str) -> Option<String> {
    json::required(params, &["threadId"]).ok()
}

/// Returns true if a request starts work, for whose events its caller waits.
fn starts_work(method: &str, params: &str) -> bool {
    match method {
        "turn/start" | "review/start" | "thread/compact/start" => true,
        // A new goal is active unless it has another status.
        "thread/goal/set" => {
            let status = json::member::<Option<ThreadGoalStatus>>(params, &["status"]);
            let status = status.ok().flatten().flatten();
            status.is_none_or(|status| status == ThreadGoalStatus::Active)
        }
        _ => false,
    }
}

impl Threads {
    /// Creates a table. The threads in use are only known if they have to be restored.
    pub(crate) fn new(restores: bool) -> Self {
        let in_use = restores.then(HashMap::new);
        Self(Arc::new(Mutex::new(State {
            in_use,
            ..State::default()
        })))
    }

    /// Registers the use of a thread, with the overrides that it was loaded with if they are known.
    pub(crate) fn hold(&self, thread_id: &str, config: Option<&Config>) -> Option<InUse> {
        let mut state = self.lock();
        let uses = state
            .in_use
            .as_mut()?
            .entry(thread_id.to_owned())
            .or_default();
        uses.count += 1;
        if config.is_some() {
            uses.config = config.cloned();
        }
        Some(InUse {
            threads: self.clone(),
            thread_id: thread_id.to_owned(),
        })
    }

    /// The threads in use whose events are subscribed to, with their overrides.
    pub(crate) fn in_use(&self) -> Vec<(String, Option<Config>)> {
        let state = self.lock();
        let all = state.in_use.iter().flatten();
        all.filter(|(thread_id, _)| !state.unsubscribed.contains(thread_id))
            .map(|(thread_id, uses)| (thread_id.clone(), uses.config.clone()))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a stream that waits for the end of a turn.
    pub(crate) fn open_turn(&self, thread_id: &str) -> OpenTurn {
        let thread_id = thread_id.to_owned();
        *self.lock().open_turns.entry(thread_id.clone()).or_default() += 1;
        OpenTurn {
            threads: self.clone(),
            thread_id,
        }
    }

    /// Rejects a request after which a stream would wait forever.
    pub(crate) fn check(&self, method: &str, params: &str) -> Result<(), Error> {
        let problem = if method == "thread/unsubscribe" {
            let thread = target(params).filter(|id| self.lock().open_turns.contains_key(id));
            thread.map(|id| {
                format!(
                    "a turn of thread {id} is being read, and its end would never come: wait for \
                     it, or drop the handles of the turn"
                )
            })
        } else if starts_work(method, params) {
            let thread = target(params).filter(|id| self.lock().unsubscribed.contains(id));
            thread.map(|id| {
                format!(
                    "this connection was unsubscribed from thread {id}, whose events would never \
                     come: resume the thread first"
                )
            })
        } else {
            None
        };
        match problem {
            Some(problem) => Err(Error::InvalidArgument {
                method: method.to_owned(),
                problem,
            }),
            None => Ok(()),
        }
    }

    /// Records a request that the server has accepted.
    pub(crate) fn accepted(&self, method: &str, params: &str) {
        match method {
            "thread/unsubscribe" => {
                if let Some(id) = target(params) {
                    self.lock().unsubscribed.insert(id);
                }
            }
            // A deleted thread is never resumed; the table must not grow.
            "thread/resume" | "thread/delete" => {
                if let Some(id) = target(params) {
                    self.lock().unsubscribed.remove(&id);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
impl Threads {
    /// Number of entries in all tables.
    pub(crate) fn size(&self) -> usize {
        let state = self.lock();
        let in_use = state.in_use.as_ref().map_or(0, HashMap::len);
        state.open_turns.len() + state.unsubscribed.len() + in_use
    }
}

impl Drop for OpenTurn {
    fn drop(&mut self) {
        let mut state = self.threads.lock();
        if let Some(count) = state.open_turns.get_mut(&self.thread_id) {
            *count -= 1;
            if *count == 0 {
                state.open_turns.remove(&self.thread_id);
            }
        }
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let mut state = self.threads.lock();
        let Some(in_use) = &mut state.in_use else {
            return;
        };
        if let Some(uses) = in_use.get_mut(&self.thread_id) {
            uses.count -= 1;
            if uses.count == 0 {
                in_use.remove(&self.thread_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Threads;

    fn params(thread: &str) -> String {
        format!(r#"{{"x":[1],"threadId":"{thread}"}}"#)
    }

    #[test]
    fn unsubscribing_waits_for_open_turns() {
        let threads = Threads::default();
        let turns = [threads.open_turn("a"), threads.open_turn("a")];
        for turn in turns {
            assert!(threads.check("thread/unsubscribe", &params("a")).is_err());
            assert!(threads.check("thread/unsubscribe", &params("b")).is_ok());
            drop(turn);
        }
        assert!(threads.check("thread/unsubscribe", &params("a")).is_ok());
        assert!(threads.lock().open_turns.is_empty());
    }

    #[test]
    fn turns_need_a_subscription_until_the_thread_is_resumed() {
        let threads = Threads::default();
        threads.accepted("thread/unsubscribe", &params("a"));
        for method in [
            "turn/start",
            "review/start",
            "thread/compact/start",
            "thread/goal/set",
        ] {
            let error = threads.check(method, &params("a")).unwrap_err();
            assert!(error.to_string().contains("resume"), "{error}");
            assert!(threads.check(method, &params("b")).is_ok());
        }
        threads.accepted("thread/resume", &params("a"));
        assert!(threads.check("turn/start", &params("a")).is_ok());
    }

    #[test]
    fn goals_that_start_no_work_need_no_subscription() {
        let threads = Threads::default();
        threads.accepted("thread/unsubscribe", &params("a"));
        let set = |status: &str| {
            let params = format!(r#"{{"threadId":"a","status":{status}}}"#);
            threads.check("thread/goal/set", &params)
        };
        for status in [r#""paused""#, r#""complete""#, r#""of a later runtime""#] {
            assert!(set(status).is_ok(), "{status}");
        }
        for status in [r#""active""#, "null"] {
            assert!(set(status).is_err(), "{status}");
        }
        assert!(threads.check("thread/goal/get", &params("a")).is_ok());
    }

    #[test]
    fn threads_are_in_use_as_long_as_something_holds_them() {
        let threads = Threads::new(true);
        let config = [("model_verbosity".to_owned(), "low".into())].into();
        let one = threads.hold("a", Some(&config));
        let other = threads.hold("a", None);
        assert_eq!(threads.in_use(), [("a".to_owned(), Some(config))]);
        drop(one);
        assert_eq!(threads.in_use().len(), 1);
        threads.accepted("thread/unsubscribe", &params("a"));
        assert!(threads.in_use().is_empty(), "without its events");
        drop(other);
        threads.accepted("thread/resume", &params("a"));
        assert!(threads.in_use().is_empty());
    }

    #[test]
    fn unsubscribed_threads_are_bounded() {
        let threads = Threads::default();
        for number in 0..3 * super::GENERATION {
            threads.accepted("thread/unsubscribe", &params(&number.to_string()));
        }
        let last = (3 * super::GENERATION - 1).to_string();
        assert!(threads.check("turn/start", &params(&last)).is_err());
        assert!(threads.check("turn/start", &params("0")).is_ok());
        let state = threads.lock();
        assert!(state.unsubscribed.len() <= 2 * super::GENERATION);
    }

    #[test]
    fn nothing_is_kept_if_nothing_is_restored() {
        assert!(Threads::new(false).hold("a", None).is_none());
    }
}
