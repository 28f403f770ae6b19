//! The sandbox of commands.
//!
//! The protocol has two forms of it: a thread has a mode, with configuration for the details; a
//! turn has a whole policy, in which omitted permissions are denied.

use std::collections::BTreeMap;
use std::str::FromStr;

use codex_types::{
    DangerFullAccessSandboxPolicy, Field, ReadOnlySandboxPolicy, SandboxMode, SandboxPolicy,
    SandboxWorkspaceWrite, UnknownValue, WorkspaceWriteSandboxPolicy,
};
use serde_json::{Value, json};

use crate::shared::config::ConfigOverrides;

/// The sandbox of a thread's or a turn's commands.
///
/// The presets keep the configured details: network access, further writable folders and temporary
/// folders of [`Sandbox::WorkspaceWrite`] follow the configuration, also in the preset of a turn.
/// For that the client has to read it, because a policy of the runtime is complete and forbids
/// everything that it does not mention.
///
/// On command lines and in configuration files the presets have the names of the runtime:
///
/// ```
/// use codex_client::Sandbox;
///
/// let sandbox: Sandbox = "workspace-write".parse()?;
/// assert_eq!(sandbox, Sandbox::WorkspaceWrite);
/// let error = "workspace".parse::<Sandbox>().unwrap_err().to_string();
/// assert!(error.ends_with("expected read-only, workspace-write or danger-full-access"));
/// # Ok::<(), codex_client::types::UnknownValue>(())
/// ```
#[doc(alias = "permission")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Sandbox {
    /// Files can be read.
    ReadOnly,
    /// Files can be read, and written in the working directory.
    WorkspaceWrite,
    /// Everything is allowed.
    FullAccess,
    /// Exactly this policy, independent of the configuration.
    Policy(SandboxPolicy),
}

impl From<SandboxPolicy> for Sandbox {
    fn from(policy: SandboxPolicy) -> Self {
        Self::Policy(policy)
    }
}

/// Reads the name of a preset: `read-only`, `workspace-write` or `danger-full-access`.
impl FromStr for Sandbox {
    type Err = UnknownValue;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.parse()? {
            SandboxMode::ReadOnly => Ok(Self::ReadOnly),
            SandboxMode::WorkspaceWrite => Ok(Self::WorkspaceWrite),
            SandboxMode::DangerFullAccess => Ok(Self::FullAccess),
            _ => Err(UnknownValue::new(name, Self::PRESETS)),
        }
    }
}

/// The fields of a thread's parameters that set the sandbox.
pub(crate) type ThreadFields = (SandboxMode, BTreeMap<String, Value>);

impl Sandbox {
    const PRESETS: &'static [&'static str] =
        &["read-only", "workspace-write", "danger-full-access"];

    /// Converts to the form of a thread: a mode, and overrides of the configuration.
    pub(crate) fn for_thread(&self) -> Result<ThreadFields, String> {
        let mode = |mode| Ok((mode, BTreeMap::new()));
        match self {
            Self::ReadOnly => mode(SandboxMode::ReadOnly),
            Self::WorkspaceWrite => mode(SandboxMode::WorkspaceWrite),
            Self::FullAccess | Self::Policy(SandboxPolicy::DangerFullAccess(_)) => {
                mode(SandboxMode::DangerFullAccess)
            }
            Self::Policy(SandboxPolicy::ReadOnly(policy)) => match policy.network_access {
                Some(true) => Err(not_for_threads("a read-only policy with network access")),
                _ => mode(SandboxMode::ReadOnly),
            },
            Self::Policy(SandboxPolicy::WorkspaceWrite(policy)) => {
                Ok((SandboxMode::WorkspaceWrite, configuration(policy)))
            }
            Self::Policy(SandboxPolicy::ExternalSandbox(_)) => {
                Err(not_for_threads("an external sandbox"))
            }
            Self::Policy(_) => Err(not_for_threads("a policy that is unknown to this version")),
        }
    }

    /// Converts to the form of a turn: a policy. `None` if the configuration has to be read first.
    pub(crate) fn for_turn(&self) -> Option<SandboxPolicy> {
        match self {
            Self::ReadOnly => Some(ReadOnlySandboxPolicy::new().into()),
            Self::WorkspaceWrite => None,
            Self::FullAccess => Some(DangerFullAccessSandboxPolicy::new().into()),
            Self::Policy(policy) => Some(policy.clone()),
        }
    }
}

fn not_for_threads(what: &str) -> String {
    format!("{what} is only supported for turns")
}

/// Sets every detail, because omitted ones would be taken from the configuration.
fn configuration(policy: &WorkspaceWriteSandboxPolicy) -> BTreeMap<String, Value> {
    let flag = |value: Option<bool>| json!(value.unwrap_or(false));
    let details = json!({
        "network_access": flag(policy.network_access),
        "writable_roots": policy.writable_roots.clone().unwrap_or_default(),
        "exclude_tmpdir_env_var": flag(policy.exclude_tmpdir_env_var),
        "exclude_slash_tmp": flag(policy.exclude_slash_tmp),
    });
    let mut configuration = BTreeMap::new();
    configuration.insert("sandbox_workspace_write".to_owned(), details);
    configuration
}

/// The configured policy, for a turn that may write in its working directory.
pub(crate) fn configured(details: Option<&SandboxWorkspaceWrite>) -> SandboxPolicy {
    let mut policy = WorkspaceWriteSandboxPolicy::new();
    if let Some(details) = details {
        policy.network_access = details.network_access;
        policy.exclude_slash_tmp = details.exclude_slash_tmp;
        policy.exclude_tmpdir_env_var = details.exclude_tmpdir_env_var;
        // The runtime adds the configured folders itself.
    }
    policy.into()
}

/// Sets the sandbox of a thread, among existing overrides.
pub(crate) fn set_for_thread(
    sandbox: &Sandbox,
    mode: &mut Field<SandboxMode>,
    config: &mut Field<BTreeMap<String, Value>>,
) -> Result<(), String> {
    let (chosen, overrides) = sandbox.for_thread()?;
    *mode = Field::Value(chosen);
    if overrides.is_empty() {
        return Ok(());
    }
    ConfigOverrides::from(overrides).add_to(config)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use codex_types::{
        ExternalSandboxSandboxPolicy, ReadOnlySandboxPolicy, SandboxMode, ThreadStartParams,
        WorkspaceWriteSandboxPolicy,
    };
    use serde_json::{json, to_value};

    use super::{Sandbox, set_for_thread};

    fn policy(policy: impl Into<codex_types::SandboxPolicy>) -> Sandbox {
        Sandbox::Policy(policy.into())
    }

    #[test]
    fn presets_are_read_by_their_names() {
        let presets = [
            Sandbox::ReadOnly,
            Sandbox::WorkspaceWrite,
            Sandbox::FullAccess,
        ];
        for (name, preset) in Sandbox::PRESETS.iter().zip(presets) {
            assert_eq!(name.parse(), Ok(preset));
        }
        let error = "Read-Only".parse::<Sandbox>().unwrap_err();
        assert_eq!(error.known(), Sandbox::PRESETS);
    }

    #[test]
    fn preset_keeps_configured_details() {
        let (mode, config) = Sandbox::WorkspaceWrite.for_thread().unwrap();
        assert_eq!((mode, config.len()), (SandboxMode::WorkspaceWrite, 0));
        assert_eq!(Sandbox::WorkspaceWrite.for_turn(), None);
        let turn = to_value(Sandbox::ReadOnly.for_turn()).unwrap();
        assert_eq!(turn, json!({"type": "readOnly"}));
        let turn = to_value(Sandbox::FullAccess.for_turn()).unwrap();
        assert_eq!(turn, json!({"type": "dangerFullAccess"}));
    }

    #[test]
    fn thread_policy_is_sent_as_configuration() {
        let mut params = ThreadStartParams::new();
        params = params.config([("model_verbosity".to_owned(), json!("low"))]);
        let sandbox = policy(WorkspaceWriteSandboxPolicy::new().network_access(true));
        set_for_thread(&sandbox, &mut params.sandbox, &mut params.config).unwrap();
        let expected = json!({
            "sandbox": "workspace-write",
            "config": {
                "model_verbosity": "low",
                "sandbox_workspace_write": {
                    "network_access": true,
                    "writable_roots": [],
                    "exclude_tmpdir_env_var": false,
                    "exclude_slash_tmp": false,
                },
            },
        });
        assert_eq!(to_value(params).unwrap(), expected);
    }

    #[test]
    fn turn_only_policies_are_rejected_for_threads() {
        let online = policy(ReadOnlySandboxPolicy::new().network_access(true));
        assert!(
            online
                .for_thread()
                .unwrap_err()
                .contains("only supported for turns")
        );
        let external = policy(ExternalSandboxSandboxPolicy::new());
        assert!(external.for_thread().is_err());
        assert!(policy(ReadOnlySandboxPolicy::new()).for_thread().is_ok());
    }
}
