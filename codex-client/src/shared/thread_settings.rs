//! What a thread runs with, and the parameters of its turns; shared by both APIs.

use codex_types::{
    AbsolutePathBuf, ApprovalsReviewer, AskForApproval, ConfigReadParams, ConfigReadResponse,
    Field, ReasoningEffort, SandboxPolicy, ThreadForkResponse, ThreadId, ThreadResumeResponse,
    ThreadStartParams, ThreadStartResponse, TurnStartParams,
};

use crate::error::Error;
use crate::shared::approval::ApprovalMode;
use crate::shared::input::RunInput;
use crate::shared::sandbox;

/// What a thread was started, resumed or forked with, as the runtime has worked it out. Turns
/// may have changed it since.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ThreadSettings {
    /// When something needs an approval.
    pub approval_policy: AskForApproval,
    /// Who decides about approvals.
    pub approvals_reviewer: ApprovalsReviewer,
    /// The folder it works in.
    pub cwd: AbsolutePathBuf,
    /// The model.
    pub model: String,
    /// Who serves the model.
    pub model_provider: String,
    /// How much the model thinks.
    pub reasoning_effort: Option<ReasoningEffort>,
    /// What its commands may touch.
    pub sandbox: SandboxPolicy,
    /// How fast and at what price the model is served.
    pub service_tier: Option<String>,
    /// The thread itself: its name, its times, its turns where they were asked for.
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

/// Sets the approval mode of a new thread where neither the builder nor the parameters did: the
/// client is asked if its handler decides about approvals, else the runtime's reviewer.
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

/// The parameters of a turn, and what is wrong with its input.
pub(crate) fn turn_params(thread: &ThreadId, input: RunInput) -> (TurnStartParams, Option<Error>) {
    let error = input.check().err();
    let (parts, tool_output) = input.into_fields();
    let mut params = TurnStartParams::new(thread, parts);
    if let Some(tool_output) = tool_output {
        params = params.tool_output(tool_output);
    }
    (params, error)
}

/// Where the details of a turn's sandbox come from when it may write in its working folder.
pub(crate) enum Details {
    /// The thread runs in such a sandbox.
    Known(SandboxPolicy),
    /// The configuration has to be read.
    Read(ConfigReadParams),
}

/// Looks for the details in what is known of the thread.
pub(crate) fn details(settings: Option<&ThreadSettings>, cwd: &Field<String>) -> Details {
    let known = settings.map(|settings| settings.sandbox.clone());
    if let Some(policy @ SandboxPolicy::WorkspaceWrite(_)) = known {
        // Further folders are added by the runtime, and may be others now.
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

/// The details as they are configured.
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
    fn a_turn_says_only_what_was_said() {
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
    fn the_configuration_is_asked_for_the_folder_of_the_turn() {
        let Details::Read(params) = details(None, &Field::Value("/there".to_owned())) else {
            panic!("nothing is known");
        };
        assert_eq!(to_value(params).unwrap(), json!({"cwd": "/there"}));
    }
}
