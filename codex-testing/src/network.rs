//! Attempts of a runtime, and of whatever it starts, to leave the loopback interface.
//!
//! Observed without privileges, by two witnesses: a proxy that every HTTP client would have to
//! ask ([`proxy`]), on every platform, and on Linux the sockets of the processes of a harness,
//! as the kernel lists them ([`sampler`]). The first misses nothing that asks it; the second
//! looks every few milliseconds, and can miss a socket that is closed at once.

#[cfg(target_os = "linux")]
mod processes;
mod proxy;
#[cfg(target_os = "linux")]
mod sampler;
#[cfg(target_os = "linux")]
mod sockets;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use self::proxy::Proxy;

/// An attempt to reach something beyond the loopback interface.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutboundAttempt {
    /// The witness that noticed it.
    pub witness: Witness,
    /// The destination: `host:port` or a URL at the proxy, an address of the socket otherwise.
    pub target: String,
    /// The command line of the process, where it is known.
    pub process: Option<String>,
}

/// An observer of [`OutboundAttempt`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Witness {
    /// The proxy that the environment of a harness names; it refuses every request.
    Proxy,
    /// The kernel's list of sockets. Linux only.
    Sockets,
}

impl fmt::Display for OutboundAttempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.process {
            Some(process) => write!(formatter, "{} by `{process}`", self.target),
            None => write!(formatter, "{}", self.target),
        }
    }
}

/// The attempts seen so far, shared with the witnesses.
#[derive(Debug, Default)]
struct Attempts(Mutex<Vec<OutboundAttempt>>);

impl Attempts {
    /// Adds an attempt, once for each process and target.
    fn add(&self, attempt: OutboundAttempt) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains(&attempt) {
            all.push(attempt);
        }
    }

    fn all(&self) -> Vec<OutboundAttempt> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Observes the processes of one harness for as long as it lives.
#[derive(Debug)]
pub(crate) struct Watch {
    attempts: Arc<Attempts>,
    proxy: Option<Proxy>,
    #[cfg(target_os = "linux")]
    _sockets: sampler::Registration,
}

impl Watch {
    /// Observes processes that have `root`, a folder, in their environment, and their children.
    /// Without the proxy only the sockets are observed.
    pub(crate) fn start(root: &Path, with_proxy: bool) -> io::Result<Self> {
        let attempts = Arc::new(Attempts::default());
        let proxy = with_proxy
            .then(|| Proxy::start(Arc::clone(&attempts)))
            .transpose()?;
        // Sockets of other processes can be observed on Linux only.
        #[cfg(not(target_os = "linux"))]
        let _ = root;
        Ok(Self {
            #[cfg(target_os = "linux")]
            _sockets: sampler::register(root, Arc::clone(&attempts))?,
            attempts,
            proxy,
        })
    }

    /// Variables that lead HTTP clients to the proxy.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        self.proxy.as_ref().map_or_else(Vec::new, Proxy::variables)
    }

    pub(crate) fn attempts(&self) -> Vec<OutboundAttempt> {
        self.attempts.all()
    }

    /// Ends the proxy after its pending requests, and returns all attempts.
    pub(crate) fn finish(&mut self) -> Vec<OutboundAttempt> {
        drop(self.proxy.take());
        self.attempts.all()
    }
}
