//! A thread that looks at the sockets of all harnesses of this program, every few milliseconds,
//! for as long as there are any.
//!
//! A question to a name server may last a millisecond only, but the list of datagram sockets is
//! cheap to read. That of connections is not (the kernel walks a table whose size depends on its
//! memory, for milliseconds), but connections last. Whose a socket is takes longest, so that it is
//! looked up once for each socket that could be on its way out.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::processes::{self, Processes};
use super::sockets::{self, Outbound, Protocol};
use super::{Attempts, OutboundAttempt, Witness};

/// Between two looks at datagram sockets.
const INTERVAL: Duration = Duration::from_millis(5);
/// One look of so many is at connections, too.
const CONNECTIONS_EVERY: u32 = 40;

const CONNECTIONS: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];
const DATAGRAMS: [&str; 2] = ["/proc/net/udp", "/proc/net/udp6"];

/// The harnesses of this program.
static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    watched: Vec::new(),
    running: false,
});

struct Registry {
    watched: Vec<Arc<Watched>>,
    /// True while the thread runs; it ends when there is nothing to watch.
    running: bool,
}

/// A harness, by the folder that its processes have in their environment.
#[derive(Debug)]
struct Watched {
    root: Vec<u8>,
    attempts: Arc<Attempts>,
}

/// Ends the observation of a harness when dropped.
#[derive(Debug)]
pub(super) struct Registration(Arc<Watched>);

pub(super) fn register(root: &Path, attempts: Arc<Attempts>) -> io::Result<Registration> {
    let watched = Arc::new(Watched {
        root: root.as_os_str().as_bytes().to_vec(),
        attempts,
    });
    let mut registry = registry();
    registry.watched.push(Arc::clone(&watched));
    let registration = Registration(watched);
    if !registry.running {
        let thread = thread::Builder::new().name("socket-sampler".to_owned());
        if let Err(error) = thread.spawn(run) {
            drop(registry);
            drop(registration);
            return Err(error);
        }
        registry.running = true;
    }
    Ok(registration)
}

impl Drop for Registration {
    fn drop(&mut self) {
        registry()
            .watched
            .retain(|watched| !Arc::ptr_eq(watched, &self.0));
    }
}

fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run() {
    let (mut connections, mut datagrams) = (BTreeSet::new(), BTreeSet::new());
    for round in 0_u32.. {
        let mut registry = registry();
        if registry.watched.is_empty() {
            registry.running = false;
            return;
        }
        let watched = registry.watched.clone();
        drop(registry);
        sample(&watched, DATAGRAMS, Protocol::Udp, &mut datagrams);
        if round % CONNECTIONS_EVERY == 0 {
            sample(&watched, CONNECTIONS, Protocol::Tcp, &mut connections);
        }
        thread::sleep(INTERVAL);
    }
}

/// Looks once. Sockets in `known` were looked at before.
fn sample(
    watched: &[Arc<Watched>],
    lists: [&str; 2],
    protocol: Protocol,
    known: &mut BTreeSet<u64>,
) {
    let found: Vec<Outbound> = lists
        .iter()
        .flat_map(|path| {
            let list = fs::read_to_string(path).unwrap_or_default();
            sockets::outbound(&list, protocol).collect::<Vec<_>>()
        })
        .collect();
    let is_new = found.iter().any(|socket| !known.contains(&socket.inode));
    if is_new {
        let new = found.iter().filter(|socket| !known.contains(&socket.inode));
        attribute(&new.collect::<Vec<_>>(), watched);
    }
    // Inodes are used again: those that are no longer listed are forgotten.
    *known = found.iter().map(|socket| socket.inode).collect();
}

/// Finds the processes that have these sockets, among those of the harnesses.
fn attribute(found: &[&Outbound], watched: &[Arc<Watched>]) {
    let harness_of = |id: u32| {
        let environment = processes::environment(id)?;
        let mut candidates = watched.iter();
        candidates.find(|watched| contains(&environment, &watched.root))
    };
    // This program has the folders in its environment only by accident.
    let me = std::process::id();
    let processes = Processes::read().descending(|id| (id != me).then(|| harness_of(id))?);
    for (id, harness) in processes {
        let open = processes::sockets(id);
        for socket in found.iter().filter(|socket| open.contains(&socket.inode)) {
            harness.attempts.add(OutboundAttempt {
                witness: Witness::Sockets,
                target: socket.target.clone(),
                process: processes::command_line(id),
            });
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
