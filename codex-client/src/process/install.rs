//! The installation of the runtime before it is started.
//!
//! [`codex_runtime::Installer`] does the work; here is the wait for it, on a thread, so that neither
//! API blocks an executor.

use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use codex_runtime::child::Handover;
use codex_runtime::{Installer, RuntimeSource, Step};

use super::{Install, Launch};
use crate::connection::park;
use crate::error::Error;
use crate::shared::builder::Builder;

/// Receives the steps of an installation, on its thread.
type Report = dyn Fn(&Step) + Send + Sync;

/// The options of the installation.
#[derive(Clone, Default)]
pub(super) struct Installation {
    when: Install,
    progress: Option<Arc<Report>>,
}

impl fmt::Debug for Installation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.when.fmt(formatter)
    }
}

impl Launch {
    /// Installs the pinned runtime before it is started, if it is missing. A runtime that is named by
    /// its binary, by `CODEX_BIN` or by the search path is never installed.
    #[must_use]
    pub fn install(mut self, install: Install) -> Self {
        self.installation.when = install;
        self
    }

    /// Sets the function that receives the steps of an installation, with the bytes of those that
    /// can be measured. It is called on the thread of the installation, often, and should return soon.
    #[must_use]
    pub fn install_progress(mut self, report: impl Fn(&Step) + Send + Sync + 'static) -> Self {
        self.installation.progress = Some(Arc::new(report));
        self
    }

    /// Installs the runtime if that is asked for and necessary.
    pub(crate) async fn prepare(&self) -> Result<(), Error> {
        if self.installation.when == Install::Never {
            return Ok(());
        }
        let environment = self.located_in();
        let is_pinned = match self.source {
            RuntimeSource::Auto => environment.codex_bin().is_none(),
            RuntimeSource::Pinned => true,
            _ => false,
        };
        if !is_pinned {
            return Ok(());
        }
        let progress = self.installation.progress.clone();
        let installed = on_thread(move || {
            let installer = Installer::new(&environment)?;
            installer.install(&mut |step: &Step| {
                if let Some(report) = &progress {
                    report(step);
                }
            })?;
            Ok(())
        });
        installed.await
    }
}

/// Runs a function on a thread of its own. It continues if the future is dropped.
async fn on_thread(
    work: impl FnOnce() -> Result<(), codex_runtime::Error> + Send + 'static,
) -> Result<(), Error> {
    let outcome = Handover::new();
    let done = outcome.clone();
    let run = move || done.put(catch_unwind(AssertUnwindSafe(work)));
    park::spawn("codex-installer", Box::new(run)).map_err(|error| Error::Start {
        program: "the thread of the installation".into(),
        error: Arc::new(error),
    })?;
    match poll_fn(|context| outcome.poll(context)).await {
        Ok(result) => result.map_err(Error::from),
        // A panic of the caller's function is the caller's.
        Err(panic) => resume_unwind(panic),
    }
}

/// Installation of the runtime, with the feature `install`.
impl<T, A> Builder<T, A> {
    /// Installs the pinned runtime before it is started, if it is missing; by default that is an
    /// error. `build` waits for it without blocking its thread. If the future is dropped, the
    /// installation continues; another one, of this process or another, waits for it.
    ///
    /// Neither a runtime that is named by its binary or by `CODEX_BIN`, nor one with a transport, is
    /// installed.
    #[doc(alias("download", "setup"))]
    pub fn install(mut self, install: Install) -> Self {
        self.launch = self.launch.install(install);
        self
    }

    /// Sets the function that receives the steps of an installation, with the bytes of those that
    /// can be measured. It is called on the thread of the installation, often, and should return soon.
    pub fn install_progress(mut self, report: impl Fn(&Step) + Send + Sync + 'static) -> Self {
        self.launch = self.launch.install_progress(report);
        self
    }
}
