//! Responses to the server's requests: the default one of each kind, and the encoding of those of
//! handlers. The handler traits are generated.
//!
//! The default approves nothing. The runtime treats an error response as a denial, and a missing
//! response keeps a turn waiting: every request gets a response.

use codex_types::ServerMethod;
use codex_types::rpc::{self, ErrorObject};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::engine::Response;

/// The result of a handler: a typed response, or an error response, which the server treats as a
/// denial.
pub type HandlerResult<T> = Result<T, ErrorObject>;

const METHOD_NOT_FOUND: i64 = -32601;
const INTERNAL: i64 = -32603;

/// Requests with a response that declines, by method.
const DECLINED: &[(&str, &str)] = &[
    ("applyPatchApproval", r#"{"decision":"denied"}"#),
    ("execCommandApproval", r#"{"decision":"denied"}"#),
    (
        "item/commandExecution/requestApproval",
        r#"{"decision":"decline"}"#,
    ),
    (
        "item/fileChange/requestApproval",
        r#"{"decision":"decline"}"#,
    ),
];

/// The response to an unhandled request.
pub(crate) fn default_reply(method: &str) -> Response {
    match DECLINED.iter().find(|(declined, _)| *declined == method) {
        Some((_, response)) => RawValue::from_string((*response).to_owned()).map_err(internal),
        None => Err(unhandled(method)),
    }
}

/// The same response, typed.
pub(crate) fn default_result<M: ServerMethod>() -> HandlerResult<M::Response> {
    rpc::decode(&default_reply(M::NAME)?).map_err(internal)
}

/// The error response to an unhandled request without a declining response.
pub(crate) fn unhandled(method: &str) -> ErrorObject {
    let message = format!("this client does not handle {method}");
    ErrorObject::new(METHOD_NOT_FOUND, message)
}

/// Encodes the response of a handler.
pub(crate) fn encode<T: Serialize>(result: HandlerResult<T>) -> Response {
    to_raw_value(&result?).map_err(internal)
}

/// Unboxes parameters, which are boxed in the union if they are large.
pub(crate) fn unbox<T>(params: impl Into<Box<T>>) -> T {
    *params.into()
}

fn internal(error: impl std::fmt::Display) -> ErrorObject {
    ErrorObject::new(INTERNAL, error.to_string())
}

#[cfg(test)]
mod tests {
    use codex_types::SERVER_METHODS;

    use super::{DECLINED, default_reply, default_result};

    #[test]
    fn declinable_requests_are_declined_in_their_type() {
        use codex_types::methods as m;
        assert!(default_result::<m::ApplyPatchApproval>().is_ok());
        assert!(default_result::<m::ExecCommandApproval>().is_ok());
        assert!(default_result::<m::ItemCommandExecutionRequestApproval>().is_ok());
        assert!(default_result::<m::ItemFileChangeRequestApproval>().is_ok());
    }

    #[test]
    fn other_requests_get_an_error_response() {
        let others = SERVER_METHODS
            .iter()
            .filter(|info| DECLINED.iter().all(|(method, _)| *method != info.method));
        for info in others {
            let error = default_reply(info.method).unwrap_err();
            assert_eq!(error.code, -32601);
            assert!(error.message.contains(info.method));
        }
        let declined =
            |(method, _): &(&str, &str)| SERVER_METHODS.iter().any(|info| info.method == *method);
        assert!(DECLINED.iter().all(declined));
    }
}
