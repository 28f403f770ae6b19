//! A server that this program starts, owns, and shares among several clients.

use std::fmt;
use std::future::poll_fn;
#[cfg(unix)]
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use codex_runtime::HomeFolder;
use codex_runtime::child::{Child, ChildPipes, ChildWatch};

#[cfg(unix)]
mod watchdog;

use super::Endpoint;
use crate::connection::park::block_on;
use crate::connection::timer::{sleep, within};
use crate::error::Error;
use crate::process::{Launch, ShutdownGrace};

/// Time limit for a server to listen.
const LIMIT: Duration = Duration::from_secs(60);
/// Interval of the checks whether it listens, which it reports in no other way.
const CHECK: Duration = Duration::from_millis(5);

/// A listening runtime that belongs to this program: any number of clients connect to its
/// [`endpoint`](Server::endpoint), of either API, and share its threads. Dropping it ends the runtime
/// and everything that it has started. If the program is killed, the runtime is ended as well: by a
/// shell on Unix, which waits for that, by the system on Windows.
///
/// ```
/// # #[cfg(unix)]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use codex_client::transport::Server;
/// use codex_client::{Codex, Launch};
///
/// # use codex_testing::{AppServerHarness, Reply};
/// # let harness = AppServerHarness::start()?;
/// # harness.responses().enqueue(Reply::assistant("Hello."));
/// # let folder = tempfile::tempdir()?;
/// # let socket = folder.path().join("codex.sock");
/// let launch = Launch::new();
/// # let launch = harness.launch();
/// let server = Server::at_socket(&launch, socket).await?;
/// let codex = Codex::builder().transport(server.endpoint()).build().await?;
/// let watcher = Codex::builder().transport(server.endpoint()).build().await?;
///
/// let thread = codex.thread_start().await?;
/// let turn = thread.turn("Say hello.").await?;
/// let mut watched = watcher.thread(thread.id()).attach(turn.id()).await?;
/// # assert_eq!(watched.run().await?.final_response.as_deref(), Some("Hello."));
/// server.close().await;
/// # Ok(())
/// # }
/// # #[cfg(not(unix))]
/// # fn main() {}
/// ```
pub struct Server {
    child: Child,
    watch: ChildWatch,
    endpoint: Endpoint,
    grace: ShutdownGrace,
    home: Option<Arc<HomeFolder>>,
    /// Open as long as the server runs.
    _pipes: ChildPipes,
    /// Dropped after the child, which is ended by this program then.
    #[cfg(unix)]
    _watchdog: watchdog::Watchdog,
}

impl Server {
    /// Starts the runtime at a Unix socket, and waits until it listens. The path must not exist; the
    /// socket is accessible to this user only.
    ///
    /// # Errors
    ///
    /// Returns the errors of starting the runtime, and [`Error::Connect`] with its stderr if it ends
    /// before it listens. [`Error::Timeout`] after a minute. It is ended in each case.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the runtime.
    #[cfg(unix)]
    pub async fn at_socket(launch: &Launch, path: impl Into<PathBuf>) -> Result<Self, Error> {
        start(launch, &Place::Socket(path.into())).await
    }

    /// Starts the runtime on a port of this machine that the system chooses, and waits until it
    /// listens. Every user of the machine can connect: prefer [`Server::at_socket`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Server::at_socket`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the runtime.
    pub async fn on_loopback(launch: &Launch) -> Result<Self, Error> {
        start(launch, &Place::Loopback).await
    }

    /// Blocks until [`Server::at_socket`] is complete.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Server::at_socket`].
    #[cfg(unix)]
    pub fn at_socket_blocking(launch: &Launch, path: impl Into<PathBuf>) -> Result<Self, Error> {
        block_on(Self::at_socket(launch, path))
    }

    /// Blocks until [`Server::on_loopback`] is complete.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Server::on_loopback`].
    pub fn on_loopback_blocking(launch: &Launch) -> Result<Self, Error> {
        block_on(Self::on_loopback(launch))
    }

    /// Sets the grace periods of [`Server::close`].
    #[must_use]
    pub fn shutdown_grace(mut self, grace: ShutdownGrace) -> Self {
        self.grace = grace;
        self
    }

    /// The address of the server, for any number of clients.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// PID of the server.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Returns whether the server is running.
    pub fn is_running(&self) -> bool {
        self.watch.exit_status().is_none()
    }

    /// Returns the end of its stderr.
    pub fn stderr_tail(&self) -> String {
        self.watch.stderr_tail()
    }

    /// Ends the server and waits until it has exited: TERM, then KILL. `None` if the system does not
    /// report its exit status.
    #[doc(alias("shutdown", "stop"))]
    pub async fn close(self) -> Option<ExitStatus> {
        self.child.shut_down(&self.grace.termination());
        let status = poll_fn(|context| self.watch.poll_exit(context)).await;
        if let Some(home) = &self.home {
            home.end();
        }
        status
    }

    /// Blocks until [`Server::close`] is complete.
    pub fn close_blocking(self) -> Option<ExitStatus> {
        block_on(self.close())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Server")
            .field("endpoint", &self.endpoint)
            .field("process_id", &self.process_id())
            .finish_non_exhaustive()
    }
}

/// The place where a server listens.
enum Place {
    #[cfg(unix)]
    Socket(PathBuf),
    Loopback,
}

impl Place {
    fn argument(&self) -> String {
        match self {
            #[cfg(unix)]
            Self::Socket(path) => format!("unix://{}", path.display()),
            Self::Loopback => "ws://127.0.0.1:0".to_owned(),
        }
    }

    /// The endpoint, once the server listens.
    fn endpoint(&self, watch: &ChildWatch) -> Option<Endpoint> {
        match self {
            // It prints nothing, and connecting is the only way to detect that it listens.
            #[cfg(unix)]
            Self::Socket(path) => {
                let connected = std::os::unix::net::UnixStream::connect(path);
                connected.ok().map(|_| Endpoint::unix(path))
            }
            Self::Loopback => address(&watch.stderr_tail()).map(Endpoint::url),
        }
    }
}

async fn start(launch: &Launch, place: &Place) -> Result<Server, Error> {
    launch.prepare().await?;
    let home = launch.create_home()?;
    let launch = launch.clone().listening(place.argument());
    #[cfg(unix)]
    let mut watchdog = watchdog::Watchdog::start(launch.folder())?;
    let (child, pipes, _) = launch.start(home.as_ref(), |_| {})?;
    #[cfg(unix)]
    watchdog.guard(child.id()).map_err(|error| Error::Connect {
        endpoint: place.argument(),
        problem: format!("its watchdog has ended: {error}"),
    })?;
    let watch = child.watch();
    let listening = async {
        loop {
            if let Some(endpoint) = place.endpoint(&watch) {
                return Ok(endpoint);
            }
            if let Some(status) = watch.exit_status() {
                let stderr = watch.final_stderr_tail();
                return Err(Error::Connect {
                    endpoint: place.argument(),
                    problem: format!("the server ended ({status}); stderr: {}", stderr.trim()),
                });
            }
            sleep(CHECK).await;
        }
    };
    let endpoint = within(Some(LIMIT), listening).await;
    let endpoint = endpoint.unwrap_or_else(|| {
        Err(Error::Timeout {
            method: "listen".to_owned(),
            after: LIMIT,
        })
    })?;
    Ok(Server {
        child,
        watch,
        endpoint,
        grace: ShutdownGrace::default(),
        home,
        _pipes: pipes,
        #[cfg(unix)]
        _watchdog: watchdog,
    })
}

/// The address in the output of a server that listens, whose line is complete.
fn address(stderr: &str) -> Option<String> {
    let line = stderr
        .split_inclusive('\n')
        .find(|line| line.contains("listening on"))?;
    let start = line.find("ws://")?;
    let end = |letter: char| letter.is_whitespace() || letter == '\u{1b}';
    let rest = line.ends_with('\n').then(|| &line[start..])?;
    rest.split(end).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn address_is_read_from_a_whole_line() {
        let colored = "warning\n  \u{1b}[2mlistening on:\u{1b}[0m \u{1b}[32mws://127.0.0.1:4321\u{1b}[0m\nmore";
        assert_eq!(address(colored).as_deref(), Some("ws://127.0.0.1:4321"));
        assert_eq!(address("listening on: ws://127.0.0.1:43"), None);
        assert_eq!(address("nothing\n"), None);
    }
}
