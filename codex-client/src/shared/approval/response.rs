//! The decision in a response, whoever made the response and in whichever form of the protocol.

use codex_types::ServerRequest;
use serde_json::Value;

use super::Decision;
use crate::connection::mcp_tool_call;
use crate::engine::Response;

impl Decision {
    /// Reads the decision in a response to a request; `None` for one that is unknown to this version.
    /// The runtime treats an error response as a denial.
    pub(crate) fn in_response(request: &ServerRequest, response: &Response) -> Option<Self> {
        let Ok(response) = response else {
            return Some(Self::Decline);
        };
        let value: Value = serde_json::from_str(response.get()).ok()?;
        if matches!(request, ServerRequest::ItemPermissionsRequestApproval(_)) {
            return Some(of_permissions(&value));
        }
        if mcp_tool_call(request).is_some() {
            return of_call(&value);
        }
        match value.get("decision")? {
            Value::String(name) => of_name(name),
            Value::Object(map) => {
                let (name, amendment) = map.iter().next()?;
                of_amendment(name, amendment)
            }
            _ => None,
        }
    }
}

/// Anything that is granted accepts, even if it is a part.
fn of_permissions(value: &Value) -> Decision {
    let granted = value.get("permissions").and_then(Value::as_object);
    let is_something = |value: &Value| match value {
        Value::Null => false,
        Value::Object(map) => map.values().any(|value| !value.is_null() && value != false),
        _ => true,
    };
    if !granted.is_some_and(|granted| granted.values().any(is_something)) {
        return Decision::Decline;
    }
    match value.get("scope").and_then(Value::as_str) {
        Some("session") => Decision::AcceptForSession,
        _ => Decision::Accept,
    }
}

fn of_call(value: &Value) -> Option<Decision> {
    let lifetime = value.get("_meta").and_then(|meta| meta.get("persist"));
    match value.get("action")?.as_str()? {
        "accept" => Some(match lifetime.and_then(Value::as_str) {
            Some("always") => Decision::AcceptAlways,
            Some("session") => Decision::AcceptForSession,
            _ => Decision::Accept,
        }),
        name => of_name(name),
    }
}

fn of_name(name: &str) -> Option<Decision> {
    match name {
        "accept" | "approved" => Some(Decision::Accept),
        "acceptForSession" | "approved_for_session" => Some(Decision::AcceptForSession),
        "approved_mcp_policy_amendment" => Some(Decision::AcceptAlways),
        "decline" | "denied" | "timed_out" => Some(Decision::Decline),
        "cancel" | "abort" => Some(Decision::Cancel),
        _ => None,
    }
}

/// A decision with a rule for later requests, which may also deny.
fn of_amendment(name: &str, amendment: &Value) -> Option<Decision> {
    match name {
        "acceptWithExecpolicyAmendment" | "approved_execpolicy_amendment" => {
            Some(Decision::AcceptAlways)
        }
        "applyNetworkPolicyAmendment" | "network_policy_amendment" => {
            let rule = amendment.get("network_policy_amendment")?;
            Some(match rule.get("action")?.as_str()? {
                "allow" => Decision::AcceptAlways,
                _ => Decision::Decline,
            })
        }
        name => of_name(name),
    }
}

#[cfg(test)]
mod tests {
    use codex_types::ServerRequest;
    use codex_types::rpc::{self, ServerMessage};
    use serde_json::value::to_raw_value;
    use serde_json::{Value, json};

    use super::Decision;
    use Decision::{Accept, AcceptAlways, AcceptForSession, Cancel, Decline};

    const ALL: [Decision; 5] = [Accept, AcceptForSession, AcceptAlways, Decline, Cancel];

    fn request(method: &str, mut params: Value) -> ServerRequest {
        for (name, value) in [("threadId", "t"), ("turnId", "u"), ("itemId", "i")] {
            params[name] = json!(value);
        }
        params["startedAtMs"] = json!(1);
        let frame = json!({"id": 1, "method": method, "params": params}).to_string();
        match rpc::Parser::new().parse(&frame) {
            Ok(ServerMessage::Request { request, .. }) => request,
            other => panic!("{other:?}"),
        }
    }

    fn command(more: Value) -> ServerRequest {
        request("item/commandExecution/requestApproval", more)
    }

    fn call(persist: &Value) -> ServerRequest {
        let meta = json!({
            "codex_approval_kind": "mcp_tool_call", "tool_name": "write", "persist": persist,
        });
        let schema = json!({"type": "object", "properties": {}});
        let params = json!({
            "mode": "form", "serverName": "s", "message": "m", "requestedSchema": schema,
            "_meta": meta,
        });
        request("mcpServer/elicitation/request", params)
    }

    #[test]
    fn what_a_decision_became_is_read_from_its_response() {
        let network = json!({
            "networkApprovalContext": {"host": "h", "protocol": "https"},
            "proposedNetworkPolicyAmendments": [{"host": "h", "action": "allow"}],
        });
        let permissions = json!({
            "cwd": "/", "permissions": {"network": {"enabled": true}, "fileSystem": null},
        });
        let session = AcceptForSession;
        for (request, expected) in [
            (
                command(json!({"proposedExecpolicyAmendment": ["touch"]})),
                ALL,
            ),
            (command(network), ALL),
            (
                command(json!({})),
                [Accept, session, session, Decline, Cancel],
            ),
            (
                request("item/fileChange/requestApproval", json!({})),
                [Accept, session, session, Decline, Cancel],
            ),
            (
                request("item/permissions/requestApproval", permissions),
                [Accept, session, session, Decline, Decline],
            ),
            (call(&json!(["session", "always"])), ALL),
            (
                call(&json!("session")),
                [Accept, session, session, Decline, Cancel],
            ),
            (
                call(&Value::Null),
                [Accept, Accept, Accept, Decline, Cancel],
            ),
        ] {
            let read = ALL.map(|it| Decision::in_response(&request, &it.response_to(&request)));
            assert_eq!(read, expected.map(Some), "{}", request.method());
        }
    }

    #[test]
    fn responses_of_programs_are_read_as_well() {
        let read = |request: &ServerRequest, response: Value| {
            Decision::in_response(request, &Ok(to_raw_value(&response).unwrap()))
        };
        let denied = json!({"decision": {"applyNetworkPolicyAmendment": {
            "network_policy_amendment": {"host": "h", "action": "deny"},
        }}});
        assert_eq!(read(&command(json!({})), denied), Some(Decline));
        let later = json!({"decision": "ofALaterVersion"});
        assert_eq!(read(&command(json!({})), later), None);
        let permissions = json!({"cwd": "/", "permissions": {}});
        let permissions = request("item/permissions/requestApproval", permissions);
        let part = json!({"permissions": {"network": {"enabled": true}}, "scope": "session"});
        assert_eq!(read(&permissions, part), Some(AcceptForSession));
        let nothing = json!({"permissions": {"network": {"enabled": false}}});
        assert_eq!(read(&permissions, nothing), Some(Decline));
        let error = crate::connection::replies::unhandled("x");
        let read = Decision::in_response(&permissions, &Err(error));
        assert_eq!(read, Some(Decline));
    }
}
