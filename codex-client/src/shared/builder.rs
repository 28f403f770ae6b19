//! The options of a connection: one builder for both APIs, and for clients and Codex alike.
//!
//! Plain data; each API adds the connecting.

use std::ffi::OsString;
use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

use codex_runtime::{IsolatedHome, RuntimeSource, VersionPolicy};
use codex_types::InitializeParams;

use crate::connection::settings::{CallOptions, Retry, Settings};
use crate::connection::supervisor::Restart;
use crate::process::{Launch, ShutdownGrace};
use crate::shared::approval::ApprovalPolicy;

/// A builder of a connection; `build` connects.
///
/// `T` is the built type: a client or a Codex of either API. `A` has the options whose types differ
/// between the APIs: the handler and the transport. Both are determined by the function that
/// creates the builder; the aliases `ClientBuilder` and `CodexBuilder` include them.
///
/// Without a transport, it starts the runtime and connects through its pipes.
///
/// ```
/// use codex_client::Codex;
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let harness = codex_testing::AppServerHarness::start()?;
/// let codex = Codex::builder()
/// #   .launch(harness.launch())
///     .client_info("my-agent", "1.2.3")
///     .config("model_reasoning_effort=\"high\"")
///     .cwd("src")
///     .request_deadline(Duration::from_secs(20))
///     .build()
///     .await?;
/// # assert!(codex.server_info().unwrap().user_agent.starts_with("my-agent/"));
/// # let thread = codex.thread_start().await?;
/// # let settings = thread.settings().unwrap();
/// # assert_eq!(settings.reasoning_effort.as_ref().unwrap().as_str(), "high");
/// # assert!(std::path::Path::new(settings.cwd.as_str()).ends_with("src"));
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is started until `build` is called"]
pub struct Builder<T, A> {
    pub(crate) settings: Settings,
    pub(crate) launch: Launch,
    pub(crate) api: A,
    built: PhantomData<fn() -> T>,
}

impl<T, A: Default> Default for Builder<T, A> {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            launch: Launch::default(),
            api: A::default(),
            built: PhantomData,
        }
    }
}

impl<T, A> fmt::Debug for Builder<T, A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("settings", &self.settings)
            .field("launch", &self.launch)
            .finish_non_exhaustive()
    }
}

/// Options of the runtime's process. They have no effect with a transport.
impl<T, A> Builder<T, A> {
    /// Sets the runtime to start; by default the pinned one, or the one in `CODEX_BIN`.
    pub fn runtime(mut self, source: RuntimeSource) -> Self {
        self.launch = self.launch.runtime(source);
        self
    }

    /// Starts this binary.
    pub fn binary(mut self, binary: impl Into<PathBuf>) -> Self {
        self.launch = self.launch.binary(binary);
        self
    }

    /// Overrides a value of the configuration, as `key=value` with the value in TOML.
    pub fn config(mut self, assignment: impl Into<String>) -> Self {
        self.launch = self.launch.config(assignment);
        self
    }

    /// Sets the working directory of the runtime, which is the default of threads.
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.launch = self.launch.cwd(folder);
        self
    }

    /// Sets an environment variable of the runtime, in addition to those of this process.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.launch = self.launch.env(name, value);
        self
    }

    /// Gives the connection a home of the runtime of its own, as `CODEX_HOME`, which is removed with
    /// it; see [`Launch::isolated_home`].
    pub fn isolated_home(mut self, home: IsolatedHome) -> Self {
        self.launch = self.launch.isolated_home(home);
        self
    }

    /// Sets all options of the runtime's process; replaces earlier ones.
    pub fn launch(mut self, launch: Launch) -> Self {
        self.launch = launch;
        self
    }
}

/// Parameters of `initialize`.
impl<T, A> Builder<T, A> {
    /// Sets the name of this client, for logs and headers, and its version. The name must be a
    /// valid HTTP header value.
    pub fn client_info(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.settings.initialize.client_info.name = name.into();
        self.settings.initialize.client_info.version = version.into();
        self
    }

    /// Sets the human-readable name of this client.
    pub fn client_title(self, title: impl Into<String>) -> Self {
        let title = title.into();
        self.with_initialize(|mut params| {
            params.client_info = params.client_info.title(title);
            params
        })
    }

    /// Requests the experimental API; not by default. Without it, experimental methods are rejected
    /// before they are sent.
    pub fn experimental_api(mut self, enabled: bool) -> Self {
        self.settings
            .change_capabilities(|capabilities| capabilities.experimental_api(enabled));
        self
    }

    /// Sends methods and parameters that are newer than the connected server, instead of failing
    /// with [`Error::Unsupported`](crate::Error::Unsupported); not by default. The server then
    /// rejects an unknown method, and ignores an unknown parameter.
    pub fn send_unsupported(mut self, enabled: bool) -> Self {
        self.settings.send_unsupported = enabled;
        self
    }

    /// Allows the server to request attestations (`attestation/generate`), which it sends with
    /// model requests under an account; not by default.
    pub fn request_attestation(mut self, enabled: bool) -> Self {
        self.settings
            .change_capabilities(|capabilities| capabilities.request_attestation(enabled));
        self
    }

    /// Opts out of notifications on this connection, by their exact methods. `build` rejects those
    /// that the handles of turns, goals, logins and approvals wait for, such as `turn/completed`,
    /// with [`Error::InvalidArgument`](crate::Error::InvalidArgument).
    pub fn opt_out_notifications<I>(mut self, methods: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.settings.change_capabilities(|capabilities| {
            let known = capabilities.opt_out_notification_methods.as_option();
            let mut all = known.cloned().unwrap_or_default();
            all.extend(methods.into_iter().map(Into::into));
            capabilities.opt_out_notification_methods(all)
        });
        self
    }

    /// Modifies the parameters of `initialize` directly, to set capabilities without a method here,
    /// such as extensions of MCP servers.
    pub fn with_initialize(
        mut self,
        change: impl FnOnce(InitializeParams) -> InitializeParams,
    ) -> Self {
        self.settings.initialize = change(self.settings.initialize);
        self
    }

    /// Sets the policy for a runtime whose version is not the pinned one; a warning in the log
    /// by default.
    pub fn version_policy(mut self, policy: VersionPolicy) -> Self {
        self.settings.version_policy = policy;
        self
    }
}

/// Options of requests.
impl<T, A> Builder<T, A> {
    /// Sets the deadline of requests, including all retries, and of connecting to a server, including
    /// the handshake of a websocket; one minute by default. A turn may take longer than the request
    /// that starts it.
    #[doc(alias = "timeout")]
    pub fn request_deadline(mut self, deadline: Duration) -> Self {
        self.settings.call.deadline = Some(deadline);
        self
    }

    /// Sets the retry policy for requests rejected because the server is overloaded; never by
    /// default.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.settings.call.retry = retry;
        self
    }

    /// Sets the options of requests, deadline and retries, at once.
    pub fn call_options(mut self, options: CallOptions) -> Self {
        self.settings.call = options;
        self
    }

    /// Sets the maximum number of requests in flight; 64 by default. The others wait for a slot.
    /// The runtime drops responses under a flood of several hundred requests.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.settings.in_flight = requests;
        self
    }
}

/// Options of events, requests of the server and the process.
impl<T, A> Builder<T, A> {
    /// Sets the budget of each subscriber's queue, in bytes; 16 MiB by default. Received events do
    /// not count, and the event that exceeds the budget is still queued, of any size.
    ///
    /// Events beyond it are dropped and reported as [`Error::Lagged`](crate::Error::Lagged). Events
    /// that contain a whole state, such as `turn/diff/updated`, have an equal budget of their own,
    /// and a newer one replaces an older one. Lifecycle events are never dropped: they have four
    /// times the budget, and a subscription that exceeds it ends
    /// ([`Error::Overrun`](crate::Error::Overrun)).
    pub fn event_budget(mut self, bytes: usize) -> Self {
        self.settings.event_budget = bytes;
        self
    }

    /// Sets the budget of the completed items that are kept for the result of a turn, or of all turns
    /// of a goal, in bytes; 256 MiB by default. Beyond it the oldest are left out of the result,
    /// which has their number ([`TurnResult::omitted_items`](crate::TurnResult::omitted_items)); the
    /// stream of the turn yields all of them.
    pub fn result_budget(mut self, bytes: usize) -> Self {
        self.settings.result_budget = bytes;
        self
    }

    /// Sets the time that the whole connection waits for a reading but slow subscriber, before
    /// events are dropped for it. With `Duration::MAX` delivery to reading subscribers is lossless,
    /// and all are as slow as the slowest; there is no wait for one that never reads.
    ///
    /// By default a slow subscriber costs the others next to nothing: 3 ms at a time and a fortieth
    /// of the time altogether, except that a reading one has a second to drain lifecycle events.
    pub fn backpressure(mut self, limit: Duration) -> Self {
        self.settings.backpressure = Some(limit);
        self
    }

    /// Sets the maximum size of one message of the server, in bytes; 256 MiB by default. A longer
    /// one closes the connection. It applies to a line, a message of a websocket, and all fragments
    /// of one, and is enforced before memory is reserved.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.settings.max_message_size = bytes;
        self
    }

    /// Sets the time limit of a write without progress, after which the connection is closed; 30
    /// seconds by default, and a second more for each 64 KiB that are written at once. `None` sets
    /// no limit.
    ///
    /// Meanwhile up to 16 MiB of notifications are queued, and the server is not read while the
    /// same amount of responses is queued. A transport of the blocking API without time limits is
    /// not covered.
    pub fn write_timeout(mut self, limit: Option<Duration>) -> Self {
        self.settings.write_timeout = limit;
        self
    }

    /// Sets the policy that decides about approvals first, for the connection's handler and for the
    /// streams of turns; what it leaves is asked there. As with a handler for approvals, a thread that
    /// is started without an [`ApprovalMode`](crate::ApprovalMode) asks this client.
    pub fn approvals(mut self, policy: ApprovalPolicy) -> Self {
        self.settings.policy = Some(policy);
        self
    }

    /// Sets the maximum number of concurrent handlers; 256 by default, at least one. Further
    /// requests of the server are queued, up to 256 MiB; beyond that they are answered with their
    /// default. In the blocking API each handler takes a thread.
    pub fn max_handlers(mut self, handlers: usize) -> Self {
        self.settings.max_handlers = handlers;
        self
    }

    /// Sets the time limit of handling a request of the server, including the wait for a free
    /// handler; unlimited by default, because a person may have to decide. After it the default
    /// response is sent.
    #[doc(alias = "timeout")]
    pub fn handler_limit(mut self, limit: Duration) -> Self {
        self.settings.handler_limit = Some(limit);
        self
    }

    /// Sets the default deadline of turns; none by default. Without a network the runtime retries a
    /// turn forever.
    #[doc(alias = "timeout")]
    pub fn turn_deadline(mut self, deadline: Duration) -> Self {
        self.settings.turn_deadline = Some(deadline);
        self
    }

    /// Sets the default idle limit of turns: the maximum time without an event of the turn. None by
    /// default.
    #[doc(alias = "timeout")]
    pub fn turn_idle_limit(mut self, limit: Duration) -> Self {
        self.settings.turn_idle_limit = Some(limit);
        self
    }

    /// Sets the time to wait for `turn/completed` after interrupting a turn that exceeded a limit
    /// or was canceled; 2 seconds by default. For as long a connection to a running server that is
    /// dropped stays open to interrupt abandoned turns.
    #[doc(alias = "timeout")]
    pub fn interrupt_grace(mut self, grace: Duration) -> Self {
        self.settings.interrupt_grace = grace;
        self
    }

    /// Supervises the connection: when the process has died or the socket is broken, another one is
    /// started or connected, after a pause, and initialized. Never by default. See
    /// [`concepts::supervision`](crate::concepts::supervision) for what is restored, what fails and
    /// what is reported. Of a server with more than 4096 running turns, or 65,536 completed items in
    /// them, the further ones are not known after a restart.
    #[doc(alias("restart", "reconnect", "respawn"))]
    pub fn supervise(mut self, restart: Restart) -> Self {
        self.settings.restart = Some(restart);
        self
    }

    /// Sets the grace periods of ending the process: by default `SIGTERM` two seconds after the end of
    /// its input, and `SIGKILL` a second later. Without a process, sockets, tasks and threads of a
    /// closed or dropped connection end within their sum and half a second more, even if the server
    /// neither reads nor writes.
    pub fn shutdown_grace(mut self, grace: ShutdownGrace) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Records the session, every frame of both sides in its wire form, see
    /// [`recording`](crate::transport::recording). A failed write closes the connection.
    #[cfg(feature = "record")]
    pub fn record(mut self, recorder: &crate::transport::recording::Recorder) -> Self {
        self.settings.recorder = Some(recorder.clone());
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::Builder;

    #[test]
    fn initialize_has_everything_that_was_set() {
        let builder = Builder::<(), ()>::default()
            .client_info("n", "1")
            .client_title("t")
            .experimental_api(true)
            .request_attestation(true)
            .opt_out_notifications(["thread/started"])
            .opt_out_notifications(["turn/started"])
            .with_initialize(|mut params| {
                let capabilities = params.capabilities.as_option().cloned().unwrap();
                let capabilities = capabilities
                    .required_human_approval(true)
                    .explicit_gateway_oauth(true)
                    .mcp_server_openai_form_elicitation(true)
                    .extensions([("openai/form".to_owned(), json!({}))]);
                params = params.capabilities(capabilities);
                params
            });
        let all = json!({
            "clientInfo": {"name": "n", "version": "1", "title": "t"},
            "capabilities": {
                "experimentalApi": true,
                "requestAttestation": true,
                "optOutNotificationMethods": ["thread/started", "turn/started"],
                "requiredHumanApproval": true,
                "explicitGatewayOauth": true,
                "mcpServerOpenaiFormElicitation": true,
                "extensions": {"openai/form": {}},
            },
        });
        assert_eq!(to_value(&builder.settings.initialize).unwrap(), all);
        assert!(builder.settings.experimental_api());
    }
}
