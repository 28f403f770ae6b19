//! The state that the endpoint's thread shares with the test: queued replies and recorded requests.
//!
//! Independent of HTTP.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::Fault;
use crate::watched::Watched;
use crate::{CapturedRequest, Reply, panics};

pub(super) type Responder = Box<dyn FnMut(&CapturedRequest) -> Option<Reply> + Send>;

#[derive(Default)]
pub(super) struct State {
    log: Watched<Log>,
    /// Behind a lock of its own, so that a responder may look at the log.
    responder: Mutex<Option<Responder>>,
}

struct Log {
    queue: VecDeque<Reply>,
    captured: Vec<CapturedRequest>,
    faults: Vec<Fault>,
    models: Value,
    /// Responders for other paths.
    others: BTreeMap<String, Reply>,
    replies: usize,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            captured: Vec::new(),
            faults: Vec::new(),
            models: json!({
                "object": "list",
                "data": [{
                    "id": "mock-model",
                    "object": "model",
                    "created": 0,
                    "owned_by": "openai",
                }],
            }),
            others: BTreeMap::new(),
            replies: 0,
        }
    }
}

/// The test's side.
impl State {
    pub(super) fn enqueue(&self, reply: Reply) {
        self.log.update(|log| log.queue.push_back(reply));
    }

    pub(super) fn queued(&self) -> usize {
        self.log.read(|log| log.queue.len())
    }

    pub(super) fn set_responder(&self, responder: Responder) {
        *self.lock_responder() = Some(responder);
    }

    pub(super) fn set_models(&self, models: Value) {
        self.log.update(|log| log.models = models);
    }

    pub(super) fn set_other(&self, path: String, reply: Reply) {
        self.log.update(|log| log.others.insert(path, reply));
    }

    pub(super) fn all_requests(&self) -> Vec<CapturedRequest> {
        self.log.read(|log| log.captured.clone())
    }

    pub(super) fn model_requests(&self) -> Vec<CapturedRequest> {
        self.log.read(Log::model_requests)
    }

    pub(super) fn wait_for_requests(
        &self,
        count: usize,
        limit: Duration,
    ) -> Option<Vec<CapturedRequest>> {
        self.log.wait(limit, |log| log.at_least(count))
    }

    pub(super) async fn wait_for_requests_async(
        &self,
        count: usize,
        limit: Duration,
    ) -> Option<Vec<CapturedRequest>> {
        self.log
            .found_within(limit, |log| log.at_least(count))
            .await
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        self.log.read(|log| log.faults.clone())
    }
}

/// The endpoint's side.
impl State {
    pub(super) fn capture(&self, request: &CapturedRequest) {
        self.log.update(|log| log.captured.push(request.clone()));
    }

    pub(super) fn record_fault(&self, fault: Fault) {
        self.log.update(|log| log.faults.push(fault));
    }

    pub(super) fn models(&self) -> Value {
        self.log.read(|log| log.models.clone())
    }

    pub(super) fn other(&self, path: &str) -> Option<Reply> {
        self.log.read(|log| log.others.get(path).cloned())
    }

    /// The reply to a model request, and its number, counted from 1.
    pub(super) fn choose_reply(&self, request: &CapturedRequest) -> Result<(Reply, usize), Fault> {
        let chosen = self.ask_responder(request)?;
        self.log.update(|log| {
            let reply = chosen.or_else(|| log.queue.pop_front());
            let reply = reply.ok_or_else(|| Fault::NoReply {
                request: request.clone(),
            })?;
            log.replies += 1;
            Ok((reply, log.replies))
        })
    }

    fn ask_responder(&self, request: &CapturedRequest) -> Result<Option<Reply>, Fault> {
        let mut responder = self.lock_responder();
        let Some(responder) = responder.as_mut() else {
            return Ok(None);
        };
        catch_unwind(AssertUnwindSafe(|| responder(request))).map_err(|panic| {
            Fault::ResponderPanicked {
                request: request.clone(),
                message: panics::message(panic.as_ref()),
            }
        })
    }

    fn lock_responder(&self) -> std::sync::MutexGuard<'_, Option<Responder>> {
        self.responder
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn model_requests(&self) -> Vec<CapturedRequest> {
        self.captured
            .iter()
            .filter(|request| request.kind().is_model_request())
            .cloned()
            .collect()
    }

    fn at_least(&self, count: usize) -> Option<Vec<CapturedRequest>> {
        Some(self.model_requests()).filter(|requests| requests.len() >= count)
    }
}
