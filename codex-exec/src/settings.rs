//! Choices that have names: what a run may do, and who is asked.

/// What the agent's commands may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sandbox {
    /// They read, and write nothing.
    ReadOnly,
    /// They write in the working folder, in additional folders and in temporary ones.
    WorkspaceWrite,
    /// They do as they please.
    DangerFullAccess,
}

impl Sandbox {
    /// The value of the configuration key `sandbox_mode`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::WorkspaceWrite => "workspace-write",
            Self::DangerFullAccess => "danger-full-access",
        }
    }
}

/// When the agent would ask before it runs a command. `codex exec` has nobody to ask: what would
/// need an approval fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApprovalPolicy {
    /// Never; what the sandbox forbids fails.
    Never,
    /// When the model asks for it.
    OnRequest,
    /// When a command has failed in the sandbox.
    OnFailure,
    /// Before every command that is not known to be harmless.
    Untrusted,
}

impl ApprovalPolicy {
    /// The value of the configuration key `approval_policy`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::OnRequest => "on-request",
            Self::OnFailure => "on-failure",
            Self::Untrusted => "untrusted",
        }
    }
}

/// Where searches on the web go. `true` stands for [`Live`](Self::Live), `false` for
/// [`Disabled`](Self::Disabled).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebSearch {
    /// The tool is not offered.
    Disabled,
    /// To an index of pages.
    Cached,
    /// To the web.
    Live,
}

impl WebSearch {
    /// The value of the configuration key `web_search`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Cached => "cached",
            Self::Live => "live",
        }
    }
}

impl From<bool> for WebSearch {
    fn from(enabled: bool) -> Self {
        if enabled { Self::Live } else { Self::Disabled }
    }
}
