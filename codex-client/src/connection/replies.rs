//! Answers to the server's requests: the safe one of each kind, and how those of handlers are
//! written. The handlers' traits are generated.
//!
//! Safe means that nothing is approved. An error is as good as a refusal to the runtime, and a
//! missing answer keeps a turn waiting: everything is answered.

use codex_types::ServerMethod;
use codex_types::rpc::{self, ErrorObject};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::engine::Response;

/// What a handler answers: a typed result, or an error that the server takes as a refusal.
pub type HandlerResult<T> = Result<T, ErrorObject>;

const METHOD_NOT_FOUND: i64 = -32601;
const INTERNAL: i64 = -32603;

/// Requests that have an answer for "no", by method.
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

/// The answer to a request that nobody handles.
pub(crate) fn default_reply(method: &str) -> Response {
    match DECLINED.iter().find(|(declined, _)| *declined == method) {
        Some((_, response)) => RawValue::from_string((*response).to_owned()).map_err(internal),
        None => Err(unhandled(method)),
    }
}

/// The same answer, typed.
pub(crate) fn default_result<M: ServerMethod>() -> HandlerResult<M::Response> {
    rpc::decode(&default_reply(M::NAME)?).map_err(internal)
}

/// The refusal of a request that nobody handles and that has no answer for "no".
pub(crate) fn unhandled(method: &str) -> ErrorObject {
    let message = format!("this client does not handle {method}");
    ErrorObject::new(METHOD_NOT_FOUND, message)
}

/// A handler's answer as it is sent.
pub(crate) fn encode<T: Serialize>(result: HandlerResult<T>) -> Response {
    to_raw_value(&result?).map_err(internal)
}

/// Parameters are boxed in the union where they are large; a handler gets them plain.
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
    fn what_can_be_declined_is_declined_in_its_type() {
        use codex_types::methods as m;
        assert!(default_result::<m::ApplyPatchApproval>().is_ok());
        assert!(default_result::<m::ExecCommandApproval>().is_ok());
        assert!(default_result::<m::ItemCommandExecutionRequestApproval>().is_ok());
        assert!(default_result::<m::ItemFileChangeRequestApproval>().is_ok());
    }

    #[test]
    fn everything_else_is_refused() {
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
