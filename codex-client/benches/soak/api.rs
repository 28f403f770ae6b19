//! Both APIs behind one trait, so that each kind of work is done with both.

use std::sync::LazyLock;
use std::time::Duration;

use codex_client::transport::memory::MemoryTransport;
use codex_client::types::CommandExecutionApprovalDecision as Decision;
use codex_client::{ApprovalMode, Error, Launch, Sandbox, blocking};
use serde_json::json;
use tokio::runtime::Runtime;

/// Time limit that only a hang exceeds.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
});

/// Starts the threads of the async runtime, so that they are there before anything is counted.
pub(crate) fn warm_up() {
    RUNTIME.block_on(async { tokio::time::sleep(Duration::from_millis(1)).await });
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let limited = async { tokio::time::timeout(LIMIT, future).await };
    RUNTIME.block_on(limited).expect("an operation hangs")
}

/// The fate of a turn that was not read to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Then {
    Interrupt,
    Drop,
    ReadOn,
}

/// One of the two APIs, as far as it is used here.
pub(crate) trait Api: Clone + Send + Sized + 'static {
    const NAME: &'static str;
    type Thread;
    type Events;

    fn connect(transport: MemoryTransport) -> Result<Self, Error>;
    fn spawn(launch: Launch, accepts: bool) -> Result<Self, Error>;
    fn process_id(&self) -> Option<u32>;
    fn events(&self) -> Result<Self::Events, Error>;
    /// A request that is abandoned at once.
    fn give_up(&self);
    fn close(&self);
    fn new_thread(&self) -> Result<Self::Thread, Error>;
    fn known_thread(&self, id: &str) -> Self::Thread;
    fn run(thread: &Self::Thread, prompt: &str) -> Result<(), Error>;
    /// Reads some events of a turn, and then does this with it.
    fn read(thread: &Self::Thread, prompt: &str, events: usize, then: Then) -> Result<(), Error>;
}

fn decide(accepts: bool) -> Decision {
    if accepts {
        Decision::Accept
    } else {
        Decision::Decline
    }
}

/// The async API.
#[derive(Clone)]
pub(crate) struct Async(codex_client::Codex);

impl Api for Async {
    const NAME: &'static str = "async";
    type Thread = codex_client::Thread;
    type Events = codex_client::Events;

    fn connect(transport: MemoryTransport) -> Result<Self, Error> {
        let builder = codex_client::Codex::builder().request_deadline(LIMIT);
        let builder = builder.handler(Self::handlers(true));
        wait(builder.transport(transport.split()).build()).map(Self)
    }
    fn spawn(launch: Launch, accepts: bool) -> Result<Self, Error> {
        let builder = codex_client::Codex::builder().request_deadline(LIMIT);
        let builder = builder.handler(Self::handlers(accepts)).launch(launch);
        wait(builder.build()).map(Self)
    }
    fn process_id(&self) -> Option<u32> {
        self.0.client().process_id()
    }
    fn events(&self) -> Result<Self::Events, Error> {
        self.0.client().events()
    }
    fn give_up(&self) {
        let hasty = self.0.client().with_deadline(Duration::from_micros(1));
        let _ = wait(hasty.request_raw("model/list", &json!({})));
    }
    fn close(&self) {
        wait(self.0.close());
    }
    fn new_thread(&self) -> Result<Self::Thread, Error> {
        let start = self.0.thread_start().sandbox(Sandbox::FullAccess);
        wait(async { start.approval_mode(ApprovalMode::AskClient).await })
    }
    fn known_thread(&self, id: &str) -> Self::Thread {
        self.0.thread(id)
    }
    fn run(thread: &Self::Thread, prompt: &str) -> Result<(), Error> {
        wait(async { thread.run(prompt).await }).map(drop)
    }
    fn read(thread: &Self::Thread, prompt: &str, events: usize, then: Then) -> Result<(), Error> {
        wait(async {
            let mut turn = thread.turn(prompt).await?;
            for _ in 0..events {
                if turn.next().await.transpose()?.is_none() {
                    break;
                }
            }
            match then {
                Then::Drop => return Ok(()),
                Then::Interrupt => drop(turn.interrupt().await),
                Then::ReadOn => {}
            }
            turn.run().await.map(drop)
        })
    }
}

impl Async {
    fn handlers(accepts: bool) -> codex_client::Handlers {
        let decision = move |_, _| std::future::ready(Ok(decide(accepts)));
        codex_client::Handlers::new().on_command(decision)
    }
}

/// The blocking API.
#[derive(Clone)]
pub(crate) struct Blocking(blocking::Codex);

impl Api for Blocking {
    const NAME: &'static str = "blocking";
    type Thread = blocking::Thread;
    type Events = blocking::Events;

    fn connect(transport: MemoryTransport) -> Result<Self, Error> {
        let builder = blocking::Codex::builder().request_deadline(LIMIT);
        let builder = builder.handler(Self::handlers(true));
        builder.transport(transport.split()).build().map(Self)
    }
    fn spawn(launch: Launch, accepts: bool) -> Result<Self, Error> {
        let builder = blocking::Codex::builder().request_deadline(LIMIT);
        let builder = builder.handler(Self::handlers(accepts)).launch(launch);
        builder.build().map(Self)
    }
    fn process_id(&self) -> Option<u32> {
        self.0.client().process_id()
    }
    fn events(&self) -> Result<Self::Events, Error> {
        self.0.client().events()
    }
    fn give_up(&self) {
        let hasty = self.0.client().with_deadline(Duration::from_micros(1));
        let _ = hasty.request_raw("model/list", &json!({}));
    }
    fn close(&self) {
        self.0.close();
    }
    fn new_thread(&self) -> Result<Self::Thread, Error> {
        let start = self.0.thread_start().sandbox(Sandbox::FullAccess);
        start.approval_mode(ApprovalMode::AskClient).call()
    }
    fn known_thread(&self, id: &str) -> Self::Thread {
        self.0.thread(id)
    }
    fn run(thread: &Self::Thread, prompt: &str) -> Result<(), Error> {
        thread.run(prompt).call().map(drop)
    }
    fn read(thread: &Self::Thread, prompt: &str, events: usize, then: Then) -> Result<(), Error> {
        let mut turn = thread.turn(prompt).call()?;
        for _ in 0..events {
            if turn.next().transpose()?.is_none() {
                break;
            }
        }
        match then {
            Then::Drop => return Ok(()),
            Then::Interrupt => drop(turn.interrupt().call()),
            Then::ReadOn => {}
        }
        turn.run().map(drop)
    }
}

impl Blocking {
    fn handlers(accepts: bool) -> blocking::Handlers {
        blocking::Handlers::new().on_command(move |_, _| Ok(decide(accepts)))
    }
}
