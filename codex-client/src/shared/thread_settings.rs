//! The settings of a thread, and the parameters of its turns; shared by both APIs.

use codex_types::{
    AbsolutePathBuf, ApprovalsReviewer, AskForApproval, ConfigReadParams, ConfigReadResponse,
    Field, ReasoningEffort, SandboxPolicy, ThreadForkResponse, ThreadId, ThreadResumeResponse,
    ThreadStartParams, ThreadStartResponse, TurnStartParams,
};

use crate::error::Error;
use crate::shared::approval::ApprovalMode;
use crate::shared::input::RunInput;
use crate::shared::sandbox;

/// The settings that a thread was started, resumed or forked with, as resolved by the runtime.
/// Turns may have changed them since.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ThreadSettings {
    /// The approval policy.
    pub approval_policy: AskForApproval,
    /// The reviewer of approvals.
    pub approvals_reviewer: ApprovalsReviewer,
    /// The working directory.
    pub cwd: AbsolutePathBuf,
    /// The model.
    pub model: String,
    /// The provider of the model.
    pub model_provider: String,
    /// The reasoning effort.
    pub reasoning_effort: Option<ReasoningEffort>,
    /// The sandbox of its commands.
    pub sandbox: SandboxPolicy,
    /// The service tier, which determines speed and price.
    pub service_tier: Option<String>,
    /// The thread itself: its name, its times, its turns if they were requested.
    pub thread: codex_types::Thread,
}

impl From<ThreadStartResponse> for ThreadSettings {
    fn from(response: ThreadStartResponse) -> Self {
        Self {
            approval_policy: response.approval_policy,
            approvals_reviewer: response.approvals_reviewer,
            cwd: response.cwd,
            model: response.model,
            model_provider: response.model_provider,
            reasoning_effort: response.reasoning_effort,
            sandbox: response.sandbox,
            service_tier: response.service_tier,
            thread: response.thread,
        }
    }
}

impl From<ThreadResumeResponse> for ThreadSettings {
    fn from(response: ThreadResumeResponse) -> Self {
        Self {
            approval_policy: response.approval_policy,
            approvals_reviewer: response.approvals_reviewer,
            cwd: response.cwd,
            model: response.model,
            model_provider: response.model_provider,
            reasoning_effort: response.reasoning_effort,
            sandbox: response.sandbox,
            service_tier: response.service_tier,
            thread: response.thread,
        }
    }
}

impl From<ThreadForkResponse> for ThreadSettings {
    fn from(response: ThreadForkResponse) -> Self {
        Self {
            approval_policy: response.approval_policy,
            approvals_reviewer: response.approvals_reviewer,
            cwd: response.cwd,
            model: response.model,
            model_provider: response.model_provider,
            reasoning_effort: response.reasoning_effort,
            sandbox: response.sandbox,
            service_tier: response.service_tier,
            thread: response.thread,
        }
    }
}

/// Sets the default approval mode of a new thread: the client's handler if it decides about
/// approvals, otherwise the runtime's reviewer.
pub(crate) fn default_approvals(params: &mut ThreadStartParams, asks_client: bool) {
    if params.approval_policy.is_absent() && params.approvals_reviewer.is_absent() {
        let mode = if asks_client {
            ApprovalMode::AskClient
        } else {
            ApprovalMode::AutoReview
        };
        (params.approval_policy, params.approvals_reviewer) = mode.fields();
    }
}

/// Sets the approval mode of a turn whose approvals are in its stream: who asks for them is asked,
/// unless the turn has a mode of its own.
pub(crate) fn ask_client(params: &mut TurnStartParams) {
    if params.approval_policy.is_absent() && params.approvals_reviewer.is_absent() {
        (params.approval_policy, params.approvals_reviewer) = ApprovalMode::AskClient.fields();
    }
}

/// The parameters of a turn, and the problem of its input.
pub(crate) fn turn_params(thread: &ThreadId, input: RunInput) -> (TurnStartParams, Option<Error>) {
    let error = input.check().err();
    let (parts, tool_output) = input.into_fields();
    let mut params = TurnStartParams::new(thread, parts);
    if let Some(tool_output) = tool_output {
        params = params.tool_output(tool_output);
    }
    (params, error)
}

/// The source of the sandbox details of a turn that may write in its working directory.
pub(crate) enum Details {
    /// The thread runs in such a sandbox.
    Known(SandboxPolicy),
    /// The configuration has to be read.
    Read(ConfigReadParams),
}

/// Finds the details in the known settings of the thread.
pub(crate) fn details(settings: Option<&ThreadSettings>, cwd: &Field<String>) -> Details {
    let known = settings.map(|settings| settings.sandbox.clone());
    if let Some(policy @ SandboxPolicy::WorkspaceWrite(_)) = known {
        // The runtime adds further folders, which may have changed.
        let without_roots = match policy {
            SandboxPolicy::WorkspaceWrite(mut details) => {
                details.writable_roots = None;
                details.into()
            }
            policy => policy,
        };
        return Details::Known(without_roots);
    }
    let mut params = ConfigReadParams::new();
    let folder = cwd.as_option().map(String::as_str);
    let folder = folder.or(settings.map(|settings| settings.cwd.as_str()));
    if let Some(folder) = folder {
        params = params.cwd(folder);
    }
    Details::Read(params)
}

/// The configured details.
pub(crate) fn configured(answer: &ConfigReadResponse) -> SandboxPolicy {
    sandbox::configured(answer.config.sandbox_workspace_write.as_ref())
}

#[cfg(test)]
mod tests {
    use codex_types::{Field, ThreadId};
    use serde_json::{json, to_value};

    use super::{Details, details, turn_params};
    use crate::shared::input::{ExternalMessage, RunInput};

    #[test]
    fn turn_sends_only_set_options() {
        let (params, error) = turn_params(&ThreadId::new("t"), RunInput::from("hi"));
        assert!(error.is_none());
        let expected = json!({"threadId": "t", "input": [{"type": "text", "text": "hi"}]});
        assert_eq!(to_value(params).unwrap(), expected);

        let message = ExternalMessage::new("inbox", "hi");
        let (params, _) = turn_params(&ThreadId::new("t"), message.into());
        let expected = json!({
            "threadId": "t", "input": [], "toolOutput": {"name": "inbox", "output": "hi"},
        });
        assert_eq!(to_value(params).unwrap(), expected);
    }

    #[test]
    fn configuration_is_read_for_the_folder_of_the_turn() {
        let Details::Read(params) = details(None, &Field::Value("/there".to_owned())) else {
            panic!("nothing is known");
        };
        assert_eq!(to_value(params).unwrap(), json!({"cwd": "/there"}));
    }
}
