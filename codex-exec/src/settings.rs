//! Enumerated options of a run: sandbox, approval policy and web search.

/// The sandbox of the agent's commands.
#[doc(alias = "permission")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sandbox {
    /// Commands can read, and cannot write.
    ReadOnly,
    /// Commands can write in the working directory, in additional and in temporary directories.
    WorkspaceWrite,
    /// Commands are unrestricted.
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

/// The approval policy of commands. `codex exec` has no reviewer: a command that would need an
/// approval fails.
#[doc(alias("approve", "permission"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApprovalPolicy {
    /// Never; commands that the sandbox forbids fail.
    Never,
    /// At the request of the model.
    OnRequest,
    /// After a command has failed in the sandbox.
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

/// The mode of web searches. `true` converts to [`Live`](Self::Live), `false` to
/// [`Disabled`](Self::Disabled).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebSearch {
    /// The tool is unavailable.
    Disabled,
    /// Searches an index of pages.
    Cached,
    /// Searches the web.
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
