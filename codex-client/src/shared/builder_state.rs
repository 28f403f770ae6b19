//! The state of the generated builders besides the parameters of their requests.
//!
//! The hand-written `send` of a builder is beside its result type, unless the result is the plain
//! response.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use codex_types::Field;
use serde_json::Value;

use crate::connection::cancellation::Cancellation;
use crate::connection::settings::Retry;
use crate::error::Error;
use crate::shared::approval::ApprovalPolicy;
use crate::shared::config::ConfigOverrides;
use crate::shared::tools::Tools;
use crate::shared::trace::TraceContext;

/// The state of a builder besides the parameters of its request.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(crate) struct BuilderState {
    /// The error of an invalid argument, returned when the builder is used.
    pub(crate) error: Option<Error>,
    /// True if the approval mode was set.
    pub(crate) approval_set: bool,
    /// True if the turn may write in its working directory, with the configured details.
    pub(crate) configured_sandbox: bool,
    /// The deadline of the turn.
    pub(crate) deadline: Option<Duration>,
    /// The retries of a turn that failed before it had any effect.
    pub(crate) retry: Option<Retry>,
    /// The idle limit of the turn.
    pub(crate) idle_limit: Option<Duration>,
    /// True if the turn's approvals are yielded by its stream.
    pub(crate) approvals_in_stream: bool,
    /// The policy for the approvals of the turn.
    pub(crate) policy: Option<ApprovalPolicy>,
    /// The trace of the turn.
    pub(crate) trace: Option<TraceContext>,
    /// The tools of the thread.
    pub(crate) tools: Tools,
    /// True if the turn is interrupted when its handle is dropped.
    pub(crate) interrupt_on_drop: bool,
    /// The cancellation of the turn.
    pub(crate) cancellation: Option<Cancellation>,
}

impl BuilderState {
    /// Returns the error of an invalid argument.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        self.error.take().map_or(Ok(()), Err)
    }

    pub(crate) fn reject(&mut self, method: &str, problem: impl Into<String>) {
        self.error = Some(Error::InvalidArgument {
            method: method.to_owned(),
            problem: problem.into(),
        });
    }

    /// Adds overrides of the configuration to those of the request.
    pub(crate) fn config(
        &mut self,
        method: &str,
        config: &mut Field<BTreeMap<String, Value>>,
        overrides: ConfigOverrides,
    ) {
        if let Err(problem) = overrides.add_to(config) {
            self.reject(method, problem);
        }
    }

    /// Converts a path to text, its form in the protocol.
    pub(crate) fn path<'a>(
        &mut self,
        method: &str,
        field: &str,
        path: &'a Path,
    ) -> Option<&'a str> {
        let text = path.to_str();
        if text.is_none() {
            self.reject(method, format!("`{field}` is not valid Unicode"));
        }
        text
    }
}
