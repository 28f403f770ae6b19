//! Both APIs behind one trait, so that each attack is made on both.

use std::os::unix::net::UnixStream;
use std::process::ExitStatus;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use codex_client::transport::blocking as transport;
use codex_client::transport::memory::MemoryTransport;
use codex_client::transport::{Endpoint, LineReader, LineWriter};
use codex_client::types::{
    CommandExecutionApprovalDecision, CommandExecutionRequestApprovalParams,
    CommandExecutionRequestApprovalResponse,
};
use codex_client::{
    ApprovalPolicy, CallOptions, Cancellation, Client, Closed, Codex, Error, Event, HandlerResult,
    Launch, RequestContext, ServerRequestHandler, ShutdownGrace, TurnEvent, TurnHandle, TurnResult,
    blocking,
};
use serde_json::Value;
use tokio::runtime::Runtime;

/// Time limit that only a hang exceeds.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().unwrap();
    // Its descriptors and threads are there before anything is counted.
    runtime.block_on(async { tokio::task::yield_now().await });
    runtime
});

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let limited = async { tokio::time::timeout(LIMIT, future).await };
    RUNTIME.block_on(limited).expect("nothing hangs")
}

/// The setup of a client.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) message: usize,
    pub(crate) write_timeout: Option<Duration>,
    pub(crate) budget: usize,
    pub(crate) backpressure: Option<Duration>,
    pub(crate) handlers: usize,
    pub(crate) handler: Option<Handling>,
    pub(crate) handler_limit: Option<Duration>,
    pub(crate) policy: Option<ApprovalPolicy>,
    pub(crate) deadline: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            message: 8 << 20,
            write_timeout: Some(LIMIT),
            budget: 1 << 20,
            backpressure: None,
            handlers: 16,
            handler: None,
            handler_limit: None,
            policy: None,
            deadline: LIMIT,
        }
    }
}

/// The handling of an approval.
#[derive(Clone, Copy)]
pub(crate) enum Handling {
    Accept,
    /// Never responds, as long as a response is needed.
    Hang,
    Panic,
}

fn accepted() -> CommandExecutionRequestApprovalResponse {
    CommandExecutionRequestApprovalResponse::new(CommandExecutionApprovalDecision::Accept)
}

impl ServerRequestHandler for Handling {
    async fn item_command_execution_request_approval(
        &self,
        _params: CommandExecutionRequestApprovalParams,
        _context: RequestContext,
    ) -> HandlerResult<CommandExecutionRequestApprovalResponse> {
        match self {
            Self::Accept => Ok(accepted()),
            Self::Hang => std::future::pending().await,
            Self::Panic => panic!("a handler that panics, on purpose"),
        }
    }
}

impl blocking::ServerRequestHandler for Handling {
    fn item_command_execution_request_approval(
        &self,
        _params: CommandExecutionRequestApprovalParams,
        context: &blocking::RequestContext,
    ) -> HandlerResult<CommandExecutionRequestApprovalResponse> {
        match self {
            Self::Accept => Ok(accepted()),
            Self::Hang => {
                while !context.is_cancelled() {
                    std::thread::park_timeout(Duration::from_millis(20));
                }
                Ok(accepted())
            }
            Self::Panic => panic!("a handler that panics, on purpose"),
        }
    }
}

/// One of the two APIs.
pub(crate) trait Api: Clone + Send + Sync + Sized + 'static {
    type Events: Send;
    type Turn: Send;

    fn memory(options: &Options, transport: MemoryTransport) -> Result<Self, Error>;
    fn websocket(options: &Options, endpoint: &Endpoint) -> Result<Self, Error>;
    fn spawn(options: &Options, launch: &Launch) -> Result<Self, Error>;
    /// Lines over any byte stream.
    fn stream(options: &Options, stream: UnixStream) -> Result<Self, Error>;
    fn raw(&self, method: &str, params: &Value) -> Result<Value, Error>;
    fn notify(&self, method: &str, params: &Value) -> Result<(), Error>;
    fn all(&self) -> Self::Events;
    fn thread(&self, id: &str) -> Self::Events;
    fn next(&self, events: &mut Self::Events) -> Option<Result<Event, Error>>;
    /// Starts a turn on thread `t`, whose approvals are in its stream.
    fn turn(&self, deadline: Duration) -> Result<Self::Turn, Error>;
    fn next_of_turn(&self, turn: &mut Self::Turn) -> Option<Result<TurnEvent, Error>>;
    /// The result of a turn whose stream has ended.
    fn result(&self, turn: &mut Self::Turn) -> Result<TurnResult, Error>;
    /// The number of threads that the server lists.
    fn count_threads(&self) -> Result<usize, Error>;
    /// The number of turns in a view of thread `t`, and of those that it omits.
    fn view(&self) -> Result<(usize, usize), Error>;
    fn closed(&self) -> Arc<Closed>;
    fn close(&self) -> Option<ExitStatus>;
    fn with_deadline(&self, deadline: Duration) -> Self;
    fn with_cancellation(&self, cancellation: &Cancellation) -> Self;

    /// The message of the close.
    fn why(&self) -> String {
        self.closed().to_string()
    }
}

macro_rules! set_up {
    ($builder:expr, $options:expr) => {{
        let options: &Options = $options;
        let mut grace = ShutdownGrace::default();
        grace.after_eof = Duration::from_millis(300);
        grace.after_terminate = Duration::from_millis(200);
        let mut call = CallOptions::default();
        call.deadline = Some(options.deadline);
        let builder = $builder
            .max_message_size(options.message)
            .write_timeout(options.write_timeout)
            .event_budget(options.budget)
            .result_budget(16 << 20)
            .max_handlers(options.handlers)
            .shutdown_grace(grace)
            .interrupt_grace(Duration::from_millis(300))
            .call_options(call);
        let builder = match options.backpressure {
            Some(limit) => builder.backpressure(limit),
            None => builder,
        };
        let builder = match &options.policy {
            Some(policy) => builder.approvals(policy.clone()),
            None => builder,
        };
        let builder = match options.handler_limit {
            Some(limit) => builder.handler_limit(limit),
            None => builder,
        };
        match options.handler {
            Some(handler) => builder.handler(handler),
            None => builder,
        }
    }};
}

#[derive(Clone)]
pub(crate) struct Async(pub(crate) Client);

impl Api for Async {
    type Events = codex_client::Events;
    type Turn = TurnHandle;

    fn memory(options: &Options, transport: MemoryTransport) -> Result<Self, Error> {
        let (reader, writer) = transport.split();
        wait(
            set_up!(Client::builder(), options)
                .transport((reader, writer))
                .build(),
        )
        .map(Self)
    }
    fn websocket(options: &Options, endpoint: &Endpoint) -> Result<Self, Error> {
        wait(
            set_up!(Client::builder(), options)
                .transport(endpoint)
                .build(),
        )
        .map(Self)
    }
    fn spawn(options: &Options, launch: &Launch) -> Result<Self, Error> {
        wait(
            set_up!(Client::builder(), options)
                .launch(launch.clone())
                .build(),
        )
        .map(Self)
    }
    fn stream(options: &Options, stream: UnixStream) -> Result<Self, Error> {
        wait(async {
            stream.set_nonblocking(true).unwrap();
            let stream = tokio::net::UnixStream::from_std(stream).unwrap();
            let (reader, writer) = tokio::io::split(stream);
            let (reader, writer) = (LineReader::new(reader), LineWriter::new(writer));
            set_up!(Client::builder(), options)
                .transport((reader, writer))
                .build()
                .await
        })
        .map(Self)
    }
    fn raw(&self, method: &str, params: &Value) -> Result<Value, Error> {
        let answer = wait(self.0.request_raw(method, params))?;
        Ok(serde_json::from_str(answer.get()).unwrap())
    }
    fn notify(&self, method: &str, params: &Value) -> Result<(), Error> {
        self.0.notify(method, params)
    }
    fn all(&self) -> Self::Events {
        self.0.events().unwrap()
    }
    fn thread(&self, id: &str) -> Self::Events {
        self.0.thread_events(id).unwrap()
    }
    fn next(&self, events: &mut Self::Events) -> Option<Result<Event, Error>> {
        wait(events.next())
    }
    fn turn(&self, deadline: Duration) -> Result<Self::Turn, Error> {
        let thread = Codex::from_client(self.0.clone()).thread("t");
        let turn = thread.turn("go").approvals_in_stream().deadline(deadline);
        wait(turn.into_future())
    }
    fn next_of_turn(&self, turn: &mut Self::Turn) -> Option<Result<TurnEvent, Error>> {
        wait(turn.next())
    }
    fn result(&self, turn: &mut Self::Turn) -> Result<TurnResult, Error> {
        wait(turn.run())
    }
    fn count_threads(&self) -> Result<usize, Error> {
        let codex = Codex::from_client(self.0.clone());
        wait(codex.thread_list().all().collect_all()).map(|all| all.len())
    }
    fn view(&self) -> Result<(usize, usize), Error> {
        let thread = Codex::from_client(self.0.clone()).thread("t");
        let live = wait(thread.view())?;
        Ok((live.view().turns().len(), live.view().omitted_turns()))
    }
    fn closed(&self) -> Arc<Closed> {
        wait(self.0.closed())
    }
    fn close(&self) -> Option<ExitStatus> {
        wait(self.0.close())
    }
    fn with_deadline(&self, deadline: Duration) -> Self {
        Self(self.0.with_deadline(deadline))
    }
    fn with_cancellation(&self, cancellation: &Cancellation) -> Self {
        Self(self.0.with_cancellation(cancellation))
    }
}

#[derive(Clone)]
pub(crate) struct Blocking(pub(crate) blocking::Client);

impl Api for Blocking {
    type Events = blocking::Events;
    type Turn = blocking::TurnHandle;

    fn memory(options: &Options, transport: MemoryTransport) -> Result<Self, Error> {
        let (reader, writer) = transport.split();
        let builder = set_up!(blocking::Client::builder(), options);
        builder.transport((reader, writer)).build().map(Self)
    }
    fn websocket(options: &Options, endpoint: &Endpoint) -> Result<Self, Error> {
        let builder = set_up!(blocking::Client::builder(), options);
        builder.transport(endpoint).build().map(Self)
    }
    fn spawn(options: &Options, launch: &Launch) -> Result<Self, Error> {
        let builder = set_up!(blocking::Client::builder(), options);
        builder.launch(launch.clone()).build().map(Self)
    }
    fn stream(options: &Options, stream: UnixStream) -> Result<Self, Error> {
        let shut_down = |stream: &UnixStream| {
            let stream = stream.try_clone().unwrap();
            transport::Interrupter::new(move || {
                let _ = stream.shutdown(std::net::Shutdown::Both);
            })
        };
        let (reads, writes) = (shut_down(&stream), shut_down(&stream));
        stream.set_write_timeout(options.write_timeout).unwrap();
        let reader =
            transport::LineReader::new(stream.try_clone().unwrap()).with_interrupter(reads);
        let writer = transport::LineWriter::new(stream).with_interrupter(writes);
        let builder = set_up!(blocking::Client::builder(), options);
        builder.transport((reader, writer)).build().map(Self)
    }
    fn raw(&self, method: &str, params: &Value) -> Result<Value, Error> {
        let answer = self.0.request_raw(method, params)?;
        Ok(serde_json::from_str(answer.get()).unwrap())
    }
    fn notify(&self, method: &str, params: &Value) -> Result<(), Error> {
        self.0.notify(method, params)
    }
    fn all(&self) -> Self::Events {
        self.0.events().unwrap()
    }
    fn thread(&self, id: &str) -> Self::Events {
        self.0.thread_events(id).unwrap()
    }
    fn next(&self, events: &mut Self::Events) -> Option<Result<Event, Error>> {
        events.next_timeout(LIMIT).expect("nothing hangs")
    }
    fn turn(&self, deadline: Duration) -> Result<Self::Turn, Error> {
        let thread = blocking::Codex::from_client(self.0.clone()).thread("t");
        let turn = thread.turn("go").approvals_in_stream().deadline(deadline);
        turn.call()
    }
    fn next_of_turn(&self, turn: &mut Self::Turn) -> Option<Result<TurnEvent, Error>> {
        turn.next()
    }
    fn result(&self, turn: &mut Self::Turn) -> Result<TurnResult, Error> {
        turn.run()
    }
    fn count_threads(&self) -> Result<usize, Error> {
        let codex = blocking::Codex::from_client(self.0.clone());
        codex.thread_list().all().collect_all().map(|all| all.len())
    }
    fn view(&self) -> Result<(usize, usize), Error> {
        let thread = blocking::Codex::from_client(self.0.clone()).thread("t");
        let live = thread.view()?;
        Ok((live.view().turns().len(), live.view().omitted_turns()))
    }
    fn closed(&self) -> Arc<Closed> {
        self.0.closed()
    }
    fn close(&self) -> Option<ExitStatus> {
        self.0.close()
    }
    fn with_deadline(&self, deadline: Duration) -> Self {
        Self(self.0.with_deadline(deadline))
    }
    fn with_cancellation(&self, cancellation: &Cancellation) -> Self {
        Self(self.0.with_cancellation(cancellation))
    }
}

/// Makes each attack on both APIs, or on its own, within its figures: peak MiB, seconds.
macro_rules! attacks {
    (alone: $($name:ident: $mib:literal MiB, $seconds:literal s;)*) => {
        mod alone {
            $(crate::api::attack! { $name: $mib, $seconds, [("alone", super::$name)] })*
        }
    };
    ($($name:ident: $mib:literal MiB, $seconds:literal s;)*) => {
        mod on_both {
            $(crate::api::attack! { $name: $mib, $seconds, [
                ("async", super::$name::<crate::api::Async>),
                ("blocking", super::$name::<crate::api::Blocking>),
            ] })*
        }
    };
}
pub(crate) use attacks;

/// Makes the test of one attack.
macro_rules! attack {
    ($name:ident: $mib:literal, $seconds:literal, $on:expr) => {
        #[test]
        fn $name() {
            let most = crate::figures::Most {
                mib: $mib,
                seconds: $seconds,
            };
            let test = concat!(module_path!(), "::", stringify!($name));
            crate::figures::attack(test, most, &$on);
        }
    };
}
pub(crate) use attack;
