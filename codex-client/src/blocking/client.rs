//! One connection of the blocking API.

use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use codex_types::ClientMethod;
use serde_core::Serialize;
use serde_json::value::RawValue;

use crate::connection::cancellation::Cancellation;
use crate::connection::park::block_on;
use crate::connection::server_info::ServerInfo;
use crate::connection::session::Session;
use crate::connection::settings::{CallOptions, Retry};
use crate::error::{Closed, Error};
use crate::nonblocking;

mod builder;
#[cfg(feature = "websocket-blocking")]
mod endpoint;
mod events;
mod handler;
mod transport;

pub use crate::generated::blocking::handlers::closures::Handlers;
pub use builder::{ClientBuilder, CodexBuilder};
pub use events::{ApprovalRecords, Events, RecvTimeoutError};
pub use handler::RequestContext;
pub use transport::Transport;

/// A connection to a server. Clones share it; all methods take `&self` and may be used from
/// several threads at the same time.
///
/// When the last clone and the last [`Events`] are dropped, the connection is closed and a
/// process it started is killed. Use [`Client::close`] for a graceful shutdown.
#[derive(Clone, Debug)]
pub struct Client(pub(crate) nonblocking::Client);

impl Client {
    fn new(session: Arc<Session>) -> Self {
        Self(nonblocking::Client::new(session))
    }

    /// Returns a builder of a connection.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Returns the same connection, with other options for requests.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self(self.0.with_options(options))
    }

    /// Returns the same connection, with another deadline for each request.
    #[doc(alias = "timeout")]
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self(self.0.with_deadline(deadline))
    }

    /// Returns the same connection, with requests without a deadline. Some responses come only
    /// after the started operation has ended, such as that of `command/exec`.
    #[must_use]
    pub fn without_deadline(&self) -> Self {
        Self(self.0.without_deadline())
    }

    /// Returns the same connection, with requests that are retried when the server is overloaded.
    #[must_use]
    pub fn with_retry(&self, retry: Retry) -> Self {
        Self(self.0.with_retry(retry))
    }

    /// Returns the same connection, with requests that another thread can cancel, and thereby with
    /// turns that it can interrupt.
    #[doc(alias("abort", "stop"))]
    #[must_use]
    pub fn with_cancellation(&self, cancellation: &Cancellation) -> Self {
        Self(self.0.with_cancellation(cancellation))
    }

    /// Sends a request and waits for its response. Each method of the protocol has a method of its
    /// own on this type; this one is for generic code.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] for an error response, [`Error::Timeout`], [`Error::Cancelled`],
    /// [`Error::Closed`], [`Error::Decode`] if the response does not have the type of the method,
    /// and [`Error::ExperimentalRequired`] without sending the request.
    pub fn request<M: ClientMethod>(&self, params: &M::Params) -> Result<M::Response, Error> {
        block_on(self.0.request::<M>(params))
    }

    /// Sends a request that starts a turn on a thread, such as `turn/start` or `review/start`, and
    /// subscribes to every event of the turn from the moment the request is sent.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`].
    pub fn request_turn<M: ClientMethod>(
        &self,
        thread_id: &str,
        params: &M::Params,
    ) -> Result<(M::Response, Events), Error> {
        block_on(self.0.request_turn::<M>(thread_id, params)).map(with_events)
    }

    /// Sends a request that opens a thread, such as `thread/start` or `thread/resume`, and
    /// subscribes to every event of the thread from the moment the request is sent.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`].
    pub fn request_thread<M: ClientMethod>(
        &self,
        params: &M::Params,
    ) -> Result<(M::Response, Events), Error> {
        block_on(self.0.request_thread::<M>(params)).map(with_events)
    }

    /// Sends a request that starts a login, and subscribes to every event of it from the moment the
    /// request is sent. There are none for a login that is complete with the response.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`].
    pub fn request_login<M: ClientMethod>(
        &self,
        params: &M::Params,
    ) -> Result<(M::Response, Events), Error> {
        block_on(self.0.request_login::<M>(params)).map(with_events)
    }

    /// Sends any request and returns its raw response, for methods that are unknown to this
    /// version. `null` as parameters sends none.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`], except that nothing is decoded or rejected
    /// locally.
    pub fn request_raw<P>(&self, method: &str, params: &P) -> Result<Box<RawValue>, Error>
    where
        P: Serialize + ?Sized,
    {
        block_on(self.0.request_raw(method, params))
    }

    /// Sends a notification, and does not wait for the server to read it. `null` as parameters sends
    /// none.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], [`Error::OutboxFull`] if the server does not read what was sent, and
    /// [`Error::Encode`] if the parameters cannot be written as JSON.
    pub fn notify<P>(&self, method: &str, params: &P) -> Result<(), Error>
    where
        P: Serialize + ?Sized,
    {
        self.0.notify(method, params)
    }

    /// Subscribes to every event of the connection from now on. Malformed messages are included, as
    /// [`Error::Protocol`]: the events continue after them. The first subscription starts with the
    /// warnings of the initialization, such as `configWarning`: the first 64, up to 1 MiB.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn events(&self) -> Result<Events, Error> {
        self.0.events().map(Events)
    }

    /// Subscribes to every event of a thread from now on, including turns that others started.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn thread_events(&self, thread_id: impl Into<String>) -> Result<Events, Error> {
        self.0.thread_events(thread_id).map(Events)
    }

    /// Subscribes to every event of a turn from now on, up to the last one. For a turn that this
    /// client starts, [`Client::request_turn`] receives all of its events.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn turn_events(&self, turn_id: impl Into<String>) -> Result<Events, Error> {
        self.0.turn_events(turn_id).map(Events)
    }

    /// Returns the server's information about itself.
    pub fn server_info(&self) -> Option<Arc<ServerInfo>> {
        self.0.server_info()
    }

    /// Returns whether the connection has the experimental API.
    pub fn has_experimental_api(&self) -> bool {
        self.0.has_experimental_api()
    }

    /// PID of the child process, if this client spawned one.
    pub fn process_id(&self) -> Option<u32> {
        self.0.process_id()
    }

    /// The tail of the process's stderr so far, at most 16 KiB; empty without a process.
    pub fn stderr_tail(&self) -> String {
        self.0.stderr_tail()
    }

    /// Returns whether the connection is closed.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits until the connection is closed, by either side, and returns the reason.
    #[inline]
    pub fn closed(&self) -> Arc<Closed> {
        block_on(self.0.closed())
    }

    /// Closes the connection, for all clones, and ends a process that this client started: its
    /// input is closed, and after the grace periods it receives `SIGTERM`, then `SIGKILL`. Returns
    /// its status when it is reaped. Every request in flight fails. Idempotent.
    #[doc(alias("shutdown", "stop"))]
    #[inline]
    pub fn close(&self) -> Option<ExitStatus> {
        block_on(self.0.close())
    }
}

fn with_events<R>((response, events): (R, nonblocking::Events)) -> (R, Events) {
    (response, Events(events))
}
