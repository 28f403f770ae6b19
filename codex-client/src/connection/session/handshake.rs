//! What the session learns by the handshake, and how a failed one is explained.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use codex_runtime::{VersionMismatch, VersionPolicy};
use serde_json::value::RawValue;

use super::{SessionState, decode_error};
use crate::connection::server_info::ServerInfo;
use crate::connection::{LIMIT_AFTER_NOISE, plain_text};
use crate::error::{CloseReason, Closed, Error, HandshakeError};
use crate::secret::Secret;

/// Interval at which the handshake checks for other output instead of a response.
pub(crate) const GREETING_CHECK: Duration = Duration::from_millis(500);

impl SessionState {
    /// The server's information about itself, from the last initialization.
    pub(crate) fn info(&self) -> Option<Arc<ServerInfo>> {
        self.info
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The version mismatch, if the server is not the one this client was built for.
    pub(crate) fn mismatch(&self) -> Option<VersionMismatch> {
        let info = self.info()?;
        VersionPolicy::Warn
            .check(info.version.as_ref()?)
            .ok()
            .flatten()
    }

    /// Fails if the server has written other output, and no message in time after it: the handshake
    /// cannot succeed then.
    pub(crate) fn check_greeting(&self) -> Result<(), Error> {
        if self.connection.greeting().is_no_server() {
            let problem = format!(
                "the output of the server is no message, and none followed within {LIMIT_AFTER_NOISE:?}"
            );
            let reason = CloseReason::Transport(problem);
            return Err(Arc::new(Closed::new(reason)).into());
        }
        Ok(())
    }

    /// Explains a handshake that failed without a reason from the server.
    pub(crate) fn explain_handshake(&self, error: Error) -> Error {
        let unexpected_output = self.connection.greeting().unreadable();
        let is_unexplained = matches!(error, Error::Timeout { .. } | Error::Closed(_));
        let watch = self.watch();
        if !is_unexplained || (watch.is_none() && unexpected_output.is_empty()) {
            return error;
        }
        let stderr_tail = watch.map_or_else(String::new, |watch| watch.final_stderr_tail());
        Error::Handshake(Box::new(HandshakeError {
            cause: error,
            program: self.attached().program.clone(),
            unexpected_output: Secret(plain_text(&unexpected_output)),
            stderr_tail: Secret(stderr_tail),
        }))
    }

    /// Takes in the response to `initialize`.
    pub(crate) fn initialized(&self, response: &RawValue) -> Result<(), Error> {
        let info = ServerInfo::read(response, self.connection.config_warnings())
            .map_err(|error| decode_error("initialize", error, response))?;
        if info.version.is_none() {
            tracing::warn!(
                user_agent = info.user_agent,
                "the server reports no version"
            );
        }
        let policy = self.settings.version_policy;
        let mismatch = info.version.as_ref().map(|version| policy.check(version));
        if let Some(mismatch) = mismatch.transpose()?.flatten() {
            tracing::warn!(%mismatch, "not the runtime this client was built for");
        }
        *self.info.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(info));
        if let Some(mismatch) = self.mismatch() {
            self.connection.note_mismatch(mismatch);
        }
        Ok(())
    }
}
