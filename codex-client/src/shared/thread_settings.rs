//! The defaults of a thread, and the parameters of its turns; shared by both APIs. The settings
//! themselves are generated.

use codex_types::{
    ConfigReadParams, Field, SandboxPolicy, SandboxWorkspaceWrite, ThreadId, ThreadStartParams,
    TurnStartParams,
};

use crate::error::Error;
pub use crate::generated::thread_settings::ThreadSettings;
use crate::json;
use crate::shared::approval::ApprovalMode;
use crate::shared::input::RunInput;
use crate::shared::sandbox;

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

/// Sets the approval mode of a turn whose approvals are in its stream, or that has a policy: who asks
/// for them is asked, unless the turn has a mode of its own.
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

/// Reads the configured details in the response to `config/read`. Not the whole response, of whose
/// hundred types no other is needed.
pub(crate) fn configured(response: &str) -> serde_json::Result<SandboxPolicy> {
    let path = ["config", "sandbox_workspace_write"];
    let details: Option<Option<SandboxWorkspaceWrite>> = json::member(response, &path)?;
    Ok(sandbox::configured(details.flatten().as_ref()))
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
