//! The signals that end the service: Ctrl-C, and the TERM of a service manager.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC, CtrlShutdown, ctrl_c, ctrl_shutdown};

pub(crate) struct Signals {
    #[cfg(unix)]
    of_person: Signal,
    #[cfg(unix)]
    of_manager: Signal,
    #[cfg(windows)]
    of_person: CtrlC,
    #[cfg(windows)]
    of_manager: CtrlShutdown,
}

impl Signals {
    /// Listens from now on.
    pub(crate) fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        let (of_person, of_manager) = (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        );
        #[cfg(windows)]
        let (of_person, of_manager) = (ctrl_c()?, ctrl_shutdown()?);
        Ok(Self {
            of_person,
            of_manager,
        })
    }

    /// Waits for one of them.
    pub(crate) async fn recv(&mut self) {
        tokio::select! {
            _ = self.of_person.recv() => {}
            _ = self.of_manager.recv() => {}
        }
    }
}
