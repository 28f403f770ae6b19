//! The shared state of all handles of one client, in both APIs.
//!
//! When the last handle is dropped, the connection is closed and the process ended.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use codex_runtime::HomeFolder;
use codex_runtime::child::{Child, ChildPipes, ChildWatch};
use codex_types::rpc::ErrorObject;
use codex_types::{DynamicToolCallParams, Method as _, ThreadStartParams, methods};
use serde_json::value::RawValue;

use super::detached::Detached;
use super::threads::Threads;
use crate::connection::server_info::ServerInfo;
use crate::connection::settings::Settings;
use crate::connection::{Connection, Link};
use crate::engine::Opening;
use crate::error::{CloseReason, Closed, DecodeResponseError, Error, ServerError};
use crate::process::Launch;
use crate::secret::Secret;
use crate::shared::approval::{ApprovalPolicy, ApprovalRequest, PolicyDecision};
use crate::shared::tools::{Called, Tools};

mod checks;
mod ending;
mod handshake;
mod limits;

pub(crate) use ending::{DRAIN_LIMIT, DrainGuard, closed_by_server, leaves_end_to_exit};
use ending::{drain, lose_after_exit};
pub(crate) use handshake::GREETING_CHECK;
pub(crate) use limits::TransportLimits;

/// The shared part of a client. Dropping it ends the connection and the process, whoever else holds
/// the state.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) state: Arc<SessionState>,
    pub(crate) detached: Detached,
    /// False for one of background work, which does not keep the connection open.
    is_owner: bool,
}

/// The state of a session, which its supervisor shares.
#[derive(Debug)]
pub(crate) struct SessionState {
    pub(crate) connection: Arc<Connection>,
    pub(crate) settings: Settings,
    attached: Mutex<Attached>,
    home: OnceLock<Arc<HomeFolder>>,
    info: Mutex<Option<Arc<ServerInfo>>>,
    pub(crate) threads: Threads,
    /// The working directory of the process; `None` without a process.
    pub(crate) folder: Option<PathBuf>,
}

/// The parts of the present link that are replaced by a restart.
#[derive(Debug, Default)]
struct Attached {
    process: Option<Child>,
    /// The started program, if any.
    program: Option<PathBuf>,
    /// Ends a reader that would wait forever.
    reader: Option<ReaderGuard>,
}

/// Ends the reader of a session when it is dropped.
pub(crate) type ReaderGuard = Box<dyn std::fmt::Debug + Send + Sync>;

impl Session {
    /// A session whose process, if it has one, works in this folder.
    pub(crate) fn new(settings: Settings, folder: Option<PathBuf>) -> Self {
        let restores = settings.restart.is_some();
        let state = Arc::new(SessionState {
            connection: Connection::new(settings.limits(), settings.handler_limit),
            settings,
            attached: Mutex::default(),
            home: OnceLock::new(),
            info: Mutex::default(),
            threads: Threads::new(restores),
            folder,
        });
        Self {
            state,
            detached: Detached::default(),
            is_owner: true,
        }
    }

    /// The same session for background work: the connection is closed when all other handles are
    /// dropped, and what is left of the work has the limit of an interrupt.
    pub(crate) fn in_background(&self) -> Self {
        Self {
            state: Arc::clone(&self.state),
            detached: self.detached.clone(),
            is_owner: false,
        }
    }
}

impl Deref for Session {
    type Target = SessionState;

    fn deref(&self) -> &SessionState {
        &self.state
    }
}

impl SessionState {
    fn attached(&self) -> MutexGuard<'_, Attached> {
        self.attached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a process for a link, and connects to its pipes. Under the lock of the present
    /// process, so that closing the session never misses one.
    pub(crate) fn launch(
        &self,
        launch: &Launch,
        link: &Link,
        connect: impl FnOnce(ChildPipes, DrainGuard) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut attached = self.attached();
        if let Some(closed) = self.connection.closed() {
            return Err(closed.into());
        }
        let (drain_guard, is_drained) = drain();
        let exited = link.clone();
        let on_exit = move |watch: &ChildWatch| lose_after_exit(&exited, watch, &is_drained);
        let home = self.home(launch)?;
        let (process, pipes, program) = launch.start(home.as_ref(), on_exit)?;
        attached.process = Some(process);
        attached.program = Some(program);
        drop(attached);
        connect(pipes, drain_guard)
    }

    /// The isolated home of all processes of this session; created for the first one.
    fn home(&self, launch: &Launch) -> Result<Option<Arc<HomeFolder>>, Error> {
        if let Some(home) = self.home.get() {
            return Ok(Some(Arc::clone(home)));
        }
        let created = launch.create_home()?;
        Ok(created.map(|home| Arc::clone(self.home.get_or_init(|| home))))
    }

    /// Removes the isolated home, after the last process has exited.
    pub(crate) fn remove_home(&self) {
        if let Some(home) = self.home.get() {
            home.end();
        }
    }

    /// Keeps the guard of a link's reader.
    pub(crate) fn attach_reader(&self, guard: ReaderGuard) {
        let mut attached = self.attached();
        if self.connection.closed().is_none() {
            attached.reader = Some(guard);
        }
    }

    /// Ends a lost process, without waiting for it, and its reader.
    pub(super) fn detach(&self) -> Option<ChildWatch> {
        let attached = std::mem::take(&mut *self.attached());
        attached.process.as_ref().map(Child::watch)
    }

    /// Closes the connection on request, and ends the process.
    pub(crate) fn shut_down(&self) {
        self.connection.close(Closed::new(CloseReason::ByClient));
        if let Some(process) = &self.attached().process {
            process.shut_down(&self.settings.grace.escalation());
        }
    }

    /// PID of the present process, if there is one.
    pub(crate) fn process_id(&self) -> Option<u32> {
        self.attached().process.as_ref().map(Child::id)
    }

    pub(crate) fn watch(&self) -> Option<ChildWatch> {
        self.attached().process.as_ref().map(Child::watch)
    }

    pub(crate) fn stderr_tail(&self) -> String {
        self.watch()
            .map_or_else(String::new, |watch| watch.stderr_tail())
    }

    /// The decision of a policy about an approval: that of its turn, or that of the connection.
    pub(crate) fn decide(
        &self,
        of_turn: Option<&ApprovalPolicy>,
        request: &ApprovalRequest,
    ) -> Option<PolicyDecision> {
        ApprovalPolicy::decide_in_turn(of_turn, self.settings.policy.as_ref(), request)
    }

    /// Adds the tools of the connection and of a thread to the parameters that the thread is started
    /// with.
    pub(crate) fn offer_tools(
        &self,
        of_thread: &Tools,
        params: &mut ThreadStartParams,
    ) -> Result<(), Error> {
        let method = methods::ThreadStart::NAME;
        let mut tools = self.settings.tools.clone();
        tools.append(of_thread);
        if !tools.is_empty() && !self.settings.experimental_api() {
            let method = format!("a tool (`dynamicTools` of {method})");
            return Err(Error::ExperimentalRequired { method });
        }
        tools.offer(method, &mut params.dynamic_tools)
    }

    /// Finds the tool of a call.
    pub(crate) fn called_tool(&self, call: &DynamicToolCallParams) -> Option<Called> {
        let of_thread = self.connection.thread_tools.of(call.thread_id.as_str());
        Tools::called(of_thread.as_ref(), &self.settings.tools, call)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.is_owner {
            return;
        }
        let state = Arc::clone(&self.state);
        let close = move || {
            state.connection.close(Closed::new(CloseReason::Dropped));
            state.detach();
        };
        if self.process_id().is_some() {
            // Its turns end with the process.
            close();
        } else {
            self.detached.end(self.settings.interrupt_grace, close);
        }
    }
}

/// An error response, with its method.
pub(crate) fn server_error(method: &str, object: ErrorObject) -> Error {
    Error::Server(Box::new(ServerError::new(method, object)))
}

/// A response that does not have the type of its method.
pub(crate) fn decode_error(
    method: &str,
    error: codex_types::DecodeError,
    response: &RawValue,
) -> Error {
    Error::Decode(Box::new(DecodeResponseError {
        method: method.to_owned(),
        error,
        raw: Secret(response.get().into()),
        mismatch: None,
    }))
}

/// The thread of a request, if it is known without decoding the parameters.
pub(crate) fn thread_of(opening: Option<&Opening>) -> Option<&str> {
    match opening? {
        Opening::Turn { thread, .. } => thread.as_deref(),
        Opening::Thread | Opening::Login => None,
    }
}
