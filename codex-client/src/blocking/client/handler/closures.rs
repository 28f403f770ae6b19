//! A handler made of closures, for those who need no type of their own.

use std::fmt;

use codex_types::{
    CommandExecutionApprovalDecision, CommandExecutionRequestApprovalParams,
    CommandExecutionRequestApprovalResponse, DynamicToolCallParams, DynamicToolCallResponse,
    FileChangeApprovalDecision, FileChangeRequestApprovalParams, FileChangeRequestApprovalResponse,
    McpServerElicitationRequestParams, McpServerElicitationRequestResponse,
    ToolRequestUserInputParams, ToolRequestUserInputResponse, methods,
};

use super::RequestContext;
use crate::HandlerResult;
use crate::blocking::ServerRequestHandler;
use crate::connection::replies::default_result;

type Closure<P, R> = Box<dyn Fn(P, &RequestContext) -> HandlerResult<R> + Send + Sync>;

/// A handler made of closures. What no closure is given for is declined or refused.
///
/// ```
/// use codex_client::blocking::Handlers;
/// use codex_client::types::CommandExecutionApprovalDecision;
///
/// let handlers = Handlers::new().on_command(|params, _| {
///     let harmless = params.command.as_deref() == Some("date");
///     Ok(match harmless {
///         true => CommandExecutionApprovalDecision::Accept,
///         false => CommandExecutionApprovalDecision::Decline,
///     })
/// });
/// ```
#[derive(Default)]
pub struct Handlers {
    command: Option<
        Closure<CommandExecutionRequestApprovalParams, CommandExecutionRequestApprovalResponse>,
    >,
    file_change:
        Option<Closure<FileChangeRequestApprovalParams, FileChangeRequestApprovalResponse>>,
    user_input: Option<Closure<ToolRequestUserInputParams, ToolRequestUserInputResponse>>,
    tool_call: Option<Closure<DynamicToolCallParams, DynamicToolCallResponse>>,
    elicitation:
        Option<Closure<McpServerElicitationRequestParams, McpServerElicitationRequestResponse>>,
}

impl fmt::Debug for Handlers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Handlers").finish_non_exhaustive()
    }
}

impl Handlers {
    /// Declines or refuses everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decides on commands that the runtime may not run by itself.
    #[must_use]
    pub fn on_command<F>(mut self, closure: F) -> Self
    where
        F: Fn(
                CommandExecutionRequestApprovalParams,
                &RequestContext,
            ) -> HandlerResult<CommandExecutionApprovalDecision>
            + Send
            + Sync
            + 'static,
    {
        self.command = Some(Box::new(move |params, context| {
            Ok(CommandExecutionRequestApprovalResponse::new(closure(
                params, context,
            )?))
        }));
        self
    }

    /// Decides on changes to files that the runtime may not make by itself.
    #[must_use]
    pub fn on_file_change<F>(mut self, closure: F) -> Self
    where
        F: Fn(
                FileChangeRequestApprovalParams,
                &RequestContext,
            ) -> HandlerResult<FileChangeApprovalDecision>
            + Send
            + Sync
            + 'static,
    {
        self.file_change = Some(Box::new(move |params, context| {
            Ok(FileChangeRequestApprovalResponse::new(closure(
                params, context,
            )?))
        }));
        self
    }

    /// Answers questions that a tool has for the user.
    #[must_use]
    pub fn on_user_input<F>(mut self, closure: F) -> Self
    where
        F: Fn(
                ToolRequestUserInputParams,
                &RequestContext,
            ) -> HandlerResult<ToolRequestUserInputResponse>
            + Send
            + Sync
            + 'static,
    {
        self.user_input = Some(Box::new(closure));
        self
    }

    /// Runs the tools that this client has offered to a thread.
    #[must_use]
    pub fn on_tool_call<F>(mut self, closure: F) -> Self
    where
        F: Fn(DynamicToolCallParams, &RequestContext) -> HandlerResult<DynamicToolCallResponse>
            + Send
            + Sync
            + 'static,
    {
        self.tool_call = Some(Box::new(closure));
        self
    }

    /// Answers questions that an MCP server has for the user.
    #[must_use]
    pub fn on_elicitation<F>(mut self, closure: F) -> Self
    where
        F: Fn(
                McpServerElicitationRequestParams,
                &RequestContext,
            ) -> HandlerResult<McpServerElicitationRequestResponse>
            + Send
            + Sync
            + 'static,
    {
        self.elicitation = Some(Box::new(closure));
        self
    }
}

impl ServerRequestHandler for Handlers {
    fn decides_approvals(&self) -> bool {
        self.command.is_some() || self.file_change.is_some()
    }

    fn item_command_execution_request_approval(
        &self,
        params: CommandExecutionRequestApprovalParams,
        context: &RequestContext,
    ) -> HandlerResult<CommandExecutionRequestApprovalResponse> {
        match &self.command {
            Some(closure) => closure(params, context),
            None => default_result::<methods::ItemCommandExecutionRequestApproval>(),
        }
    }

    fn item_file_change_request_approval(
        &self,
        params: FileChangeRequestApprovalParams,
        context: &RequestContext,
    ) -> HandlerResult<FileChangeRequestApprovalResponse> {
        match &self.file_change {
            Some(closure) => closure(params, context),
            None => default_result::<methods::ItemFileChangeRequestApproval>(),
        }
    }

    fn item_tool_request_user_input(
        &self,
        params: ToolRequestUserInputParams,
        context: &RequestContext,
    ) -> HandlerResult<ToolRequestUserInputResponse> {
        match &self.user_input {
            Some(closure) => closure(params, context),
            None => default_result::<methods::ItemToolRequestUserInput>(),
        }
    }

    fn item_tool_call(
        &self,
        params: DynamicToolCallParams,
        context: &RequestContext,
    ) -> HandlerResult<DynamicToolCallResponse> {
        match &self.tool_call {
            Some(closure) => closure(params, context),
            None => default_result::<methods::ItemToolCall>(),
        }
    }

    fn mcp_server_elicitation_request(
        &self,
        params: McpServerElicitationRequestParams,
        context: &RequestContext,
    ) -> HandlerResult<McpServerElicitationRequestResponse> {
        match &self.elicitation {
            Some(closure) => closure(params, context),
            None => default_result::<methods::McpServerElicitationRequest>(),
        }
    }
}
