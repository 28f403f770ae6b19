//! What the generated builders collect besides the parameters of their requests.
//!
//! A builder sends nothing by itself; what its request leads to is written by hand beside the
//! type it gives (`send`), except where that is the plain answer.

use std::path::Path;
use std::time::Duration;

use crate::connection::cancellation::Cancellation;
use crate::error::Error;

/// What a builder collects besides the parameters of its request.
#[derive(Clone, Debug, Default)]
pub(crate) struct BuilderState {
    /// An argument that cannot be sent; told when the builder is used.
    pub(crate) error: Option<Error>,
    /// Who decides about approvals was said.
    pub(crate) approval_set: bool,
    /// The turn writes in its working folder, with the details as configured.
    pub(crate) configured_sandbox: bool,
    /// How long the turn may take.
    pub(crate) deadline: Option<Duration>,
    /// How long no event of the turn may come.
    pub(crate) idle_limit: Option<Duration>,
    /// Whether a turn that nobody waits for any more is interrupted.
    pub(crate) interrupt_on_drop: bool,
    /// What lets another task or thread interrupt the turn.
    pub(crate) cancellation: Option<Cancellation>,
}

impl BuilderState {
    /// Tells of an argument that cannot be sent.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        self.error.take().map_or(Ok(()), Err)
    }

    pub(crate) fn reject(&mut self, method: &str, problem: impl Into<String>) {
        self.error = Some(Error::InvalidArgument {
            method: method.to_owned(),
            problem: problem.into(),
        });
    }

    /// A path as the protocol takes it: text.
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
