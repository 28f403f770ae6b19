//! The tools of threads, until the threads are closed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::shared::tools::Tools;

/// The tools of the threads of a connection, by thread.
#[derive(Debug, Default)]
pub(crate) struct ThreadTools(Mutex<HashMap<String, Tools>>);

impl ThreadTools {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Tools>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds tools to a thread; they replace those with the same name.
    pub(crate) fn add(&self, thread_id: &str, tools: &Tools) {
        if tools.is_empty() {
            return;
        }
        let mut threads = self.lock();
        threads
            .entry(thread_id.to_owned())
            .or_default()
            .replace(tools);
    }

    /// The tools of a thread.
    pub(crate) fn of(&self, thread_id: &str) -> Option<Tools> {
        self.lock().get(thread_id).cloned()
    }

    /// Forgets the tools of a thread that is closed.
    pub(super) fn close(&self, thread_id: &str) {
        self.lock().remove(thread_id);
    }
}
