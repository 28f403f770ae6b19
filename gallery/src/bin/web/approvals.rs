//! The approvals that wait for a button. A browser sees them in the view of the thread.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codex_client::types::RequestId;
use codex_client::{Decision, HandlerResult, Handlers};
use tokio::sync::oneshot;

#[derive(Default)]
pub(crate) struct Approvals {
    waiting: Mutex<HashMap<RequestId, oneshot::Sender<Decision>>>,
}

impl Approvals {
    /// The handler of the connection: it waits as long as a person does.
    pub(crate) fn handler(self: &Arc<Self>) -> Handlers {
        let approvals = Arc::clone(self);
        Handlers::new().on_approval(move |_request, context| {
            let approvals = Arc::clone(&approvals);
            async move { approvals.wait(context.request_id().clone()).await }
        })
    }

    async fn wait(&self, id: RequestId) -> HandlerResult<Decision> {
        let (button, decision) = oneshot::channel();
        self.lock().insert(id.clone(), button);
        // Dropped as well when the turn is interrupted, or another client was faster.
        let _entry = Entry {
            approvals: self,
            id,
        };
        Ok(decision.await?)
    }

    /// Decides. Returns false if the approval no longer waits: only the first button counts.
    pub(crate) fn decide(&self, id: &RequestId, decision: Decision) -> bool {
        let button = self.lock().remove(id);
        button.is_some_and(|button| button.send(decision).is_ok())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RequestId, oneshot::Sender<Decision>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes an approval that nothing waits for any more.
struct Entry<'a> {
    approvals: &'a Approvals,
    id: RequestId,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.approvals.lock().remove(&self.id);
    }
}
