//! The runtime of a test, on either API.

use std::time::Duration;

use codex_client::types::ThreadItem;
use codex_client::{Codex, CodexBuilder, blocking};
use codex_testing::{AppServerHarness, Reply};

/// Time limit of any wait.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

pub(crate) fn harness() -> AppServerHarness {
    AppServerHarness::start().unwrap()
}

pub(crate) fn harness_with(replies: impl IntoIterator<Item = Reply>) -> AppServerHarness {
    let harness = harness();
    harness.responses().enqueue_all(replies);
    harness
}

pub(crate) fn builder(harness: &AppServerHarness) -> CodexBuilder {
    Codex::builder()
        .client_info("api-tests", "1.0.0")
        .launch(harness.launch())
        .request_deadline(LIMIT)
}

pub(crate) async fn codex(harness: &AppServerHarness) -> Codex {
    builder(harness).build().await.unwrap()
}

pub(crate) fn blocking_codex(harness: &AppServerHarness) -> blocking::Codex {
    blocking::Codex::builder()
        .client_info("api-tests", "1.0.0")
        .launch(harness.launch())
        .request_deadline(LIMIT)
        .build()
        .unwrap()
}

/// The messages of the model, in order.
pub(crate) fn messages(items: &[ThreadItem]) -> Vec<&str> {
    let mut messages = Vec::new();
    for item in items {
        if let ThreadItem::AgentMessage(message) = item {
            messages.push(message.text.as_str());
        }
    }
    messages
}
