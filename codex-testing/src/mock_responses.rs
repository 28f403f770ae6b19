//! The mock model endpoint: its API for tests.
//!
//! Chooses replies and records requests; HTTP is in the submodules.

mod body;
mod fault;
mod server;
mod service;
mod state;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use serde_json::Value;

use self::server::Server;
use self::state::State;
use super::watched::TimedOut;
use super::{CapturedRequest, Reply};
pub use fault::Fault;

/// A model endpoint on a free port of `127.0.0.1` that replies as the test prescribes.
///
/// It is a real HTTP server in a thread of its own: it needs no async runtime of the caller's
/// and works in blocking and in async tests. `POST .../responses` is answered with the next
/// queued [`Reply`], or with the one a responder chooses; `GET .../models` with a list of
/// models; everything else with 404, except for [`MockResponses::answer_path`]. Every
/// request is kept, except telemetry (`POST` to a path with `/analytics`). Dropping the value ends the thread and breaks open connections at once.
///
/// ```
/// use codex_testing::{MockResponses, Reply};
///
/// # fn main() -> std::io::Result<()> {
/// let model = MockResponses::start()?;
/// model.enqueue(Reply::assistant("Hello."));
/// // Point a runtime at `model.base_url()`, run a turn, then look:
/// assert!(model.requests().is_empty());
/// # Ok(())
/// # }
/// ```
pub struct MockResponses {
    server: Server,
    state: Arc<State>,
}

impl MockResponses {
    /// Starts an endpoint with an empty queue.
    ///
    /// # Errors
    ///
    /// When no port can be bound or no thread started.
    pub fn start() -> io::Result<Self> {
        let state = Arc::new(State::default());
        Ok(Self {
            server: Server::start(Arc::clone(&state))?,
            state,
        })
    }

    /// The `base_url` for a model provider: `http://127.0.0.1:PORT/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address())
    }

    /// The address of the endpoint.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }
}

/// Replies.
impl MockResponses {
    /// Puts a reply at the end of the queue.
    pub fn enqueue(&self, reply: Reply) -> &Self {
        self.state.enqueue(reply);
        self
    }

    /// Puts several replies at the end of the queue.
    pub fn enqueue_all(&self, replies: impl IntoIterator<Item = Reply>) -> &Self {
        for reply in replies {
            self.enqueue(reply);
        }
        self
    }

    /// The number of queued replies.
    pub fn queued(&self) -> usize {
        self.state.queued()
    }

    /// Chooses replies by the request. When the responder returns `None`, the queue answers.
    ///
    /// It replaces an earlier responder and runs on the endpoint's own thread, one request at a
    /// time: it must not block. To make the model wait, put a [`Gate`](super::Gate) into the
    /// reply.
    ///
    /// ```
    /// # use codex_testing::{MockResponses, Reply};
    /// # let model = MockResponses::start()?;
    /// model.respond_with(|request| match request.last_user_text()? {
    ///     "ping" => Some(Reply::assistant("pong")),
    ///     _ => None,
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn respond_with(
        &self,
        responder: impl FnMut(&CapturedRequest) -> Option<Reply> + Send + 'static,
    ) -> &Self {
        self.state.set_responder(Box::new(responder));
        self
    }

    /// Answers requests to another path, whatever their method, instead of 404: for what the
    /// runtime asks besides the model, such as a login.
    pub fn answer_path(&self, path: impl Into<String>, reply: Reply) -> &Self {
        self.state.set_other(path.into(), reply);
        self
    }

    /// Sets the JSON that answers `GET .../models`.
    pub fn set_models(&self, models: Value) -> &Self {
        self.state.set_models(models);
        self
    }
}

/// Requests.
impl MockResponses {
    /// The model requests so far, in the order they came.
    pub fn requests(&self) -> Vec<CapturedRequest> {
        self.state.model_requests()
    }

    /// Everything so far, in the order it came: also requests for the list of models and to
    /// unknown paths.
    pub fn all_requests(&self) -> Vec<CapturedRequest> {
        self.state.all_requests()
    }

    /// The only model request.
    ///
    /// # Panics
    ///
    /// When there was none, or more than one.
    #[track_caller]
    pub fn single_request(&self) -> CapturedRequest {
        let requests = self.requests();
        match requests.as_slice() {
            [request] => request.clone(),
            _ => panic!(
                "expected a single model request, got {}: {requests:#?}",
                requests.len(),
            ),
        }
    }

    /// Blocks until at least `count` model requests have come, and returns all that have.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when there were fewer within `limit`.
    pub fn wait_for_requests(
        &self,
        count: usize,
        limit: Duration,
    ) -> Result<Vec<CapturedRequest>, TimedOut> {
        self.state
            .wait_for_requests(count, limit)
            .ok_or_else(|| self.too_few(count, limit))
    }

    /// Waits until at least `count` model requests have come, and returns all that have.
    /// Cancel-safe.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when there were fewer within `limit`.
    pub async fn wait_for_requests_async(
        &self,
        count: usize,
        limit: Duration,
    ) -> Result<Vec<CapturedRequest>, TimedOut> {
        self.state
            .wait_for_requests_async(count, limit)
            .await
            .ok_or_else(|| self.too_few(count, limit))
    }

    /// The faults so far.
    pub fn faults(&self) -> Vec<Fault> {
        self.state.faults()
    }

    /// Asserts that every queued reply was used and nothing went wrong.
    ///
    /// # Panics
    ///
    /// When replies are left, or [`MockResponses::faults`] is not empty.
    #[track_caller]
    pub fn assert_exhausted(&self) {
        let faults: Vec<String> = self.faults().iter().map(ToString::to_string).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        let (queued, came) = (self.queued(), self.requests().len());
        assert!(
            queued == 0,
            "the mock model endpoint still has {queued} unused replies; {came} model requests came"
        );
    }

    fn too_few(&self, count: usize, after: Duration) -> TimedOut {
        TimedOut {
            what: format!(
                "{count} model requests, of which {} came",
                self.requests().len()
            ),
            after,
        }
    }
}

impl fmt::Debug for MockResponses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MockResponses")
            .field("address", &self.address())
            .field("queued", &self.queued())
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}
