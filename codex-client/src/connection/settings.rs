//! What a client is told before it connects, for both faces.
//!
//! Plain data: nothing here starts or sends anything.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use codex_runtime::VersionPolicy;
use serde_json::{Value, json};

use crate::connection::session::{DRAIN_LIMIT, TransportLimits};
use crate::engine::{Budget, HandlerLimits, Limits};
use crate::process::ShutdownGrace;
use crate::transport::DEFAULT_LIMIT;

/// How one request is treated.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CallOptions {
    /// How long a request may take, all retries and the wait for a free slot included;
    /// `None` for as long as the connection lasts. One minute unless said otherwise.
    pub deadline: Option<Duration>,
    /// Whether a request that an overloaded server refused is sent again.
    pub retry: Retry,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self {
            deadline: Some(Duration::from_secs(60)),
            retry: Retry::never(),
        }
    }
}

/// Whether and when a request is sent again that the server refused because it had too much
/// to do. Such a request was not carried out, so that nothing happens twice. No other error is
/// ever retried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    times: usize,
    shortest: Duration,
    longest: Duration,
}

impl Retry {
    /// Overload is an error like any other.
    pub fn never() -> Self {
        Self::on_overload(0)
    }

    /// Sends the request again so many times at most, after pauses that double from a quarter
    /// of a second to two seconds, each with a random share.
    pub fn on_overload(times: usize) -> Self {
        Self {
            times,
            shortest: Duration::from_millis(250),
            longest: Duration::from_secs(2),
        }
    }

    /// The same with other pauses: the first, and the longest.
    #[must_use]
    pub fn pauses(mut self, shortest: Duration, longest: Duration) -> Self {
        (self.shortest, self.longest) = (shortest, longest);
        self
    }

    pub(crate) fn delays(self) -> ExponentialBackoff {
        ExponentialBuilder::new()
            .with_min_delay(self.shortest)
            .with_max_delay(self.longest)
            .with_max_times(self.times)
            .with_jitter()
            .build()
    }
}

/// What the builders of both faces collect.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) version: String,
    pub(crate) experimental_api: bool,
    pub(crate) attestation: bool,
    pub(crate) opt_out: Vec<String>,
    pub(crate) version_policy: VersionPolicy,
    pub(crate) call: CallOptions,
    pub(crate) in_flight: usize,
    pub(crate) event_budget: usize,
    pub(crate) backpressure: Option<Duration>,
    pub(crate) max_message_size: usize,
    pub(crate) write_timeout: Option<Duration>,
    pub(crate) max_handlers: usize,
    pub(crate) handler_limit: Option<Duration>,
    pub(crate) grace: ShutdownGrace,
    #[cfg(feature = "record")]
    pub(crate) recorder: Option<crate::transport::recording::Recorder>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "codex-client-rust".to_owned(),
            title: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            experimental_api: false,
            attestation: false,
            opt_out: Vec::new(),
            version_policy: VersionPolicy::default(),
            call: CallOptions::default(),
            in_flight: 64,
            event_budget: 16 << 20,
            backpressure: None,
            max_message_size: DEFAULT_LIMIT,
            write_timeout: Some(Duration::from_secs(30)),
            max_handlers: 256,
            handler_limit: None,
            grace: ShutdownGrace::default(),
            #[cfg(feature = "record")]
            recorder: None,
        }
    }
}

/// How many bytes of requests of the server may be open; beyond it they are refused.
const OPEN_REQUESTS: usize = 256 << 20;

impl Settings {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            in_flight: self.in_flight,
            budget: Budget {
                droppable: self.event_budget,
                lifecycle: self.event_budget.saturating_mul(4),
                lossless: self.backpressure.is_some(),
            },
            requests: HandlerLimits {
                handlers: self.max_handlers,
                weight: OPEN_REQUESTS,
            },
        }
    }

    pub(crate) fn transport_limits(&self) -> TransportLimits {
        let grace = self.grace;
        let linger = grace.after_eof.saturating_add(grace.after_terminate);
        TransportLimits {
            message: self.max_message_size,
            backpressure: self.backpressure,
            write: self.write_timeout,
            linger: linger.saturating_add(DRAIN_LIMIT),
        }
    }

    /// The parameters of `initialize`.
    pub(crate) fn initialize_params(&self) -> Value {
        let mut client = json!({"name": self.name, "version": self.version});
        if let Some(title) = &self.title {
            client["title"] = json!(title);
        }
        let mut capabilities = json!({"experimentalApi": self.experimental_api});
        if self.attestation {
            capabilities["requestAttestation"] = json!(true);
        }
        if !self.opt_out.is_empty() {
            capabilities["optOutNotificationMethods"] = json!(self.opt_out);
        }
        json!({"clientInfo": client, "capabilities": capabilities})
    }
}

/// The setters that the builders of both faces share; `self.settings` is a [`Settings`].
macro_rules! shared_setters {
    () => {
        /// Who this client is: a name for logs and headers, and a version. The name must be
        /// a valid HTTP header value.
        pub fn client_info(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
            self.settings.name = name.into();
            self.settings.version = version.into();
            self
        }

        /// Who this client is, for people.
        pub fn client_title(mut self, title: impl Into<String>) -> Self {
            self.settings.title = Some(title.into());
            self
        }

        /// Whether to ask for the experimental API; not by default. Without it, experimental
        /// methods are refused before they are sent.
        pub fn experimental_api(mut self, enabled: bool) -> Self {
            self.settings.experimental_api = enabled;
            self
        }

        /// Whether the server may ask for attestations (`attestation/generate`), which it
        /// sends along with model requests under an account; not by default.
        pub fn request_attestation(mut self, enabled: bool) -> Self {
            self.settings.attestation = enabled;
            self
        }

        /// Notifications that the server shall not send on this connection, by their exact
        /// methods.
        pub fn opt_out<I>(mut self, methods: I) -> Self
        where
            I: IntoIterator,
            I::Item: Into<String>,
        {
            self.settings
                .opt_out
                .extend(methods.into_iter().map(Into::into));
            self
        }

        /// What to do about a runtime whose version is not the pinned one; a warning in the
        /// log by default.
        pub fn version_policy(mut self, policy: codex_runtime::VersionPolicy) -> Self {
            self.settings.version_policy = policy;
            self
        }

        /// How requests are treated unless a call says otherwise.
        pub fn call_options(mut self, options: crate::CallOptions) -> Self {
            self.settings.call = options;
            self
        }

        /// How many requests may be in flight; 64 by default. The others wait for a slot.
        /// The runtime drops answers when it is asked several hundred things at once.
        pub fn max_in_flight(mut self, requests: usize) -> Self {
            self.settings.in_flight = requests;
            self
        }

        /// How many bytes of events may wait for each subscriber; 16 MiB by default. What was
        /// handed out does not count, and the event that fills the budget is still taken, however
        /// large it is: a subscriber who reads gets it.
        ///
        /// What exceeds it is dropped and reported as [`Error::Lagged`](crate::Error::Lagged).
        /// Events that show a whole state, such as `turn/diff/updated`, have as much for
        /// themselves, and a newer one takes the place of the older. Lifecycle events are never
        /// dropped: they have four times as much, and a subscription that uses up even that ends
        /// ([`Error::Overrun`](crate::Error::Overrun)).
        pub fn event_budget(mut self, bytes: usize) -> Self {
            self.settings.event_budget = bytes;
            self
        }

        /// How long the whole connection waits for a subscriber who reads but is behind, before
        /// events are dropped for it. With `Duration::MAX` a subscriber who reads loses nothing,
        /// and everybody is as slow as the slowest; one who never reads is never waited for.
        ///
        /// By default a slow subscriber costs the others next to nothing: 4 ms at once and a
        /// fortieth of the time, except that one who reads gets a second to take lifecycle
        /// events.
        pub fn backpressure(mut self, limit: std::time::Duration) -> Self {
            self.settings.backpressure = Some(limit);
            self
        }

        /// How many bytes one message of the server may have; 256 MiB by default. A longer one
        /// closes the connection: what waits for it would wait for ever. It holds for a line, a
        /// message of a websocket, and all fragments of one, and is enforced before memory is
        /// reserved.
        pub fn max_message_size(mut self, bytes: usize) -> Self {
            self.settings.max_message_size = bytes;
            self
        }

        /// How long the server may read nothing of what is sent to it before the connection is
        /// closed; 30 seconds by default, and a second more for each 64 KiB that are written at
        /// once. `None` waits for as long as the connection lasts.
        ///
        /// Meanwhile up to 16 MiB of notifications wait, and the server is not read any more when
        /// as much of what it asked for does. A transport of the blocking API that does not
        /// know time limits by itself is not covered.
        pub fn write_timeout(mut self, limit: Option<std::time::Duration>) -> Self {
            self.settings.write_timeout = limit;
            self
        }

        /// How many requests of the server are handled at the same time; 256 by default, and one
        /// at least. The others wait for their turn, up to 256 MiB of them; what exceeds that is
        /// refused. In the blocking API each of them takes a thread.
        pub fn max_handlers(mut self, handlers: usize) -> Self {
            self.settings.max_handlers = handlers;
            self
        }

        /// How long a request of the server may take to be answered, waiting for a free handler
        /// included; as long as it likes by default, because a person may have to decide. After
        /// it the safe default is sent.
        pub fn handler_limit(mut self, limit: std::time::Duration) -> Self {
            self.settings.handler_limit = Some(limit);
            self
        }

        /// How long each step of ending the process may take.
        pub fn shutdown_grace(mut self, grace: crate::ShutdownGrace) -> Self {
            self.settings.grace = grace;
            self
        }

        /// Records the session, every frame of both sides as it goes over the wire. When that
        /// fails, so does the connection.
        #[cfg(feature = "record")]
        pub fn record(mut self, recorder: &crate::transport::recording::Recorder) -> Self {
            self.settings.recorder = Some(recorder.clone());
            self
        }
    };
}
pub(crate) use shared_setters;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::{Retry, Settings};

    #[test]
    fn pauses_grow_to_their_limit_and_end() {
        let retry = Retry::on_overload(5);
        let delays: Vec<Duration> = retry.delays().collect();
        assert_eq!(delays.len(), 5);
        assert!(delays[0] >= Duration::from_millis(250));
        // A random share of the base comes on top.
        assert!(delays.iter().all(|delay| *delay <= Duration::from_secs(4)));
        assert_eq!(Retry::never().delays().count(), 0);
    }

    #[test]
    fn initialize_says_only_what_was_set() {
        let mut settings = Settings {
            name: "n".into(),
            version: "1".into(),
            ..Settings::default()
        };
        let plain = json!({
            "clientInfo": {"name": "n", "version": "1"},
            "capabilities": {"experimentalApi": false},
        });
        assert_eq!(settings.initialize_params(), plain);
        settings.title = Some("t".into());
        settings.opt_out = vec!["thread/started".into()];
        settings.experimental_api = true;
        settings.attestation = true;
        let full = json!({
            "clientInfo": {"name": "n", "version": "1", "title": "t"},
            "capabilities": {
                "experimentalApi": true,
                "requestAttestation": true,
                "optOutNotificationMethods": ["thread/started"],
            },
        });
        assert_eq!(settings.initialize_params(), full);
    }
}
