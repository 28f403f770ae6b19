//! A request for an approval: one form for the forms of the protocol.
//!
//! Plain data, independent of who decides.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use codex_types::{
    AddPatchChangeKind, AdditionalPermissionProfile, CommandAction, CommandExecutionApprovalKind,
    CommandExecutionRequestApprovalParams, DeletePatchChangeKind, FileChange, FileUpdateChange,
    FormMcpServerElicitationRequestParams, LegacyAppPathString, NetworkApprovalContext,
    PatchChangeKind, RequestPermissionProfile, ServerRequest, ThreadItem, UpdatePatchChangeKind,
};

use serde_json::Value;

use super::Decision;
use crate::connection::replies::{HandlerError, HandlerResult};
use crate::connection::{ReceivedRequest, mcp_tool_call, turn_id};
use crate::engine::Response;

/// A request for an approval, with the item it is about. Cheap to clone.
///
/// [`ApprovalRequest::subject`] is the action that needs the approval, in one form for the requests
/// of the protocol; [`ApprovalRequest::request`] is the request itself.
#[derive(Clone)]
pub struct ApprovalRequest(Arc<ReceivedRequest>);

/// The action that needs an approval.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ApprovalSubject<'a> {
    /// A command, to be run outside of the sandbox.
    Command(CommandSubject<'a>),
    /// A connection of a command to a host.
    Network(NetworkSubject<'a>),
    /// Changes of files.
    FileChange(FileChangeSubject<'a>),
    /// Further permissions for the rest of the turn, or of the session.
    Permissions(&'a RequestPermissionProfile),
    /// A call of a tool of an MCP server that is not declared read-only.
    McpTool(McpToolSubject<'a>),
}

/// A command that needs an approval.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CommandSubject<'a> {
    /// The kind of action: a new command, or input for a running one. `None` with older runtimes,
    /// which mean a new command.
    pub kind: Option<&'a CommandExecutionApprovalKind>,
    /// The command line, quoted for a shell; [`CommandSubject::argv`] splits it. Usually a shell with
    /// a script: `/bin/bash -lc 'git status'`.
    pub line: Cow<'a, str>,
    /// The actions that the runtime recognizes in the command, for display only: a compound command
    /// may be one action.
    pub actions: &'a [CommandAction],
    /// Permissions that the command requests in addition.
    pub permissions: Option<&'a AdditionalPermissionProfile>,
}

/// A connection that needs an approval.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NetworkSubject<'a> {
    /// The host and the protocol.
    pub target: &'a NetworkApprovalContext,
    /// The command that connects, if it is known.
    pub line: Option<&'a str>,
}

/// Changes of files that need an approval.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FileChangeSubject<'a> {
    /// The changes, each with its path, its kind and its diff. `None` if the item of the request is
    /// unknown: approving such a request is approving anything.
    pub changes: Option<Cow<'a, [FileUpdateChange]>>,
    /// A folder that may be written to from then on, if the request asks for one.
    pub grant_root: Option<&'a str>,
}

/// A call of an MCP tool that needs an approval.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct McpToolSubject<'a> {
    /// The server, by its name in the configuration.
    pub server: &'a str,
    /// The tool.
    pub tool: &'a str,
    /// Its title, if it has one.
    pub title: Option<&'a str>,
    /// Its description by the server, which may be anyone's.
    pub description: Option<&'a str>,
    /// The arguments, if there are any.
    pub arguments: Option<&'a Value>,
    /// The question of the runtime to the user.
    pub message: &'a str,
    /// True if [`Decision::AcceptForSession`](super::Decision::AcceptForSession) is offered.
    pub for_session: bool,
    /// True if [`Decision::AcceptAlways`](super::Decision::AcceptAlways) is offered.
    pub always: bool,
}

impl CommandSubject<'_> {
    /// Splits the command line into its words, the program first. `None` if it is no line of a POSIX
    /// shell, such as one with a missing quote.
    pub fn argv(&self) -> Option<Vec<String>> {
        shlex::split(&self.line).filter(|words| !words.is_empty())
    }
}

impl ApprovalRequest {
    /// Creates a request for an approval from a request of the server; `None` for any other request.
    /// Without the item, changes of files are unknown.
    pub fn new(request: ServerRequest) -> Option<Self> {
        Self::received(Arc::new(request.into()))
    }

    pub(crate) fn received(received: Arc<ReceivedRequest>) -> Option<Self> {
        let request = Self(received);
        request.find_subject().is_some().then_some(request)
    }

    /// The response to the decision of a handler.
    pub(crate) fn response_by_handler(&self, decided: HandlerResult<Decision>) -> Response {
        let decision = decided.map_err(HandlerError::into_object)?;
        decision.response_to(self.request())
    }

    pub(crate) fn received_as(&self) -> &ReceivedRequest {
        &self.0
    }

    /// The message of the server.
    pub(crate) fn text(&self) -> &str {
        &self.0.text.0
    }

    /// Returns the request of the server.
    pub fn request(&self) -> &ServerRequest {
        &self.0.request
    }

    /// Returns the item that it is about, as it was when it started. `None` if the runtime has sent
    /// none.
    pub fn item(&self) -> Option<&ThreadItem> {
        self.0.item.as_ref()?.item()
    }

    /// Returns its thread.
    pub fn thread_id(&self) -> Option<&str> {
        match self.request() {
            ServerRequest::ExecCommandApproval(legacy) => Some(legacy.conversation_id.as_str()),
            ServerRequest::ApplyPatchApproval(legacy) => Some(legacy.conversation_id.as_str()),
            request => request.thread_id(),
        }
    }

    /// Returns the turn that waits for it.
    pub fn turn_id(&self) -> Option<&str> {
        turn_id(self.request())
    }

    /// Returns the id of its item, which is unique only within its turn.
    pub fn item_id(&self) -> Option<&str> {
        match self.request() {
            ServerRequest::ExecCommandApproval(legacy) => Some(&legacy.call_id),
            ServerRequest::ApplyPatchApproval(legacy) => Some(&legacy.call_id),
            request => request.item_id().or_else(|| self.id_of_call()),
        }
    }

    /// The id of a call of an MCP tool, whose request does not name it.
    fn id_of_call(&self) -> Option<&str> {
        match self.item()? {
            ThreadItem::McpToolCall(call) => Some(call.id.as_str()),
            _ => None,
        }
    }

    /// Returns the reason that the model gives.
    pub fn reason(&self) -> Option<&str> {
        match self.request() {
            ServerRequest::ItemCommandExecutionRequestApproval(it) => it.reason.as_deref(),
            ServerRequest::ItemFileChangeRequestApproval(it) => it.reason.as_deref(),
            ServerRequest::ItemPermissionsRequestApproval(it) => it.reason.as_deref(),
            ServerRequest::ExecCommandApproval(it) => it.reason.as_deref(),
            ServerRequest::ApplyPatchApproval(it) => it.reason.as_deref(),
            _ => None,
        }
    }

    /// Returns the working directory of the action.
    pub fn cwd(&self) -> Option<&str> {
        match self.request() {
            ServerRequest::ItemCommandExecutionRequestApproval(it) => {
                it.cwd.as_ref().map(LegacyAppPathString::as_str)
            }
            ServerRequest::ItemPermissionsRequestApproval(it) => Some(it.cwd.as_str()),
            ServerRequest::ExecCommandApproval(it) => Some(&it.cwd),
            _ => None,
        }
    }

    /// Returns the action that needs the approval.
    pub fn subject(&self) -> ApprovalSubject<'_> {
        // Checked when it was created.
        self.find_subject()
            .unwrap_or(ApprovalSubject::FileChange(FileChangeSubject {
                changes: None,
                grant_root: None,
            }))
    }

    fn find_subject(&self) -> Option<ApprovalSubject<'_>> {
        Some(match self.request() {
            ServerRequest::ItemCommandExecutionRequestApproval(command) => of_command(command),
            ServerRequest::ItemFileChangeRequestApproval(change) => {
                let changes = self.0.item.as_ref().and_then(|item| item.changes());
                ApprovalSubject::FileChange(FileChangeSubject {
                    changes: changes.map(Cow::Borrowed),
                    grant_root: change.grant_root.as_deref(),
                })
            }
            ServerRequest::ItemPermissionsRequestApproval(request) => {
                ApprovalSubject::Permissions(&request.permissions)
            }
            ServerRequest::ExecCommandApproval(legacy) => {
                let words = legacy.command.iter().map(String::as_str);
                ApprovalSubject::Command(CommandSubject {
                    kind: None,
                    line: Cow::Owned(shlex::try_join(words).unwrap_or_default()),
                    actions: &[],
                    permissions: None,
                })
            }
            ServerRequest::ApplyPatchApproval(legacy) => {
                let changes = legacy.file_changes.iter();
                let changes = changes.map(|(path, change)| of_legacy(path, change));
                ApprovalSubject::FileChange(FileChangeSubject {
                    changes: changes.collect::<Option<_>>().map(Cow::Owned),
                    grant_root: legacy.grant_root.as_deref(),
                })
            }
            request => ApprovalSubject::McpTool(of_call(mcp_tool_call(request)?)?),
        })
    }
}

fn of_call(form: &FormMcpServerElicitationRequestParams) -> Option<McpToolSubject<'_>> {
    let meta = form.meta.as_ref()?;
    let text = |name: &str| meta.get(name).and_then(Value::as_str);
    Some(McpToolSubject {
        server: &form.server_name,
        tool: text("tool_name")?,
        title: text("tool_title"),
        description: text("tool_description"),
        arguments: meta.get("tool_params"),
        message: &form.message,
        for_session: offers(meta, "session"),
        always: offers(meta, "always"),
    })
}

/// Returns whether the metadata of a call offers this lifetime, alone or in a list.
pub(super) fn offers(meta: &Value, lifetime: &str) -> bool {
    match meta.get("persist") {
        Some(Value::Array(offered)) => offered.iter().any(|it| it == lifetime),
        Some(offered) => offered == lifetime,
        None => false,
    }
}

fn of_command(command: &CommandExecutionRequestApprovalParams) -> ApprovalSubject<'_> {
    if let Some(target) = &command.network_approval_context {
        return ApprovalSubject::Network(NetworkSubject {
            target,
            line: command.command.as_deref(),
        });
    }
    ApprovalSubject::Command(CommandSubject {
        kind: command.kind.as_ref(),
        line: Cow::Borrowed(command.command.as_deref().unwrap_or_default()),
        actions: command.command_actions.as_deref().unwrap_or_default(),
        permissions: command.additional_permissions.as_ref(),
    })
}

/// A change of the legacy form; `None` for one that is unknown to this version.
fn of_legacy(path: &str, change: &FileChange) -> Option<FileUpdateChange> {
    let (kind, diff): (PatchChangeKind, _) = match change {
        FileChange::Add(add) => (AddPatchChangeKind::new().into(), &add.content),
        FileChange::Delete(delete) => (DeletePatchChangeKind::new().into(), &delete.content),
        FileChange::Update(update) => {
            let mut kind = UpdatePatchChangeKind::new();
            kind.move_path.clone_from(&update.move_path);
            (kind.into(), &update.unified_diff)
        }
        _ => return None,
    };
    Some(FileUpdateChange::new(path, kind, diff))
}

/// Prints the method and ids only; a command may contain secrets.
impl fmt::Debug for ApprovalRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApprovalRequest")
            .field("method", &self.request().method())
            .field("thread_id", &self.thread_id())
            .field("turn_id", &self.turn_id())
            .field("item_id", &self.item_id())
            .finish_non_exhaustive()
    }
}
