//! A decision about an approval, and its form in the protocol.

use std::fmt;
use std::str::FromStr;

use codex_types::{
    AcceptWithExecpolicyAmendmentCommandExecutionApprovalDecision as AmendedCommand,
    ApplyNetworkPolicyAmendmentCommandExecutionApprovalDecision as AmendedNetwork,
    ApplyPatchApprovalResponse, CommandExecutionApprovalDecision as CommandDecision,
    CommandExecutionRequestApprovalParams, CommandExecutionRequestApprovalResponse,
    DeniedReviewDecision, ExecCommandApprovalResponse, FileChangeApprovalDecision as FileDecision,
    FileChangeRequestApprovalResponse, FormMcpServerElicitationRequestParams,
    GrantedPermissionProfile, McpServerElicitationAction as Action,
    McpServerElicitationRequestResponse, NetworkPolicyRuleAction, PermissionGrantScope,
    PermissionsRequestApprovalParams, PermissionsRequestApprovalResponse, ReviewDecision,
    ServerRequest, UnknownValue,
};

use serde_json::json;

use super::request::offers;
use crate::connection::mcp_tool_call;
use crate::connection::replies::{encode, unhandled};
use crate::engine::Response;

/// A decision about an approval, whatever it is about.
///
/// Not every request of the protocol has a form for each decision. A request without one gets the
/// next narrower decision: [`Decision::AcceptAlways`] becomes [`Decision::AcceptForSession`], that
/// one [`Decision::Accept`], and [`Decision::Cancel`] becomes [`Decision::Decline`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decision {
    /// The action is carried out. Permissions are granted for the rest of the turn.
    #[doc(alias("approve", "yes", "allow"))]
    Accept,
    /// The action is carried out, and equal ones need no approval while the thread is loaded. A
    /// request for changes of files means the same files.
    AcceptForSession,
    /// The action is carried out, and similar ones need no approval in later sessions either. The
    /// runtime writes its proposed rule for the command, the host or the tool into its configuration.
    #[doc(alias = "always")]
    AcceptAlways,
    /// The action is skipped, the model is informed, and the turn continues.
    #[doc(alias("deny", "reject", "no"))]
    Decline,
    /// The action is skipped, and the turn is interrupted. Permissions are declined; a call of an MCP
    /// tool is cancelled, and the turn continues.
    #[doc(alias = "abort")]
    Cancel,
}

impl Decision {
    const ALL: [Self; 5] = [
        Self::Accept,
        Self::AcceptForSession,
        Self::AcceptAlways,
        Self::Decline,
        Self::Cancel,
    ];

    const KNOWN: &'static [&'static str] = &[
        Self::ALL[0].as_str(),
        Self::ALL[1].as_str(),
        Self::ALL[2].as_str(),
        Self::ALL[3].as_str(),
        Self::ALL[4].as_str(),
    ];

    /// The name for command lines, configuration files and logs, such as `accept-for-session`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::AcceptForSession => "accept-for-session",
            Self::AcceptAlways => "accept-always",
            Self::Decline => "decline",
            Self::Cancel => "cancel",
        }
    }

    /// Returns whether the action is carried out.
    pub fn is_accepting(self) -> bool {
        matches!(
            self,
            Self::Accept | Self::AcceptForSession | Self::AcceptAlways
        )
    }

    /// The response to a request; an error response to one that is no approval.
    pub(crate) fn response_to(self, request: &ServerRequest) -> Response {
        match request {
            ServerRequest::ItemCommandExecutionRequestApproval(params) => {
                let decision = self.about_command(params);
                encode(Ok(CommandExecutionRequestApprovalResponse::new(decision)))
            }
            ServerRequest::ItemFileChangeRequestApproval(_) => encode(Ok(
                FileChangeRequestApprovalResponse::new(self.about_files()),
            )),
            ServerRequest::ItemPermissionsRequestApproval(params) => {
                encode(Ok(self.about_permissions(params)))
            }
            ServerRequest::ExecCommandApproval(_) => {
                encode(Ok(ExecCommandApprovalResponse::new(self.legacy())))
            }
            ServerRequest::ApplyPatchApproval(_) => {
                encode(Ok(ApplyPatchApprovalResponse::new(self.legacy())))
            }
            request => match mcp_tool_call(request) {
                Some(form) => encode(Ok(self.about_call(form))),
                None => Err(unhandled(request.method())),
            },
        }
    }

    fn about_call(
        self,
        form: &FormMcpServerElicitationRequestParams,
    ) -> McpServerElicitationRequestResponse {
        let action = match self {
            Self::Accept | Self::AcceptForSession | Self::AcceptAlways => Action::Accept,
            Self::Decline => Action::Decline,
            Self::Cancel => Action::Cancel,
        };
        let mut response = McpServerElicitationRequestResponse::new(action);
        if !self.is_accepting() {
            return response;
        }
        // The form has no fields.
        response.content = Some(json!({}));
        let offers = |lifetime| {
            form.meta
                .as_ref()
                .is_some_and(|meta| offers(meta, lifetime))
        };
        let lifetime = match self {
            Self::AcceptAlways if offers("always") => Some("always"),
            Self::AcceptAlways | Self::AcceptForSession if offers("session") => Some("session"),
            _ => None,
        };
        response.meta = lifetime.map(|lifetime| json!({ "persist": lifetime }));
        response
    }

    fn about_command(self, params: &CommandExecutionRequestApprovalParams) -> CommandDecision {
        match self {
            Self::Accept => CommandDecision::Accept,
            Self::AcceptForSession => CommandDecision::AcceptForSession,
            Self::AcceptAlways => amended(params).unwrap_or(CommandDecision::AcceptForSession),
            Self::Decline => CommandDecision::Decline,
            Self::Cancel => CommandDecision::Cancel,
        }
    }

    fn about_files(self) -> FileDecision {
        match self {
            Self::Accept => FileDecision::Accept,
            Self::AcceptForSession | Self::AcceptAlways => FileDecision::AcceptForSession,
            Self::Decline => FileDecision::Decline,
            Self::Cancel => FileDecision::Cancel,
        }
    }

    fn about_permissions(
        self,
        params: &PermissionsRequestApprovalParams,
    ) -> PermissionsRequestApprovalResponse {
        let mut granted = GrantedPermissionProfile::new();
        if !self.is_accepting() {
            return PermissionsRequestApprovalResponse::new(granted);
        }
        granted.network = params.permissions.network.clone().into();
        granted.file_system = params.permissions.file_system.clone().into();
        let scope = match self {
            Self::Accept => PermissionGrantScope::Turn,
            _ => PermissionGrantScope::Session,
        };
        PermissionsRequestApprovalResponse::new(granted).scope(scope)
    }

    fn legacy(self) -> ReviewDecision {
        match self {
            Self::Accept => ReviewDecision::Approved,
            Self::AcceptForSession | Self::AcceptAlways => ReviewDecision::ApprovedForSession,
            Self::Decline => DeniedReviewDecision::new("declined by the user").into(),
            Self::Cancel => ReviewDecision::Abort,
        }
    }
}

/// The decision that applies the rule that the runtime proposes, if it proposes one.
fn amended(params: &CommandExecutionRequestApprovalParams) -> Option<CommandDecision> {
    if params.network_approval_context.is_some() {
        let proposed = params.proposed_network_policy_amendments.as_ref()?;
        let mut proposed = proposed.iter();
        let allowing = proposed.find(|it| it.action == NetworkPolicyRuleAction::Allow)?;
        return Some(AmendedNetwork::new(allowing.clone()).into());
    }
    let words = params.proposed_execpolicy_amendment.as_ref()?;
    Some(AmendedCommand::new(words.clone()).into())
}

impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// Reads the name for command lines.
impl FromStr for Decision {
    type Err = UnknownValue;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let decision = Self::ALL.into_iter().find(|it| it.as_str() == name);
        decision.ok_or_else(|| UnknownValue::new(name, Self::KNOWN))
    }
}
