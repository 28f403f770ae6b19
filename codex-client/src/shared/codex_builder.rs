//! The setters that the builders of `Codex` of both faces share. Without arguments: the snapshot
//! of the public API reads the body.
//!
//! They only hand on; `self.client` is a client's builder, `self.launch` a `Launch`, and
//! `self.call` the `CallOptions`. The types they mention have to be in scope.

macro_rules! codex_builder {
    () => {
        /// Which runtime to start.
        impl CodexBuilder {
            /// Which runtime to start; by default the pinned one, or the one that `CODEX_BIN`
            /// names.
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

            /// The folder the runtime is started in, and threads work in unless told otherwise.
            pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
                self.launch = self.launch.cwd(folder);
                self
            }

            /// Sets a variable of the runtime's environment, on top of this process's.
            pub fn env(
                mut self,
                name: impl Into<std::ffi::OsString>,
                value: impl Into<std::ffi::OsString>,
            ) -> Self {
                self.launch = self.launch.env(name, value);
                self
            }

            /// Everything about how the runtime is started, in one; replaces what was said.
            pub fn launch(mut self, launch: Launch) -> Self {
                self.launch = launch;
                self
            }
        }

        /// How to deal with it.
        impl CodexBuilder {
            /// Who this client is: a name for logs and headers, and a version. The name must be
            /// a valid HTTP header value.
            pub fn client_info(
                mut self,
                name: impl Into<String>,
                version: impl Into<String>,
            ) -> Self {
                self.client = self.client.client_info(name, version);
                self
            }

            /// Who this client is, for people.
            pub fn client_title(mut self, title: impl Into<String>) -> Self {
                self.client = self.client.client_title(title);
                self
            }

            /// Whether to ask for the experimental API; not by default.
            pub fn experimental_api(mut self, enabled: bool) -> Self {
                self.client = self.client.experimental_api(enabled);
                self
            }

            /// Whether the runtime may ask for attestations (`attestation/generate`), which it
            /// sends along with model requests under an account; not by default.
            pub fn request_attestation(mut self, enabled: bool) -> Self {
                self.client = self.client.request_attestation(enabled);
                self
            }

            /// Notifications that the runtime shall not send, by their exact methods.
            pub fn opt_out<I>(mut self, methods: I) -> Self
            where
                I: IntoIterator,
                I::Item: Into<String>,
            {
                self.client = self.client.opt_out(methods);
                self
            }

            /// What to do about a runtime whose version is not the pinned one; a warning in
            /// the log by default.
            pub fn version_policy(mut self, policy: VersionPolicy) -> Self {
                self.client = self.client.version_policy(policy);
                self
            }

            /// How long a request may take; one minute by default. A turn may take longer than
            /// the request that starts it.
            pub fn deadline(mut self, deadline: Duration) -> Self {
                self.call.deadline = Some(deadline);
                self
            }

            /// Whether a request is sent again that an overloaded runtime refused; not by
            /// default.
            pub fn retry(mut self, retry: crate::Retry) -> Self {
                self.call.retry = retry;
                self
            }

            /// Who answers the runtime's requests, such as approvals. By default nobody: commands
            /// and file changes are declined, and everything else is refused. A thread asks only
            /// with [`ApprovalMode::AskClient`](crate::ApprovalMode::AskClient).
            pub fn handler(mut self, handler: impl ServerRequestHandler) -> Self {
                self.client = self.client.handler(handler);
                self
            }

            /// How long the handler may take for one request; as long as it likes by default.
            pub fn handler_limit(mut self, limit: Duration) -> Self {
                self.client = self.client.handler_limit(limit);
                self
            }

            /// How many requests are handled at the same time; 256 by default. See
            /// [`ClientBuilder::max_handlers`](crate::ClientBuilder::max_handlers).
            pub fn max_handlers(mut self, handlers: usize) -> Self {
                self.client = self.client.max_handlers(handlers);
                self
            }

            /// How many bytes of events may wait for each subscriber; 16 MiB by default. See
            /// [`ClientBuilder::event_budget`](crate::ClientBuilder::event_budget).
            pub fn event_budget(mut self, bytes: usize) -> Self {
                self.client = self.client.event_budget(bytes);
                self
            }

            /// How long everybody waits for a subscriber who reads but is behind; next to
            /// nothing by default. See
            /// [`ClientBuilder::backpressure`](crate::ClientBuilder::backpressure).
            pub fn backpressure(mut self, limit: Duration) -> Self {
                self.client = self.client.backpressure(limit);
                self
            }

            /// How many bytes one message of the runtime may have; 256 MiB by default. See
            /// [`ClientBuilder::max_message_size`](crate::ClientBuilder::max_message_size).
            pub fn max_message_size(mut self, bytes: usize) -> Self {
                self.client = self.client.max_message_size(bytes);
                self
            }

            /// How long the runtime may read nothing of what is sent to it; 30 seconds by
            /// default. See [`ClientBuilder::write_timeout`](crate::ClientBuilder::write_timeout).
            pub fn write_timeout(mut self, limit: Option<Duration>) -> Self {
                self.client = self.client.write_timeout(limit);
                self
            }

            /// How long each step of ending the process may take.
            pub fn shutdown_grace(mut self, grace: ShutdownGrace) -> Self {
                self.client = self.client.shutdown_grace(grace);
                self
            }

            /// Records the session, every frame of both sides as it goes over the wire, see
            /// [`recording`](crate::transport::recording). When that fails, so does the connection.
            #[cfg(feature = "record")]
            pub fn record(mut self, recorder: &crate::transport::recording::Recorder) -> Self {
                self.client = self.client.record(recorder);
                self
            }
        }
    };
}
pub(crate) use codex_builder;
