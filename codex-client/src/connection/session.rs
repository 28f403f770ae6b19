//! The shared state of all handles of one client, in both APIs.
//!
//! When the last handle is dropped, the connection is closed and the process ended.

use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::support::{Sent, Server};
use codex_runtime::child::{Child, ChildPipes, ChildWatch};
use codex_runtime::{HomeFolder, VersionMismatch, VersionPolicy};
use codex_types::Stability;
use codex_types::rpc::ErrorObject;
use codex_types::{DynamicToolCallParams, Method as _, ThreadStartParams, methods};
use serde_json::value::RawValue;

use super::detached::Detached;
use super::params::Params;
use super::threads::Threads;
use crate::connection::server_info::ServerInfo;
use crate::connection::settings::Settings;
use crate::connection::{Connection, LIMIT_AFTER_NOISE, Link, plain_text};
use crate::engine::Opening;
use crate::error::{CloseReason, Closed, DecodeResponseError, Error, HandshakeError, ServerError};
use crate::process::Launch;
use crate::secret::Secret;
use crate::shared::approval::{ApprovalPolicy, ApprovalRequest, PolicyDecision};
use crate::shared::tools::{Called, Tools};
use crate::transport::ClosedWithCode;

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

/// Signals, when it is dropped, that all output of the process was read.
#[derive(Debug)]
pub(crate) struct DrainGuard(#[expect(dead_code, reason = "its drop is the message")] Sender<()>);

/// Time limit for reading the remaining output of an ended process, because a descendant may keep
/// it open; and for the exit of a process after the end of its output.
pub(crate) const DRAIN_LIMIT: Duration = Duration::from_millis(500);

/// Interval at which the handshake checks for other output instead of a response.
pub(crate) const GREETING_CHECK: Duration = Duration::from_millis(500);

/// The limits of a connection's reader and writer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TransportLimits {
    /// Maximum size of a message of the server, in bytes.
    pub(crate) message: usize,
    /// The program's limit of backpressure, if set.
    pub(crate) backpressure: Option<Duration>,
    /// Time limit for a write without progress; `None` for no limit.
    pub(crate) write: Option<Duration>,
    /// Time limit for both after the close.
    pub(crate) linger: Duration,
}

/// Bytes that add a second to the time limit of a write.
const SLOWEST: usize = 64 * 1024;

impl TransportLimits {
    /// Time limit for writing this number of bytes.
    pub(crate) fn write(&self, bytes: usize) -> Option<Duration> {
        let size = Duration::from_secs((bytes / SLOWEST).try_into().unwrap_or(u64::MAX));
        Some(self.write?.saturating_add(size))
    }

    /// The error of a server that does not read.
    pub(crate) fn not_read(&self, bytes: usize) -> io::Error {
        let limit = self.write(bytes).unwrap_or_default();
        let problem = format!(
            "the server does not read: {bytes} bytes were not written within {limit:?} (`write_timeout`)"
        );
        io::Error::new(io::ErrorKind::TimedOut, problem)
    }
}

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
        let (drained, is_drained) = channel();
        let exited = link.clone();
        let on_exit = move |watch: &ChildWatch| lose_after_exit(&exited, watch, &is_drained);
        let home = self.home(launch)?;
        let (process, pipes, program) = launch.start(home.as_ref(), on_exit)?;
        attached.process = Some(process);
        attached.program = Some(program);
        drop(attached);
        connect(pipes, DrainGuard(drained))
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

    /// The server's information about itself, from the last initialization.
    pub(crate) fn info(&self) -> Option<Arc<ServerInfo>> {
        self.info
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Rejects a method that needs a capability this client does not have, and methods and
    /// parameters that are newer than the connected server.
    pub(crate) fn check(&self, sent: &Sent, params: &Params) -> Result<(), Error> {
        let experimental_api = self.settings.experimental_api();
        if sent.stability == Stability::Experimental && !experimental_api {
            let method = sent.method.to_owned();
            return Err(Error::ExperimentalRequired { method });
        }
        let info = self.info().filter(|_| !self.settings.send_unsupported);
        let Some(server) = info.as_ref().and_then(|info| self.server(info)) else {
            return Ok(());
        };
        let stable = sent.stable_since.filter(|_| !experimental_api);
        match server.unknown(sent.method, stable.or(sent.since), params.outline()) {
            None => Ok(()),
            Some(unknown) => Err(Error::Unsupported {
                what: unknown.what,
                since: unknown.since.to_owned(),
                server: server.version.clone(),
            }),
        }
    }

    /// Returns whether the server supports a parameter; assumed if its version is unknown.
    pub(crate) fn knows(&self, method: &str, path: &[&str]) -> bool {
        let info = self.info();
        let server = info.as_ref().and_then(|info| self.server(info));
        server.is_none_or(|server| server.knows(method, path))
    }

    /// Returns whether the response to this method can leave the turns of the thread out.
    pub(crate) fn excludes_turns(&self, method: &str) -> bool {
        self.knows(method, &["excludeTurns"])
    }

    fn server<'a>(&self, info: &'a ServerInfo) -> Option<Server<'a>> {
        Some(Server {
            version: info.version.as_ref()?,
            experimental_api: self.settings.experimental_api(),
        })
    }

    /// The version mismatch, if the server is not the one this client was built for.
    pub(crate) fn mismatch(&self) -> Option<VersionMismatch> {
        let info = self.info()?;
        VersionPolicy::Warn
            .check(info.version.as_ref()?)
            .ok()
            .flatten()
    }

    /// Fails if the server has written other output, and no message in time after it: the handshake
    /// cannot succeed then.
    pub(crate) fn check_greeting(&self) -> Result<(), Error> {
        if self.connection.greeting().is_no_server() {
            let problem = format!(
                "the output of the server is no message, and none followed within {LIMIT_AFTER_NOISE:?}"
            );
            let reason = CloseReason::Transport(problem);
            return Err(Arc::new(Closed::new(reason)).into());
        }
        Ok(())
    }

    /// Explains a handshake that failed without a reason from the server.
    pub(crate) fn explain_handshake(&self, error: Error) -> Error {
        let unexpected_output = self.connection.greeting().unreadable();
        let is_unexplained = matches!(error, Error::Timeout { .. } | Error::Closed(_));
        let watch = self.watch();
        if !is_unexplained || (watch.is_none() && unexpected_output.is_empty()) {
            return error;
        }
        let stderr_tail = watch.map_or_else(String::new, |watch| watch.final_stderr_tail());
        Error::Handshake(Box::new(HandshakeError {
            cause: error,
            program: self.attached().program.clone(),
            unexpected_output: Secret(plain_text(&unexpected_output)),
            stderr_tail: Secret(stderr_tail),
        }))
    }

    /// Rejects a working directory that does not exist, before a thread is started in it. Only if
    /// the server is a process on this machine.
    pub(crate) fn check_folder(&self, method: &str, folder: Option<&str>) -> Result<(), Error> {
        let (Some(base), Some(folder)) = (&self.folder, folder) else {
            return Ok(());
        };
        if base.join(Path::new(folder)).is_dir() {
            return Ok(());
        }
        Err(Error::InvalidArgument {
            method: method.to_owned(),
            problem: format!("the working folder {folder} does not exist or is no folder"),
        })
    }

    /// Takes in the response to `initialize`.
    pub(crate) fn initialized(&self, response: &RawValue) -> Result<(), Error> {
        let info = ServerInfo::read(response, self.connection.config_warnings())
            .map_err(|error| decode_error("initialize", error, response))?;
        if info.version.is_none() {
            tracing::warn!(
                user_agent = info.user_agent,
                "the server reports no version"
            );
        }
        let policy = self.settings.version_policy;
        let mismatch = info.version.as_ref().map(|version| policy.check(version));
        if let Some(mismatch) = mismatch.transpose()?.flatten() {
            tracing::warn!(%mismatch, "not the runtime this client was built for");
        }
        *self.info.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(info));
        if let Some(mismatch) = self.mismatch() {
            self.connection.note_mismatch(mismatch);
        }
        Ok(())
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

/// Runs on the process's thread: waits for its last output, then ends the link.
fn lose_after_exit(link: &Link, watch: &ChildWatch, drained: &Receiver<()>) {
    // Disconnected is the normal case; a timeout means that another process keeps the output open.
    let _ = drained.recv_timeout(DRAIN_LIMIT);
    link.lose(Closed {
        reason: CloseReason::ByServer,
        exit_status: watch.exit_status(),
        stderr_tail: watch.final_stderr_tail(),
    });
}

/// Returns whether the end of reading is left to the exit of the process, which has more information
/// and ends the link: not without a process, nor for an error that the client itself detects. Signals
/// then that all output was read.
pub(crate) fn leaves_end_to_exit(
    guard: &mut Option<DrainGuard>,
    error: Option<&io::Error>,
) -> bool {
    if let Some(error) = error {
        tracing::warn!(%error, "reading failed");
    }
    let is_ours = error.is_some_and(|error| error.kind() == io::ErrorKind::InvalidData);
    !is_ours && guard.take().is_some()
}

/// The reason of a close that the reader detects, without a process.
pub(crate) fn closed_by_server(error: Option<&io::Error>) -> Closed {
    let Some(error) = error else {
        return Closed::new(CloseReason::ByServer);
    };
    let code = error.get_ref().and_then(|error| error.downcast_ref());
    Closed::new(match code {
        Some(ClosedWithCode { code, reason }) => CloseReason::WebSocket {
            code: *code,
            reason: reason.clone(),
        },
        None => CloseReason::Transport(format!("the transport failed: {error}")),
    })
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
