//! The server's information about itself, from the initialization.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codex_types::{ConfigWarningNotification, DecodeError, InitializeResponse, rpc};
use semver::Version;
use serde_json::value::RawValue;

use crate::engine::{EARLY_WEIGHT, MOST_EARLY};

/// The server of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerInfo {
    /// The user agent of the runtime at the model's endpoint. Starts with the name of the first
    /// client.
    pub user_agent: String,
    /// The version of the running process, found in the user agent.
    pub version: Option<Version>,
    /// The folder of the runtime's configuration and sessions, on the server's machine.
    pub codex_home: PathBuf,
    /// The platform family, such as `unix`.
    pub platform_family: String,
    /// The operating system, such as `linux`.
    pub platform_os: String,
    config_warnings: ConfigWarnings,
}

/// The warnings about the configuration that have come; clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfigWarnings(Arc<Mutex<Kept>>);

/// Kept warnings, and their weight: a server may send any number, of any size.
#[derive(Debug, Default)]
struct Kept {
    warnings: Vec<ConfigWarningNotification>,
    weight: usize,
}

impl ConfigWarnings {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs a warning of this weight, and keeps it within the limits.
    pub(super) fn add(&self, warning: &ConfigWarningNotification, weight: usize) {
        tracing::warn!(summary = warning.summary, "configuration of the runtime");
        let mut kept = self.lock();
        if kept.warnings.len() < MOST_EARLY && kept.weight + weight <= EARLY_WEIGHT {
            kept.weight += weight;
            kept.warnings.push(warning.clone());
        }
    }

    fn all(&self) -> Vec<ConfigWarningNotification> {
        self.lock().warnings.clone()
    }
}

impl PartialEq for ConfigWarnings {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.all() == other.all()
    }
}

impl Eq for ConfigWarnings {}

impl ServerInfo {
    /// Decodes the response to `initialize`.
    pub(crate) fn read(
        response: &RawValue,
        config_warnings: &ConfigWarnings,
    ) -> Result<Self, DecodeError> {
        let response: InitializeResponse = rpc::decode(response)?;
        Ok(Self {
            version: version_in(&response.user_agent),
            user_agent: response.user_agent,
            codex_home: response.codex_home.as_str().into(),
            platform_family: response.platform_family,
            platform_os: response.platform_os,
            config_warnings: config_warnings.clone(),
        })
    }

    /// The problems of the user's configuration, or of the overrides of this client, as far as
    /// `configWarning` has come. The runtime sends it right behind its answer to `initialize`: it
    /// may come a moment after the client is there. The first
    /// [`Client::events`](crate::Client::events) begins with these notifications, too. At most 64
    /// are kept, of about half a mebibyte together; each is logged.
    pub fn config_warnings(&self) -> Vec<ConfigWarningNotification> {
        self.config_warnings.all()
    }
}

/// `NAME/VERSION (SYSTEM) ...`: the name is the client's and may contain anything, including
/// slashes.
fn version_in(user_agent: &str) -> Option<Version> {
    let before_system = user_agent.split(" (");
    before_system
        .filter_map(|part| part.rsplit('/').next())
        .find_map(|text| Version::parse(text.trim()).ok())
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::version_in;

    #[test]
    fn the_version_is_found_whatever_the_client_is_called() {
        let version = Some(Version::new(0, 169, 0));
        for agent in [
            "codex_client/0.169.0 (Debian 12.0.0; x86_64) xterm (codex_client; 0.1.0)",
            "my app/2/0.169.0 (Mac OS 15.0.0; arm64) unknown (my app; 1.0.0)",
            "odd (name)/0.169.0 (Debian 12.0.0; x86_64)",
            "bare/0.169.0",
        ] {
            assert_eq!(version_in(agent), version, "{agent}");
        }
        let preview = Version::parse("0.170.0-alpha.2").unwrap();
        assert_eq!(version_in("x/0.170.0-alpha.2 (Debian)"), Some(preview));
        assert_eq!(version_in("nothing to see (here)"), None);
    }
}
