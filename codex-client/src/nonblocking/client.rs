//! A handle of one connection: sends requests and receives events. The only implementation; the
//! blocking API runs it on a parked thread.
//!
//! Handles requests, events and the process; threads, turns and approvals are built on top of it.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use codex_types::{ClientMethod, Method as _, methods};
use serde_core::Serialize;
use serde_json::value::RawValue;

use crate::connection::Subscription;
use crate::connection::cancellation::Cancellation;
use crate::connection::params::Params;
use crate::connection::server_info::ServerInfo;
use crate::connection::session::{GREETING_CHECK, Session};
use crate::connection::settings::{CallOptions, Retry};
use crate::connection::support::Sent;
use crate::connection::timer;
use crate::engine::{Opening, Scope};
use crate::error::{Closed, Error};
use crate::shared::event::Event;
use crate::shared::trace::TraceContext;

mod call;
mod events;

pub use events::Events;

/// A connection to a server. Clones share it; all methods take `&self` and can be called
/// concurrently.
///
/// When the last clone and the last [`Events`] are dropped, the connection is closed and a process
/// it started is killed. Use [`Client::close`] for a graceful shutdown.
///
/// Every future of this type may be dropped at any time: an unsent request is not sent, a sent one
/// is carried out and its response ignored.
#[derive(Clone)]
pub struct Client {
    pub(crate) session: Arc<Session>,
    options: CallOptions,
    pub(crate) cancellation: Option<Cancellation>,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("process_id", &self.process_id())
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self {
            options: session.settings.call.clone(),
            session,
            cancellation: None,
        }
    }

    /// Returns the same connection, with other options for requests.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            options,
            ..self.clone()
        }
    }

    /// Returns the same connection, with another deadline for each request.
    #[doc(alias = "timeout")]
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        let deadline = Some(deadline);
        self.with_options(CallOptions {
            deadline,
            ..self.options.clone()
        })
    }

    /// Returns the same connection, with requests without a deadline. Some responses come only
    /// after the started operation has ended, such as that of `command/exec`.
    #[must_use]
    pub fn without_deadline(&self) -> Self {
        let deadline = None;
        self.with_options(CallOptions {
            deadline,
            ..self.options.clone()
        })
    }

    /// Returns the same connection, with requests that are retried when the server is overloaded.
    #[must_use]
    pub fn with_retry(&self, retry: Retry) -> Self {
        self.with_options(CallOptions {
            retry,
            ..self.options.clone()
        })
    }

    /// Returns the same connection, with requests that another task or thread can cancel, and
    /// thereby with turns that it can interrupt.
    #[doc(alias("abort", "stop"))]
    #[must_use]
    pub fn with_cancellation(&self, cancellation: &Cancellation) -> Self {
        self.cancelled_by(Some(cancellation.clone()))
    }

    pub(crate) fn traced(&self, trace: TraceContext) -> Self {
        self.with_options(CallOptions {
            trace: Some(trace),
            ..self.options.clone()
        })
    }

    pub(crate) fn cancelled_by(&self, cancellation: Option<Cancellation>) -> Self {
        Self {
            cancellation,
            ..self.clone()
        }
    }

    pub(crate) fn in_background(&self) -> Self {
        Self {
            session: Arc::new(self.session.in_background()),
            cancellation: None,
            options: self.options.clone(),
        }
    }

    /// Sends a request and waits for its response. Each method of the protocol has a method of its
    /// own on this type; this one is for generic code.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] for an error response, [`Error::Timeout`], [`Error::Cancelled`],
    /// [`Error::Closed`], [`Error::Decode`] if the response does not have the type of the method,
    /// and [`Error::ExperimentalRequired`] without sending the request.
    pub async fn request<M: ClientMethod>(&self, params: &M::Params) -> Result<M::Response, Error> {
        let params = Params::encode(M::NAME, params);
        let (response, _) = self.checked(Sent::of::<M>(), params, None).await?;
        self.typed(M::NAME, &response)
    }

    /// Sends a request as [`Client::request`] does, and returns its response as it was received.
    pub(crate) async fn request_text<M: ClientMethod>(
        &self,
        params: &M::Params,
    ) -> Result<Box<RawValue>, Error> {
        let params = Params::encode(M::NAME, params);
        let (response, _) = self.checked(Sent::of::<M>(), params, None).await?;
        Ok(response)
    }

    /// Sends a request that starts a turn on a thread, such as `turn/start` or `review/start`, and
    /// subscribes to every event of the turn from the moment the request is sent.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`].
    pub async fn request_turn<M: ClientMethod>(
        &self,
        thread_id: &str,
        params: &M::Params,
    ) -> Result<(M::Response, Events), Error> {
        let params = Params::encode(M::NAME, params);
        self.request_turn_with::<M>(thread_id, params, false).await
    }

    /// The same with encoded parameters, so that others need not exist while it is sent; the events may
    /// include the requests that the turn waits for.
    pub(crate) async fn request_turn_with<M: ClientMethod>(
        &self,
        thread_id: &str,
        params: Result<Params, Error>,
        takes_requests: bool,
    ) -> Result<(M::Response, Events), Error> {
        let opening = Opening::Turn {
            thread: Some(thread_id.to_owned()),
            takes_requests,
        };
        self.open::<M>(params, &opening).await
    }

    /// Sends a request that opens a thread, such as `thread/start` or `thread/resume`, and
    /// subscribes to every event of the thread from the moment the request is sent.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`].
    pub async fn request_thread<M: ClientMethod>(
        &self,
        params: &M::Params,
    ) -> Result<(M::Response, Events), Error> {
        self.open::<M>(Params::encode(M::NAME, params), &Opening::Thread)
            .await
    }

    /// Sends a request that starts a login, and subscribes to every event of it from the moment the
    /// request is sent. There are none for a login that is complete with the response.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`].
    pub async fn request_login<M: ClientMethod>(
        &self,
        params: &M::Params,
    ) -> Result<(M::Response, Events), Error> {
        self.open::<M>(Params::encode(M::NAME, params), &Opening::Login)
            .await
    }

    /// Sends a request with a subscription to the opened item.
    async fn open<M: ClientMethod>(
        &self,
        params: Result<Params, Error>,
        opening: &Opening,
    ) -> Result<(M::Response, Events), Error> {
        let sent = Sent::of::<M>();
        let (response, subscription) = self.checked(sent, params, Some(opening)).await?;
        let response = self.typed(M::NAME, &response)?;
        // Requested above, so it exists.
        let subscription = match subscription {
            Some(subscription) => subscription,
            None => self.session.connection.subscribe(Scope::Everything)?,
        };
        let thread = subscription.thread_id();
        Ok((response, self.events_of(subscription, thread.as_deref())))
    }

    /// Sends any request and returns its raw response, for methods that are unknown to this
    /// version. `null` as parameters sends none.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`], except that nothing is decoded or rejected
    /// locally.
    pub async fn request_raw<P>(&self, method: &str, params: &P) -> Result<Box<RawValue>, Error>
    where
        P: Serialize + ?Sized,
    {
        let params = Params::encode(method, params)?;
        let answered = self.call(method, &params, None).await;
        let (response, _) =
            answered.map_err(|error| error.with_mismatch(self.session.mismatch()))?;
        Ok(response)
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
        self.session.connection.notify(method, params)
    }

    /// Subscribes to every event of the connection from now on. Malformed messages are included, as
    /// [`Error::Protocol`]: the stream continues after them. The first subscription starts with the
    /// warnings of the initialization, such as `configWarning`: the first 64, up to 1 MiB.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn events(&self) -> Result<Events, Error> {
        self.subscribe(Scope::Everything)
    }

    /// Subscribes to every event of a thread from now on, including turns that others started.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn thread_events(&self, thread_id: impl Into<String>) -> Result<Events, Error> {
        self.subscribe(Scope::Thread(thread_id.into()))
    }

    /// Subscribes to every event of a turn from now on, up to the last one. For a turn that this
    /// client starts, [`Client::request_turn`] receives all of its events.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn turn_events(&self, turn_id: impl Into<String>) -> Result<Events, Error> {
        self.subscribe(Scope::Turn(turn_id.into()))
    }

    /// Subscribes to a running turn, and to the requests that it waits for.
    pub(crate) fn attach_events(&self, thread_id: &str, turn_id: &str) -> Result<Events, Error> {
        let subscription = self.session.connection.attach(turn_id)?;
        Ok(self.events_of(subscription, Some(thread_id)))
    }

    /// Subscribes to the events of a thread, and to the requests of the server on it, as events.
    /// Returns those of the requests that are open by now, of all threads.
    pub(crate) fn observe_thread(&self, thread_id: &str) -> Result<(Events, Vec<Event>), Error> {
        let scope = Scope::Thread(thread_id.to_owned());
        let (subscription, open) = self.session.connection.observe(scope)?;
        let open = open.iter().map(|request| request.to_event()).collect();
        Ok((self.events_of(subscription, Some(thread_id)), open))
    }

    fn subscribe(&self, scope: Scope) -> Result<Events, Error> {
        let thread = match &scope {
            Scope::Thread(thread) => Some(thread.clone()),
            _ => None,
        };
        let subscription = self.session.connection.subscribe(scope)?;
        Ok(self.events_of(subscription, thread.as_deref()))
    }

    fn events_of(&self, subscription: Subscription, thread: Option<&str>) -> Events {
        let in_use = thread.and_then(|thread| self.session.threads.hold(thread, None));
        Events::new(subscription, Arc::clone(&self.session), in_use)
    }

    /// Returns the server's information about itself.
    pub fn server_info(&self) -> Option<Arc<ServerInfo>> {
        self.session.info()
    }

    /// Returns whether the connection has the experimental API.
    pub fn has_experimental_api(&self) -> bool {
        self.session.settings.experimental_api()
    }

    /// PID of the child process, if this client spawned one; of the present one, if it is supervised.
    pub fn process_id(&self) -> Option<u32> {
        self.session.process_id()
    }

    /// The tail of the process's stderr so far, at most 16 KiB; empty without a process.
    pub fn stderr_tail(&self) -> String {
        self.session.stderr_tail()
    }

    /// Returns whether the connection is closed.
    pub fn is_closed(&self) -> bool {
        self.session.connection.closed().is_some()
    }

    /// Waits until the connection is closed, by either side, and returns the reason.
    pub async fn closed(&self) -> Arc<Closed> {
        let mut closed = self.session.connection.until_closed();
        poll_fn(|context| closed.poll(context)).await
    }

    /// Performs the handshake; a client that fails it is closed when it is dropped.
    pub(crate) async fn handshake(&self) -> Result<(), Error> {
        let session = &self.session;
        session.settings.check_opt_out()?;
        let response = self.send_initialized().await;
        let response = response.map_err(|error| session.explain_handshake(error))?;
        session.initialized(&response)?;
        self.notify("initialized", &())
    }

    async fn send_initialized(&self) -> Result<Box<RawValue>, Error> {
        let params = &self.session.settings.initialize;
        let mut response = pin!(self.request_raw(methods::Initialize::NAME, params));
        loop {
            match timer::within(Some(GREETING_CHECK), response.as_mut()).await {
                Some(response) => return response,
                None => self.session.check_greeting()?,
            }
        }
    }

    /// Closes the connection, for all clones, and ends a process that this client started: its
    /// input is closed, and after the grace periods it receives `SIGTERM`, then `SIGKILL`. Returns
    /// its status when it is reaped. Every request in flight fails. Idempotent.
    ///
    /// Dropping the future does not stop the closing.
    #[doc(alias("shutdown", "stop"))]
    pub async fn close(&self) -> Option<ExitStatus> {
        self.session.shut_down();
        let watch = self.session.watch()?;
        let status = poll_fn(|context| watch.poll_exit(context)).await;
        self.session.remove_home();
        status
    }
}
