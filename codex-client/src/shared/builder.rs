//! The options of a connection: one builder for both APIs, and for clients and Codex alike.
//!
//! Plain data; each API adds how to connect.

use std::ffi::OsString;
use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

use codex_runtime::{RuntimeSource, VersionPolicy};
use codex_types::InitializeParams;

use crate::connection::settings::{CallOptions, Retry, Settings};
use crate::process::{Launch, ShutdownGrace};

/// Collects the options of a connection; `build` connects.
///
/// `T` is what is built: a client or a Codex of either API. `A` are the options whose types differ
/// between the APIs: the handler and the transport. Both are fixed by the function that makes the
/// builder; the aliases `ClientBuilder` and `CodexBuilder` name all of it.
///
/// Unless it has a transport, the runtime is started, and connected to through its pipes.
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

/// How the runtime is started. Has no effect with a transport.
impl<T, A> Builder<T, A> {
    /// Sets which runtime to start; by default the pinned one, or the one that `CODEX_BIN` names.
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

    /// Sets the folder that the runtime is started in, and that threads work in by default.
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.launch = self.launch.cwd(folder);
        self
    }

    /// Sets a variable of the runtime's environment, on top of this process's.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.launch = self.launch.env(name, value);
        self
    }

    /// Sets everything about how the runtime is started; replaces what was set before.
    pub fn launch(mut self, launch: Launch) -> Self {
        self.launch = launch;
        self
    }
}

/// What the server is told about this client (`initialize`).
impl<T, A> Builder<T, A> {
    /// Sets the name of this client, for logs and headers, and its version. The name must be a
    /// valid HTTP header value.
    pub fn client_info(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.settings.initialize.client_info.name = name.into();
        self.settings.initialize.client_info.version = version.into();
        self
    }

    /// Sets the name of this client for people.
    pub fn client_title(self, title: impl Into<String>) -> Self {
        let title = title.into();
        self.with_initialize(|mut params| {
            params.client_info = params.client_info.title(title);
            params
        })
    }

    /// Asks for the experimental API; not by default. Without it, experimental methods are
    /// refused before they are sent.
    pub fn experimental_api(mut self, enabled: bool) -> Self {
        self.settings
            .change_capabilities(|capabilities| capabilities.experimental_api(enabled));
        self
    }

    /// Sends also what the connected server is too old to know, instead of failing with
    /// [`Error::Unsupported`](crate::Error::Unsupported); not by default. The server then refuses
    /// an unknown method, and ignores an unknown parameter.
    pub fn send_unsupported(mut self, enabled: bool) -> Self {
        self.settings.send_unsupported = enabled;
        self
    }

    /// Lets the server ask for attestations (`attestation/generate`), which it sends along with
    /// model requests under an account; not by default.
    pub fn request_attestation(mut self, enabled: bool) -> Self {
        self.settings
            .change_capabilities(|capabilities| capabilities.request_attestation(enabled));
        self
    }

    /// Adds notifications that the server shall not send on this connection, by their exact
    /// methods. Those that the handles of turns, goals, logins and approvals wait for, such as
    /// `turn/completed`, are refused with
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) by `build`.
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

    /// Changes the parameters of `initialize` themselves: the way to capabilities that have no
    /// method here, such as extensions of MCP servers.
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

/// How requests are treated.
impl<T, A> Builder<T, A> {
    /// Sets how long a request may take, all retries included; one minute by default. A turn may
    /// take longer than the request that starts it.
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

    /// Sets how many requests may be in flight; 64 by default. The others wait for a slot. The
    /// runtime drops responses under a flood of several hundred requests.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.settings.in_flight = requests;
        self
    }
}

/// How events, requests of the server and the process are treated.
impl<T, A> Builder<T, A> {
    /// Sets how many bytes of events may wait for each subscriber; 16 MiB by default. Events that
    /// were handed out do not count, and the event that fills the budget is still taken, however
    /// large it is.
    ///
    /// Events beyond it are dropped and reported as [`Error::Lagged`](crate::Error::Lagged).
    /// Events that show a whole state, such as `turn/diff/updated`, have as much for themselves,
    /// and a newer one takes the place of the older. Lifecycle events are never dropped: they have
    /// four times as much, and a subscription that uses up even that ends
    /// ([`Error::Overrun`](crate::Error::Overrun)).
    pub fn event_budget(mut self, bytes: usize) -> Self {
        self.settings.event_budget = bytes;
        self
    }

    /// Sets how long the whole connection waits for a subscriber who reads but is behind, before
    /// events are dropped for it. With `Duration::MAX` a subscriber who reads loses nothing, and
    /// all are as slow as the slowest; one who never reads is never waited for.
    ///
    /// By default a slow subscriber costs the others next to nothing: 4 ms at once and a fortieth
    /// of the time, except that one who reads gets a second to take lifecycle events.
    pub fn backpressure(mut self, limit: Duration) -> Self {
        self.settings.backpressure = Some(limit);
        self
    }

    /// Sets how many bytes one message of the server may have; 256 MiB by default. A longer one
    /// closes the connection. It holds for a line, a message of a websocket, and all fragments of
    /// one, and is enforced before memory is reserved.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.settings.max_message_size = bytes;
        self
    }

    /// Sets how long the server may read nothing of what is sent to it before the connection is
    /// closed; 30 seconds by default, and a second more for each 64 KiB that are written at once.
    /// `None` waits for as long as the connection lasts.
    ///
    /// Meanwhile up to 16 MiB of notifications wait, and the server is not read any more when as
    /// much of what it asked for does. A transport of the blocking API that does not know time
    /// limits by itself is not covered.
    pub fn write_timeout(mut self, limit: Option<Duration>) -> Self {
        self.settings.write_timeout = limit;
        self
    }

    /// Sets how many requests of the server are handled at the same time; 256 by default, and one
    /// at least. The others wait for their turn, up to 256 MiB of them; beyond that they are
    /// refused. In the blocking API each of them takes a thread.
    pub fn max_handlers(mut self, handlers: usize) -> Self {
        self.settings.max_handlers = handlers;
        self
    }

    /// Sets how long a request of the server may take to be answered, waiting for a free handler
    /// included; unlimited by default, because a person may have to decide. After it the default
    /// reply is sent.
    pub fn handler_limit(mut self, limit: Duration) -> Self {
        self.settings.handler_limit = Some(limit);
        self
    }

    /// Sets the deadline of every turn that sets none itself; none by default. Without network the
    /// runtime tries a turn again forever.
    pub fn turn_deadline(mut self, deadline: Duration) -> Self {
        self.settings.turn_deadline = Some(deadline);
        self
    }

    /// Sets the idle limit of every turn that sets none itself: for how long no event of the turn
    /// may come. None by default.
    pub fn turn_idle_limit(mut self, limit: Duration) -> Self {
        self.settings.turn_idle_limit = Some(limit);
        self
    }

    /// Sets how long `turn/completed` is waited for after a turn was interrupted because it took too
    /// long or was cancelled; 2 seconds by default.
    pub fn interrupt_grace(mut self, grace: Duration) -> Self {
        self.settings.interrupt_grace = grace;
        self
    }

    /// Sets how long each step of ending the process may take.
    pub fn shutdown_grace(mut self, grace: ShutdownGrace) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Records the session, every frame of both sides as it goes over the wire, see
    /// [`recording`](crate::transport::recording). When that fails, so does the connection.
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
