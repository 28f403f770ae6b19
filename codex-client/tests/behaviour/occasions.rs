//! Occasions of server requests: the configuration, and the actions of the model.

use codex_client::types::{
    CollaborationMode, DynamicToolCallStatus, DynamicToolSpec, ThreadItem, TurnStartParams,
};
use codex_testing::{AppServerHarness, AppServerHarnessBuilder, Reply};
use serde_json::json;

use crate::support::{calling, from_json};

/// A harness, and the actions of its model.
pub(crate) struct Occasion {
    harness: AppServerHarnessBuilder,
    replies: Vec<Reply>,
}

impl Occasion {
    fn new(config: &str, replies: impl Into<Vec<Reply>>) -> Self {
        Self {
            harness: AppServerHarness::builder().config(config),
            replies: replies.into(),
        }
    }

    pub(crate) fn start(self) -> AppServerHarness {
        let harness = self.harness.start().unwrap();
        harness.responses().enqueue_all(self.replies);
        harness
    }
}

/// The model requests a permission.
pub(crate) fn permissions() -> Occasion {
    let features = "[features]\nrequest_permissions_tool = true\nexec_permission_approvals = true";
    let arguments = json!({
        "reason": "to fetch something",
        "permissions": { "network": { "enabled": true } },
    });
    Occasion::new(features, calling("request_permissions", &arguments))
}

/// The model asks the user a question, which [`planning`] enables.
pub(crate) fn user_input() -> Occasion {
    let arguments = json!({ "questions": [{
        "id": "color",
        "header": "Color",
        "question": "Which color?",
        "options": [
            { "label": "red", "description": "warm" },
            { "label": "blue", "description": "cold" },
        ],
    }] });
    Occasion::new("", calling("request_user_input", &arguments))
}

/// Puts a turn into the mode in which plans are made.
pub(crate) fn planning(params: TurnStartParams) -> TurnStartParams {
    params.collaboration_mode(from_json::<CollaborationMode>(json!({
        "mode": "plan",
        "settings": {
            "model": "mock-model", "reasoning_effort": null, "developer_instructions": null,
        },
    })))
}

/// The configuration of a tool server.
fn tool_server(name: &str) -> String {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/behaviour/tool-server.sh"
    );
    format!("[mcp_servers.{name}]\ncommand = 'sh'\nargs = ['{script}']")
}

/// The model calls a tool of a server in two turns, which needs an approval.
pub(crate) fn writing_notes() -> Occasion {
    let call = |id: &str| Reply::new().mcp_call(id, "notes", "write", json!({ "text": "one" }));
    let done = || Reply::assistant("done");
    let replies = [call("first"), done(), call("second"), done()];
    Occasion::new(&tool_server("notes"), replies)
}

/// A tool server asks the user a question.
pub(crate) fn elicitation() -> Occasion {
    let config = tool_server("asking");
    let reply = Reply::new().mcp_call("call", "asking", "ask", json!({}));
    Occasion::new(&config, [reply, Reply::assistant("done")])
}

/// The model calls [`lookup`].
pub(crate) fn tool_call() -> Occasion {
    Occasion::new("", calling("lookup", &json!({ "what": "the answer" })))
}

/// A tool that the client offers.
pub(crate) fn lookup() -> DynamicToolSpec {
    from_json(json!({
        "type": "function",
        "name": "lookup",
        "description": "Looks things up",
        "inputSchema": { "type": "object", "properties": { "what": { "type": "string" } } },
    }))
}

/// The outcome of the call of [`lookup`].
pub(crate) fn call_status(items: &[ThreadItem]) -> DynamicToolCallStatus {
    let status = |item: &ThreadItem| match item {
        ThreadItem::DynamicToolCall(call) => Some(call.status.clone()),
        _ => None,
    };
    items.iter().find_map(status).expect("a call")
}

/// The runtime takes the time from its client.
pub(crate) fn current_time() -> Occasion {
    let clock = "[features.current_time_reminder]\nenabled = true\nclock_source = 'external'";
    Occasion::new(clock, [Reply::assistant("done")])
}
