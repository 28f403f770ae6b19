//! Occasions on which the runtime asks its client something: how it is configured, and what
//! the model does.

use codex_client::types::{
    CollaborationMode, DynamicToolCallStatus, DynamicToolSpec, ThreadItem, TurnStartParams,
};
use codex_testing::{AppServerHarness, AppServerHarnessBuilder, Reply};
use serde_json::json;

use crate::support::{calling, from_json};

/// A harness, and what its model does.
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

/// The model wants to be allowed something.
pub(crate) fn permissions() -> Occasion {
    let features = "[features]\nrequest_permissions_tool = true\nexec_permission_approvals = true";
    let arguments = json!({
        "reason": "to fetch something",
        "permissions": { "network": { "enabled": true } },
    });
    Occasion::new(features, calling("request_permissions", &arguments))
}

/// The model wants to know something of the user; [`planning`] is when it may.
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

/// A tool server wants to know something of the user.
pub(crate) fn elicitation() -> Occasion {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/behaviour/tool-server.sh"
    );
    let config = format!("[mcp_servers.asking]\ncommand = 'sh'\nargs = ['{script}']");
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

/// How the call of [`lookup`] went.
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
