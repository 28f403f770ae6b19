//! Both APIs behind one trait, so that one test covers both.

use std::process::ExitStatus;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use codex_client::transport::memory::MemoryTransport;
use codex_client::types::rpc::ErrorObject;
use codex_client::types::{
    CollaborationModeListParams, CommandExecutionApprovalDecision,
    CommandExecutionRequestApprovalParams, CommandExecutionRequestApprovalResponse,
    TurnStartParams, methods,
};
use codex_client::{
    AnyHandler, CallOptions, Client, ClientBuilder, Closed, Error, Event, HandlerResult, Launch,
    Retry, ServerInfo, ServerRequestHandler, ShutdownGrace, blocking,
};
use serde_json::Value;
use tokio::runtime::Runtime;

/// Time limit that only a hang exceeds.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(8).enable_all().build().unwrap()
});

/// Waits for a future from a thread of a test.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let limited = async { tokio::time::timeout(LIMIT, future).await };
    RUNTIME.block_on(limited).expect("nothing hangs")
}

/// The setup of a client.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) max_in_flight: usize,
    pub(crate) event_budget: usize,
    pub(crate) handler: Behavior,
    pub(crate) wrapping: Wrapping,
    pub(crate) handler_limit: Option<Duration>,
    pub(crate) experimental_api: bool,
    pub(crate) deadline: Duration,
    pub(crate) retry: Retry,
    pub(crate) grace: ShutdownGrace,
    pub(crate) opt_out_notifications: Vec<String>,
    pub(crate) version_policy: codex_runtime::VersionPolicy,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            max_in_flight: 64,
            event_budget: 16 << 20,
            handler: Behavior::None,
            wrapping: Wrapping::None,
            handler_limit: None,
            experimental_api: false,
            deadline: LIMIT,
            retry: Retry::never(),
            grace: ShutdownGrace::default(),
            opt_out_notifications: vec![],
            version_policy: codex_runtime::VersionPolicy::Warn,
        }
    }
}

impl Setup {
    fn call_options(&self) -> CallOptions {
        let mut options = CallOptions::default();
        options.deadline = Some(self.deadline);
        options.retry = self.retry;
        options
    }
}

/// The handling of command approvals.
#[derive(Clone)]
pub(crate) enum Behavior {
    /// There is no handler.
    None,
    Accept,
    /// Accepts after a signal, and reports the request.
    Decide(Arc<dyn Fn(&CommandExecutionRequestApprovalParams) -> bool + Send + Sync>),
    Fail,
    Panic,
    /// Never answers.
    Hang,
    /// Sends a request to the server first.
    AskBack,
}

/// The type that a handler is in.
#[derive(Clone, Copy)]
pub(crate) enum Wrapping {
    None,
    Arc,
    Box,
    Some,
    /// The handler itself is left out.
    Nothing,
    /// Its type is erased.
    Any,
}

fn decision(accept: bool) -> CommandExecutionRequestApprovalResponse {
    CommandExecutionRequestApprovalResponse::new(if accept {
        CommandExecutionApprovalDecision::Accept
    } else {
        CommandExecutionApprovalDecision::Decline
    })
}

impl ServerRequestHandler for Behavior {
    async fn item_command_execution_request_approval(
        &self,
        params: CommandExecutionRequestApprovalParams,
        context: codex_client::RequestContext,
    ) -> HandlerResult<CommandExecutionRequestApprovalResponse> {
        match self {
            Self::None => unreachable!("not registered"),
            Self::Accept => Ok(decision(true)),
            Self::Decide(decide) => Ok(decision(decide(&params))),
            Self::Fail => Err(ErrorObject::new(-32000, "no idea").into()),
            Self::Panic => panic!("a handler that panics, on purpose"),
            Self::Hang => std::future::pending().await,
            Self::AskBack => {
                let client = context.client().unwrap();
                let answer = client.request_raw("thread/loaded/list", &()).await?;
                Ok(decision(answer.get().contains("yes")))
            }
        }
    }
}

impl blocking::ServerRequestHandler for Behavior {
    fn item_command_execution_request_approval(
        &self,
        params: CommandExecutionRequestApprovalParams,
        context: &blocking::RequestContext,
    ) -> HandlerResult<CommandExecutionRequestApprovalResponse> {
        match self {
            Self::None => unreachable!("not registered"),
            Self::Accept => Ok(decision(true)),
            Self::Decide(decide) => Ok(decision(decide(&params))),
            Self::Fail => Err(ErrorObject::new(-32000, "no idea").into()),
            Self::Panic => panic!("a handler that panics, on purpose"),
            Self::Hang => {
                while !context.is_cancelled() {
                    std::thread::yield_now();
                }
                Ok(decision(true))
            }
            Self::AskBack => {
                let client = context.client().unwrap();
                let answer = client.request_raw("thread/loaded/list", &())?;
                Ok(decision(answer.get().contains("yes")))
            }
        }
    }
}

/// One API of the client.
pub(crate) trait Mode: Clone + Send + Sync + Sized + 'static {
    type Events: Send;

    fn connect(setup: &Setup, transport: MemoryTransport) -> Result<Self, Error>;
    fn spawn(setup: &Setup, launch: &Launch) -> Result<Self, Error>;
    fn with_deadline(&self, deadline: Duration) -> Self;
    fn info(&self) -> ServerInfo;
    fn raw(&self, method: &str, params: &Value) -> Result<Value, Error>;
    fn experimental(&self) -> Result<(), Error>;
    fn start_turn(&self, thread: &str) -> Result<(String, Self::Events), Error>;
    fn all(&self) -> Result<Self::Events, Error>;
    fn thread(&self, id: &str) -> Result<Self::Events, Error>;
    fn next(&self, events: &mut Self::Events) -> Option<Result<Event, Error>>;
    fn notify(&self, method: &str, params: &Value) -> Result<(), Error>;
    fn closed(&self) -> Arc<Closed>;
    fn close(&self) -> Option<ExitStatus>;
    fn process_id(&self) -> u32;

    /// The events up to the end, errors included.
    fn rest(&self, events: &mut Self::Events) -> Vec<Result<Event, Error>> {
        std::iter::from_fn(|| self.next(events)).collect()
    }

    /// The methods of the events up to the end.
    fn methods(&self, events: &mut Self::Events) -> Vec<String> {
        let rest = self.rest(events);
        rest.into_iter()
            .map(|event| event.unwrap().method().to_owned())
            .collect()
    }
}

#[derive(Clone)]
pub(crate) struct Async(pub(crate) Client);

impl Mode for Async {
    type Events = codex_client::Events;

    fn connect(setup: &Setup, transport: MemoryTransport) -> Result<Self, Error> {
        let (reader, writer) = transport.split();
        wait(builder(setup).transport((reader, writer)).build()).map(Self)
    }
    fn spawn(setup: &Setup, launch: &Launch) -> Result<Self, Error> {
        wait(builder(setup).launch(launch.clone()).build()).map(Self)
    }
    fn with_deadline(&self, deadline: Duration) -> Self {
        Self(self.0.with_deadline(deadline))
    }
    fn info(&self) -> ServerInfo {
        self.0.server_info().unwrap().as_ref().clone()
    }
    fn raw(&self, method: &str, params: &Value) -> Result<Value, Error> {
        let answer = wait(self.0.request_raw(method, params))?;
        Ok(serde_json::from_str(answer.get()).unwrap())
    }
    fn experimental(&self) -> Result<(), Error> {
        wait(
            self.0
                .request::<methods::CollaborationModeList>(&CollaborationModeListParams::default()),
        )
        .map(drop)
    }
    fn start_turn(&self, thread: &str) -> Result<(String, Self::Events), Error> {
        let params = TurnStartParams::new(thread, vec![]);
        let turn = wait(self.0.request_turn::<methods::TurnStart>(thread, &params))?;
        Ok((turn.0.turn.id.to_string(), turn.1))
    }
    fn all(&self) -> Result<Self::Events, Error> {
        self.0.events()
    }
    fn thread(&self, id: &str) -> Result<Self::Events, Error> {
        self.0.thread_events(id)
    }
    fn next(&self, events: &mut Self::Events) -> Option<Result<Event, Error>> {
        wait(events.next())
    }
    fn notify(&self, method: &str, params: &Value) -> Result<(), Error> {
        self.0.notify(method, params)
    }
    fn closed(&self) -> Arc<Closed> {
        wait(self.0.closed())
    }
    fn close(&self) -> Option<ExitStatus> {
        wait(self.0.close())
    }
    fn process_id(&self) -> u32 {
        self.0.process_id().unwrap()
    }
}

/// Sets a builder of either API up.
macro_rules! set_up {
    ($builder:expr, $setup:expr, $erased:expr) => {{
        let setup: &Setup = $setup;
        let builder = $builder
            .client_info("tests", "1.0.0")
            .max_in_flight(setup.max_in_flight)
            .event_budget(setup.event_budget)
            .experimental_api(setup.experimental_api)
            .shutdown_grace(setup.grace)
            .opt_out_notifications(setup.opt_out_notifications.clone())
            .version_policy(setup.version_policy)
            .call_options(setup.call_options());
        let handler = setup.handler.clone();
        let builder = match (&setup.handler, setup.wrapping) {
            (Behavior::None, _) => builder,
            (_, Wrapping::None) => builder.handler(handler),
            (_, Wrapping::Arc) => builder.handler(Arc::new(handler)),
            (_, Wrapping::Box) => builder.handler(Box::new(handler)),
            (_, Wrapping::Some) => builder.handler(Some(handler)),
            (_, Wrapping::Nothing) => builder.handler(Some(handler).filter(|_| false)),
            (_, Wrapping::Any) => builder.handler($erased(handler)),
        };
        match setup.handler_limit {
            Some(limit) => builder.handler_limit(limit),
            None => builder,
        }
    }};
}

/// A builder of the async client.
pub(crate) fn builder(setup: &Setup) -> ClientBuilder {
    set_up!(Client::builder(), setup, AnyHandler::new)
}

#[derive(Clone)]
pub(crate) struct Blocking(pub(crate) blocking::Client);

impl Mode for Blocking {
    type Events = blocking::Events;

    fn connect(setup: &Setup, transport: MemoryTransport) -> Result<Self, Error> {
        let (reader, writer) = transport.split();
        blocking_builder(setup)
            .transport((reader, writer))
            .build()
            .map(Self)
    }
    fn spawn(setup: &Setup, launch: &Launch) -> Result<Self, Error> {
        blocking_builder(setup)
            .launch(launch.clone())
            .build()
            .map(Self)
    }
    fn with_deadline(&self, deadline: Duration) -> Self {
        Self(self.0.with_deadline(deadline))
    }
    fn info(&self) -> ServerInfo {
        self.0.server_info().unwrap().as_ref().clone()
    }
    fn raw(&self, method: &str, params: &Value) -> Result<Value, Error> {
        let answer = self.0.request_raw(method, params)?;
        Ok(serde_json::from_str(answer.get()).unwrap())
    }
    fn experimental(&self) -> Result<(), Error> {
        self.0
            .request::<methods::CollaborationModeList>(&CollaborationModeListParams::default())
            .map(drop)
    }
    fn start_turn(&self, thread: &str) -> Result<(String, Self::Events), Error> {
        let params = TurnStartParams::new(thread, vec![]);
        let turn = self.0.request_turn::<methods::TurnStart>(thread, &params)?;
        Ok((turn.0.turn.id.to_string(), turn.1))
    }
    fn all(&self) -> Result<Self::Events, Error> {
        self.0.events()
    }
    fn thread(&self, id: &str) -> Result<Self::Events, Error> {
        self.0.thread_events(id)
    }
    fn next(&self, events: &mut Self::Events) -> Option<Result<Event, Error>> {
        events.next_timeout(LIMIT).expect("nothing hangs")
    }
    fn notify(&self, method: &str, params: &Value) -> Result<(), Error> {
        self.0.notify(method, params)
    }
    fn closed(&self) -> Arc<Closed> {
        self.0.closed()
    }
    fn close(&self) -> Option<ExitStatus> {
        self.0.close()
    }
    fn process_id(&self) -> u32 {
        self.0.process_id().unwrap()
    }
}

fn blocking_builder(setup: &Setup) -> blocking::ClientBuilder {
    set_up!(blocking::Client::builder(), setup, |handler| {
        let erased: Box<dyn blocking::ServerRequestHandler> = Box::new(handler);
        erased
    })
}

/// Runs tests that are generic over the API on both of them.
macro_rules! both_modes {
    ($($name:ident;)*) => {
        mod async_api {
            $(#[test] fn $name() { super::$name::<crate::mode::Async>(); })*
        }
        mod blocking_api {
            $(#[test] fn $name() { super::$name::<crate::mode::Blocking>(); })*
        }
    };
}
pub(crate) use both_modes;
