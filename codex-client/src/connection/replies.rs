//! Responses to the server's requests: the default one of each kind, and the encoding of those of
//! handlers. The handler traits are generated.
//!
//! The default approves nothing. The runtime treats an error response as a denial, and a missing
//! response keeps a turn waiting: every request gets a response.

use std::fmt;

use codex_types::ServerMethod;
use codex_types::rpc::{self, ErrorObject};
use serde_core::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::engine::Response;
use crate::error::causes::with_causes;

/// The result of a handler: a typed response, or an error response, which the server treats as a
/// denial.
pub type HandlerResult<T> = Result<T, HandlerError>;

/// The error of a handler. Any error and any text becomes one with `?`; an [`ErrorObject`] stays
/// as it is, and of others the message and those of their causes are sent to the server.
pub struct HandlerError(ErrorObject);

impl HandlerError {
    /// Returns the error response.
    pub fn into_object(self) -> ErrorObject {
        self.0
    }
}

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> From<E> for HandlerError {
    fn from(error: E) -> Self {
        match error.into().downcast::<ErrorObject>() {
            Ok(object) => Self(*object),
            Err(error) => Self(ErrorObject::new(INTERNAL, with_causes(&*error))),
        }
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("HandlerError")
            .field(&self.0)
            .finish()
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

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
    Ok(rpc::decode(&default_reply(M::NAME)?)?)
}

/// The error response to an unhandled request without a declining response.
pub(crate) fn unhandled(method: &str) -> ErrorObject {
    let message = format!("this client does not handle {method}");
    ErrorObject::new(METHOD_NOT_FOUND, message)
}

/// Encodes the response of a handler.
pub(crate) fn encode<T: Serialize>(result: HandlerResult<T>) -> Response {
    to_raw_value(&result.map_err(HandlerError::into_object)?).map_err(internal)
}

/// Unboxes parameters, which are boxed in the union if they are large.
pub(crate) fn unbox<T>(params: impl Into<Box<T>>) -> T {
    *params.into()
}

pub(crate) fn internal(error: impl fmt::Display) -> ErrorObject {
    ErrorObject::new(INTERNAL, error.to_string())
}

#[cfg(test)]
mod tests {
    use codex_types::SERVER_METHODS;

    use std::io;

    use super::{DECLINED, HandlerResult, default_reply, default_result};
    use codex_types::rpc::ErrorObject;

    #[test]
    fn any_error_ends_a_handler_with_its_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("no decision")]
        struct NoDecision(#[source] io::Error);

        let object = |handler: fn() -> HandlerResult<()>| {
            let object = handler().unwrap_err().into_object();
            (object.code, object.message)
        };
        let found = [
            object(|| Err("closed")?),
            object(|| Err(io::Error::other("broken"))?),
            object(|| Err(NoDecision(io::Error::other("broken")))?),
            object(|| Err(ErrorObject::new(-7, "mine"))?),
        ];
        let expected = [
            (-32603, "closed"),
            (-32603, "broken"),
            (-32603, "no decision: broken"),
            (-7, "mine"),
        ];
        assert_eq!(found, expected.map(|(code, text)| (code, text.to_owned())));
    }

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
