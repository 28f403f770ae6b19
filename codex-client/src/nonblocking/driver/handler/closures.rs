//! A handler made of closures, for those who need no type of their own.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use codex_types::{
    CommandExecutionApprovalDecision, CommandExecutionRequestApprovalParams,
    CommandExecutionRequestApprovalResponse, DynamicToolCallParams, DynamicToolCallResponse,
    FileChangeApprovalDecision, FileChangeRequestApprovalParams, FileChangeRequestApprovalResponse,
    McpServerElicitationRequestParams, McpServerElicitationRequestResponse,
    ToolRequestUserInputParams, ToolRequestUserInputResponse, methods,
};

use super::RequestContext;
use crate::HandlerResult;
use crate::connection::replies::default_result;
use crate::generated::nonblocking::handlers::ServerRequestHandler;

type Boxed<R> = Pin<Box<dyn Future<Output = HandlerResult<R>> + Send>>;
type Closure<P, R> = Box<dyn Fn(P, RequestContext) -> Boxed<R> + Send + Sync>;

/// A handler made of closures. What no closure is given for is declined or refused.
///
/// ```
/// use codex_client::Handlers;
/// use codex_client::types::CommandExecutionApprovalDecision;
///
/// let handlers = Handlers::new().on_command(|params, _| async move {
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

/// Boxes what a closure returns.
fn boxed<P, R, F, Fut>(closure: F) -> Closure<P, R>
where
    F: Fn(P, RequestContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = HandlerResult<R>> + Send + 'static,
{
    Box::new(move |params, context| Box::pin(closure(params, context)))
}

impl Handlers {
    /// Declines or refuses everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decides on commands that the runtime may not run by itself.
    #[must_use]
    pub fn on_command<F, Fut>(mut self, closure: F) -> Self
    where
        F: Fn(CommandExecutionRequestApprovalParams, RequestContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<CommandExecutionApprovalDecision>> + Send + 'static,
    {
        self.command = Some(boxed(move |params, context| {
            let decision = closure(params, context);
            async {
                Ok(CommandExecutionRequestApprovalResponse::new(
                    decision.await?,
                ))
            }
        }));
        self
    }

    /// Decides on changes to files that the runtime may not make by itself.
    #[must_use]
    pub fn on_file_change<F, Fut>(mut self, closure: F) -> Self
    where
        F: Fn(FileChangeRequestApprovalParams, RequestContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<FileChangeApprovalDecision>> + Send + 'static,
    {
        self.file_change = Some(boxed(move |params, context| {
            let decision = closure(params, context);
            async { Ok(FileChangeRequestApprovalResponse::new(decision.await?)) }
        }));
        self
    }

    /// Answers questions that a tool has for the user.
    #[must_use]
    pub fn on_user_input<F, Fut>(mut self, closure: F) -> Self
    where
        F: Fn(ToolRequestUserInputParams, RequestContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<ToolRequestUserInputResponse>> + Send + 'static,
    {
        self.user_input = Some(boxed(closure));
        self
    }

    /// Runs the tools that this client has offered to a thread.
    #[must_use]
    pub fn on_tool_call<F, Fut>(mut self, closure: F) -> Self
    where
        F: Fn(DynamicToolCallParams, RequestContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<DynamicToolCallResponse>> + Send + 'static,
    {
        self.tool_call = Some(boxed(closure));
        self
    }

    /// Answers questions that an MCP server has for the user.
    #[must_use]
    pub fn on_elicitation<F, Fut>(mut self, closure: F) -> Self
    where
        F: Fn(McpServerElicitationRequestParams, RequestContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<McpServerElicitationRequestResponse>> + Send + 'static,
    {
        self.elicitation = Some(boxed(closure));
        self
    }
}

impl ServerRequestHandler for Handlers {
    fn decides_approvals(&self) -> bool {
        self.command.is_some() || self.file_change.is_some()
    }

    async fn item_command_execution_request_approval(
        &self,
        params: CommandExecutionRequestApprovalParams,
        context: RequestContext,
    ) -> HandlerResult<CommandExecutionRequestApprovalResponse> {
        match &self.command {
            Some(closure) => closure(params, context).await,
            None => default_result::<methods::ItemCommandExecutionRequestApproval>(),
        }
    }

    async fn item_file_change_request_approval(
        &self,
        params: FileChangeRequestApprovalParams,
        context: RequestContext,
    ) -> HandlerResult<FileChangeRequestApprovalResponse> {
        match &self.file_change {
            Some(closure) => closure(params, context).await,
            None => default_result::<methods::ItemFileChangeRequestApproval>(),
        }
    }

    async fn item_tool_request_user_input(
        &self,
        params: ToolRequestUserInputParams,
        context: RequestContext,
    ) -> HandlerResult<ToolRequestUserInputResponse> {
        match &self.user_input {
            Some(closure) => closure(params, context).await,
            None => default_result::<methods::ItemToolRequestUserInput>(),
        }
    }

    async fn item_tool_call(
        &self,
        params: DynamicToolCallParams,
        context: RequestContext,
    ) -> HandlerResult<DynamicToolCallResponse> {
        match &self.tool_call {
            Some(closure) => closure(params, context).await,
            None => default_result::<methods::ItemToolCall>(),
        }
    }

    async fn mcp_server_elicitation_request(
        &self,
        params: McpServerElicitationRequestParams,
        context: RequestContext,
    ) -> HandlerResult<McpServerElicitationRequestResponse> {
        match &self.elicitation {
            Some(closure) => closure(params, context).await,
            None => default_result::<methods::McpServerElicitationRequest>(),
        }
    }
}
