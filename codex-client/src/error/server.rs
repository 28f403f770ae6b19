//! Error responses of the server, classified.
//!
//! The runtime uses one code for nearly all errors, so the kind of an error response has to be
//! derived from its text as well. All of that happens here.

use std::fmt;

use codex_runtime::VersionMismatch;
use codex_types::rpc::ErrorObject;
use serde_json::Value;

use crate::engine::one_line;

/// An error response to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    method: String,
    object: ErrorObject,
    mismatch: Option<VersionMismatch>,
}

/// The kind of an error response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerErrorKind {
    /// The server was overloaded and did nothing: retry later.
    Overloaded,
    /// A part of the experimental API was used without requesting it.
    ExperimentalRequired {
        /// The method, field or value, such as `thread/start.dynamicTools`.
        what: String,
    },
    /// The method is unknown to the server.
    UnknownMethod,
    /// The connection was not initialized yet.
    NotInitialized,
    /// The connection was initialized before.
    AlreadyInitialized,
    /// The server does not support the method, or not in this case.
    NotSupported,
    /// An input exceeds the limits of the server.
    InputTooLarge,
    /// No turn is running on the thread that could be steered or interrupted.
    NoActiveTurn,
    /// Another turn than the named one is running on the thread.
    OtherTurnActive {
        /// The running turn.
        active: String,
    },
    /// The thread does not exist, is not loaded in this process, or has no stored history to
    /// resume: the equivalent of a 404.
    ThreadNotFound,
    /// The thread is ephemeral, and does not support this because it is not stored.
    EphemeralThread,
    /// The feature is turned off in the runtime's configuration.
    FeatureDisabled {
        /// The feature, such as `goals`.
        feature: String,
    },
    /// The request is invalid, or invalid in the present state of the server.
    InvalidRequest,
    /// The server failed.
    Internal,
    /// None of these.
    Other,
}

const OVERLOADED: i64 = -32001;
const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
const INTERNAL: i64 = -32603;

impl ServerError {
    pub(crate) fn new(method: impl Into<String>, object: ErrorObject) -> Self {
        let method = method.into();
        Self {
            method,
            object,
            mismatch: None,
        }
    }

    /// Adds the version mismatch if the server rejected the request as unknown.
    pub(super) fn set_mismatch(&mut self, mismatch: Option<VersionMismatch>) {
        let codes = [INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS];
        self.mismatch = mismatch.filter(|_| codes.contains(&self.code()));
    }

    /// The version mismatch, if the server is not the one this client was built for and rejected
    /// the request as unknown.
    pub fn version_mismatch(&self) -> Option<&VersionMismatch> {
        self.mismatch.as_ref()
    }

    /// The method of the request.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the error code; the runtime uses -32600 for most errors.
    pub fn code(&self) -> i64 {
        self.object.code
    }

    /// Returns the human-readable message.
    pub fn message(&self) -> &str {
        &self.object.message
    }

    /// Returns the machine-readable data; its type depends on the method.
    pub fn data(&self) -> Option<&Value> {
        self.object.data.as_ref()
    }

    /// The whole error object.
    pub fn object(&self) -> &ErrorObject {
        &self.object
    }

    /// Returns the `codexErrorInfo` in the data, under any of its names.
    pub fn error_info(&self) -> Option<&Value> {
        let data = self.data()?;
        let names = ["codexErrorInfo", "codex_error_info"];
        names.iter().find_map(|name| data.get(name))
    }

    /// Returns whether the server was overloaded and did nothing.
    pub fn is_overloaded(&self) -> bool {
        let told = |name: &str| self.error_info().and_then(Value::as_str) == Some(name);
        self.code() == OVERLOADED || told("serverOverloaded") || told("server_overloaded")
    }

    /// Returns the kind of the error response.
    pub fn kind(&self) -> ServerErrorKind {
        if self.is_overloaded() {
            return ServerErrorKind::Overloaded;
        }
        match self.code() {
            INVALID_REQUEST => kind_of_invalid_request(self.message()),
            METHOD_NOT_FOUND => ServerErrorKind::NotSupported,
            INVALID_PARAMS if self.is_input_too_large() => ServerErrorKind::InputTooLarge,
            INVALID_PARAMS => ServerErrorKind::InvalidRequest,
            INTERNAL => ServerErrorKind::Internal,
            _ => ServerErrorKind::Other,
        }
    }

    fn is_input_too_large(&self) -> bool {
        let code = self.data().and_then(|data| data.get("input_error_code"));
        code.and_then(Value::as_str) == Some("input_too_large")
    }
}

fn kind_of_invalid_request(message: &str) -> ServerErrorKind {
    if let Some(what) = message.strip_suffix(" requires experimentalApi capability") {
        let what = what.to_owned();
        return ServerErrorKind::ExperimentalRequired { what };
    }
    if let Some(active) = other_active_turn(message) {
        return ServerErrorKind::OtherTurnActive { active };
    }
    if let Some(feature) = disabled_feature(message) {
        return ServerErrorKind::FeatureDisabled { feature };
    }
    match message {
        "Not initialized" => ServerErrorKind::NotInitialized,
        "Already initialized" => ServerErrorKind::AlreadyInitialized,
        _ if message.starts_with("no active turn to ") => ServerErrorKind::NoActiveTurn,
        _ if is_missing_thread(message) => ServerErrorKind::ThreadNotFound,
        _ if message.starts_with("ephemeral thread") => ServerErrorKind::EphemeralThread,
        _ if is_unknown_method(message) => ServerErrorKind::UnknownMethod,
        _ => ServerErrorKind::InvalidRequest,
    }
}

/// `expected active turn id X but found Y`; steering puts the ids in backticks.
fn other_active_turn(message: &str) -> Option<String> {
    let ids = message.strip_prefix("expected active turn id ")?;
    let (_, active) = ids.split_once(" but found ")?;
    let active = active.trim_matches('`');
    let is_id = !active.is_empty() && !active.contains(char::is_whitespace);
    is_id.then(|| active.to_owned())
}

/// `goals feature is disabled`.
fn disabled_feature(message: &str) -> Option<String> {
    let feature = message.strip_suffix(" feature is disabled")?;
    let is_name = !feature.is_empty() && !feature.contains(char::is_whitespace);
    is_name.then(|| feature.to_owned())
}

/// Returns whether this is one of the runtime's several messages about a missing thread.
fn is_missing_thread(message: &str) -> bool {
    [
        "no rollout found for thread id ",
        "thread not found",
        "thread not loaded",
    ]
    .iter()
    .any(|wording| message.starts_with(wording))
}

/// `Invalid request: unknown variant ..., expected one of` lists every method. The same text is
/// used for an unknown value of a field, with a shorter list without `initialize`.
fn is_unknown_method(message: &str) -> bool {
    message.contains("unknown variant") && message.contains("`initialize`")
}

impl fmt::Display for ServerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = &self.method;
        match self.kind() {
            // The runtime lists every method that it supports: 4 KB.
            ServerErrorKind::UnknownMethod => {
                write!(
                    formatter,
                    "{method}: the server does not support this method"
                )
            }
            ServerErrorKind::ExperimentalRequired { what } => write!(
                formatter,
                "{method}: {what} is experimental: allow it with `experimental_api(true)` when \
                 building the client"
            ),
            _ => {
                let object = one_line(&self.object.to_string());
                write!(formatter, "{method}: error response: {object}")
            }
        }?;
        formatter.write_str(&super::display::note(self.mismatch.as_ref()))
    }
}

impl std::error::Error for ServerError {}

#[cfg(test)]
mod tests {
    use codex_types::rpc::ErrorObject;
    use serde_json::json;

    use super::{ServerError, ServerErrorKind};

    fn kind(code: i64, message: &str) -> ServerErrorKind {
        ServerError::new("m", ErrorObject::new(code, message)).kind()
    }

    #[test]
    fn error_responses_are_classified_by_code_and_text() {
        let experimental = |what: &str| ServerErrorKind::ExperimentalRequired { what: what.into() };
        let table = [
            (
                -32001,
                "Server overloaded; retry later.",
                ServerErrorKind::Overloaded,
            ),
            (
                -32600,
                "thread/start.dynamicTools requires experimentalApi capability",
                experimental("thread/start.dynamicTools"),
            ),
            (
                -32600,
                "Invalid request: unknown variant `x`, expected one of `initialize`, `thread/start`",
                ServerErrorKind::UnknownMethod,
            ),
            (
                -32600,
                "Invalid request: unknown variant `x`, expected `low` or `high`",
                ServerErrorKind::InvalidRequest,
            ),
            (-32600, "Not initialized", ServerErrorKind::NotInitialized),
            (
                -32600,
                "Already initialized",
                ServerErrorKind::AlreadyInitialized,
            ),
            (
                -32601,
                "list_turns is not supported yet",
                ServerErrorKind::NotSupported,
            ),
            (
                -32600,
                "no active turn to steer",
                ServerErrorKind::NoActiveTurn,
            ),
            (
                -32600,
                "no active turn to interrupt",
                ServerErrorKind::NoActiveTurn,
            ),
            (
                -32600,
                "expected active turn id `a` but found `b-1`",
                ServerErrorKind::OtherTurnActive {
                    active: "b-1".to_owned(),
                },
            ),
            (
                -32600,
                "expected active turn id a but found b-1",
                ServerErrorKind::OtherTurnActive {
                    active: "b-1".to_owned(),
                },
            ),
            (
                -32600,
                "no rollout found for thread id 0193",
                ServerErrorKind::ThreadNotFound,
            ),
            (
                -32600,
                "thread not found: 0193",
                ServerErrorKind::ThreadNotFound,
            ),
            (
                -32600,
                "thread not loaded: 0193",
                ServerErrorKind::ThreadNotFound,
            ),
            (
                -32600,
                "goals feature is disabled",
                ServerErrorKind::FeatureDisabled {
                    feature: "goals".to_owned(),
                },
            ),
            (
                -32600,
                "ephemeral thread does not support goals",
                ServerErrorKind::EphemeralThread,
            ),
            (-32602, "bad", ServerErrorKind::InvalidRequest),
            (-32603, "disk", ServerErrorKind::Internal),
            (7, "?", ServerErrorKind::Other),
        ];
        for (code, message, expected) in table {
            assert_eq!(kind(code, message), expected, "{message}");
        }
    }

    #[test]
    fn unknown_method_is_one_short_line() {
        let list = "`x`, ".repeat(900);
        let message =
            format!("Invalid request: unknown variant `x`, expected one of `initialize`, {list}");
        let error = ServerError::new("thread/x", ErrorObject::new(-32600, message));
        assert_eq!(
            error.to_string(),
            "thread/x: the server does not support this method"
        );
        assert!(error.message().len() > 4000, "the whole text is kept");
    }

    #[test]
    fn experimental_field_comes_with_the_remedy() {
        let message = "thread/start.dynamicTools requires experimentalApi capability";
        let error = ServerError::new("thread/start", ErrorObject::new(-32600, message));
        assert!(
            error.to_string().contains("experimental_api(true)"),
            "{error}"
        );
    }

    #[test]
    fn overload_is_known_by_its_typed_info_too() {
        for name in ["codexErrorInfo", "codex_error_info"] {
            let object = ErrorObject::new(-32603, "busy").data(json!({name: "serverOverloaded"}));
            assert!(ServerError::new("m", object).is_overloaded());
        }
        let object = ErrorObject::new(-32603, "busy").data(json!({"codexErrorInfo": "other"}));
        assert!(!ServerError::new("m", object).is_overloaded());
    }

    #[test]
    fn an_input_that_is_too_large_is_recognized() {
        let data =
            json!({"input_error_code": "input_too_large", "max_chars": 1, "actual_chars": 2});
        let object = ErrorObject::new(-32602, "too large").data(data);
        assert_eq!(
            ServerError::new("m", object).kind(),
            ServerErrorKind::InputTooLarge
        );
    }
}
