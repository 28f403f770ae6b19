//! The options of a connection.
//!
//! Plain data: nothing here starts or sends anything.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use codex_runtime::VersionPolicy;
use codex_types::{ClientInfo, Field, InitializeCapabilities, InitializeParams};

use crate::connection::session::{DRAIN_LIMIT, TransportLimits};
use crate::connection::supervisor::Restart;
use crate::engine::{Budget, HandlerLimits, Limits};
use crate::error::Error;
use crate::process::ShutdownGrace;
use crate::shared::approval::ApprovalPolicy;
use crate::shared::tools::{Tool, Tools};
use crate::shared::trace::TraceContext;
use crate::transport::DEFAULT_LIMIT;

/// Options of a request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CallOptions {
    /// Time limit of a request, including all retries and the wait for a free slot; `None` for no
    /// limit. One minute by default.
    #[doc(alias = "timeout")]
    pub deadline: Option<Duration>,
    /// The retry policy for requests rejected because the server is overloaded.
    pub retry: Retry,
    /// The trace that requests belong to, and turns that they start; the runtime continues it if the
    /// export of traces is [configured](TraceContext). By default that of the current span with the
    /// feature `opentelemetry`, otherwise none.
    #[doc(alias("opentelemetry", "traceparent"))]
    pub trace: Option<TraceContext>,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self {
            deadline: Some(Duration::from_secs(60)),
            retry: Retry::never(),
            trace: None,
        }
    }
}

/// Retry policy for requests rejected because the server is overloaded. Such a request was not
/// carried out, so that a retry is safe. No other error of a request is ever retried. For turns, see
/// `retry` of [`Thread::run`](crate::Thread::run).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    times: usize,
    shortest: Duration,
    longest: Duration,
}

impl Retry {
    /// Never retries.
    pub fn never() -> Self {
        Self::on_overload(0)
    }

    /// Retries at most this number of times, after pauses that double from a quarter of a second to
    /// two seconds, with random jitter.
    pub fn on_overload(times: usize) -> Self {
        Self {
            times,
            shortest: Duration::from_millis(250),
            longest: Duration::from_secs(2),
        }
    }

    /// Sets the pauses: the first, and the longest.
    #[must_use]
    pub fn backoff(mut self, shortest: Duration, longest: Duration) -> Self {
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

/// The collected options of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) initialize: InitializeParams,
    pub(crate) send_unsupported: bool,
    /// True if the handler decides about approvals.
    pub(crate) handler_decides: bool,
    /// The policy that decides about approvals first.
    pub(crate) policy: Option<ApprovalPolicy>,
    /// The tools of every thread.
    pub(crate) tools: Tools,
    pub(crate) version_policy: VersionPolicy,
    pub(crate) call: CallOptions,
    pub(crate) in_flight: usize,
    pub(crate) event_budget: usize,
    pub(crate) result_budget: usize,
    pub(crate) backpressure: Option<Duration>,
    pub(crate) max_message_size: usize,
    pub(crate) write_timeout: Option<Duration>,
    pub(crate) max_handlers: usize,
    pub(crate) handler_limit: Option<Duration>,
    pub(crate) grace: ShutdownGrace,
    pub(crate) turn_deadline: Option<Duration>,
    pub(crate) turn_idle_limit: Option<Duration>,
    pub(crate) interrupt_grace: Duration,
    pub(crate) recorder: Option<crate::transport::Recorder>,
    /// The policy of a supervised connection.
    pub(crate) restart: Option<Restart>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            initialize: initialize_params(),
            send_unsupported: false,
            handler_decides: false,
            policy: None,
            tools: Tools::default(),
            version_policy: VersionPolicy::default(),
            call: CallOptions::default(),
            in_flight: 64,
            event_budget: 16 << 20,
            result_budget: 256 << 20,
            backpressure: None,
            max_message_size: DEFAULT_LIMIT,
            write_timeout: Some(Duration::from_secs(30)),
            max_handlers: 256,
            handler_limit: None,
            grace: ShutdownGrace::default(),
            turn_deadline: None,
            turn_idle_limit: None,
            interrupt_grace: Duration::from_secs(2),
            recorder: None,
            restart: None,
        }
    }
}

/// Maximum size of the server's open requests, in bytes; further ones are rejected.
const OPEN_REQUESTS: usize = 256 << 20;

/// Notifications that this crate's own handles wait for.
const NEEDED_NOTIFICATIONS: &[&str] = &[
    "account/login/completed",
    "item/completed",
    "item/started",
    "serverRequest/resolved",
    "thread/closed",
    "thread/goal/cleared",
    "thread/goal/updated",
    "turn/completed",
    "turn/started",
];

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
            restores: self.restart.is_some(),
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

    /// Rejects opting out of notifications that the handles of turns, goals and logins wait for.
    pub(crate) fn check_opt_out(&self) -> Result<(), Error> {
        let capabilities = self.initialize.capabilities.as_option();
        let opted_out = capabilities
            .and_then(|capabilities| capabilities.opt_out_notification_methods.as_option());
        let mut opted_out = opted_out.into_iter().flatten();
        match opted_out.find(|method| NEEDED_NOTIFICATIONS.contains(&method.as_str())) {
            None => Ok(()),
            Some(needed) => Err(Error::InvalidArgument {
                method: "initialize".to_owned(),
                problem: format!(
                    "`{needed}` cannot be opted out of: turns, goals, logins and approvals would \
                     wait for it forever"
                ),
            }),
        }
    }

    /// Adds a tool of every thread, which needs the experimental API.
    pub(crate) fn add_tool(&mut self, tool: Tool) {
        self.change_capabilities(|capabilities| capabilities.experimental_api(true));
        self.tools.push(tool);
    }

    /// Returns whether this client decides about approvals.
    pub(crate) fn asks_client(&self) -> bool {
        self.handler_decides || self.policy.is_some()
    }

    /// Rejects the supervision of a connection that cannot be made again.
    pub(crate) fn check_restart(&self, is_repeatable: bool) -> Result<(), Error> {
        if self.restart.is_none() || is_repeatable {
            return Ok(());
        }
        Err(Error::InvalidArgument {
            method: "supervise".to_owned(),
            problem: "a reader and a writer cannot be made again: use a transport from an \
                      `Endpoint` or `Transport::from_fn`, or none"
                .to_owned(),
        })
    }

    /// Returns whether the experimental API is requested.
    pub(crate) fn experimental_api(&self) -> bool {
        let capabilities = self.initialize.capabilities.as_option();
        capabilities.is_some_and(InitializeCapabilities::experimental_api_or_default)
    }

    /// Changes the capabilities in `initialize`.
    pub(crate) fn change_capabilities(
        &mut self,
        change: impl FnOnce(InitializeCapabilities) -> InitializeCapabilities,
    ) {
        let capabilities = self.initialize.capabilities.as_option().cloned();
        let changed = change(capabilities.unwrap_or_default());
        self.initialize.capabilities = Field::Value(changed);
    }
}

/// The default parameters of `initialize`.
fn initialize_params() -> InitializeParams {
    let client = ClientInfo::new("codex-client-rust", env!("CARGO_PKG_VERSION"));
    let capabilities = InitializeCapabilities::new().experimental_api(false);
    InitializeParams::new(client).capabilities(capabilities)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{json, to_value};

    use super::{Retry, Settings};

    #[test]
    fn pauses_grow_to_their_limit_and_end() {
        let retry = Retry::on_overload(5);
        let delays: Vec<Duration> = retry.delays().collect();
        assert_eq!(delays.len(), 5);
        assert!(delays[0] >= Duration::from_millis(250));
        // A random part of the base is added.
        assert!(delays.iter().all(|delay| *delay <= Duration::from_secs(4)));
        assert_eq!(Retry::never().delays().count(), 0);
    }

    #[test]
    fn pauses_of_any_length_do_not_panic() {
        for pause in [Duration::ZERO, Duration::MAX] {
            let retry = Retry::on_overload(3).backoff(pause, Duration::MAX);
            assert_eq!(retry.delays().count(), 3);
        }
    }

    #[test]
    fn initialize_has_only_what_was_set() {
        let settings = Settings::default();
        let plain = json!({
            "clientInfo": {"name": "codex-client-rust", "version": env!("CARGO_PKG_VERSION")},
            "capabilities": {"experimentalApi": false},
        });
        assert_eq!(to_value(&settings.initialize).unwrap(), plain);
        assert!(!settings.experimental_api());
    }
}
