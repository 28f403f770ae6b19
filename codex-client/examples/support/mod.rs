//! Where the examples play: a real model if `OPENAI_API_KEY` is set, otherwise a mock that says
//! what the example's script has for it. Either way the runtime is the real one, in a folder of
//! its own.

#![allow(dead_code, reason = "no example needs all of it")]

use std::error::Error;

use codex_client::{Codex, Launch, blocking};
use codex_testing::{AppServerHarness, Reply};

/// Keeps what the runtime needs for as long as it runs.
pub(crate) enum Stage {
    Mock(Box<AppServerHarness>),
    Real {
        key: String,
        home: tempfile::TempDir,
    },
}

impl Stage {
    /// With what the mock says, reply by reply.
    pub(crate) fn new(script: impl IntoIterator<Item = Reply>) -> Result<Self, Box<dyn Error>> {
        if let Ok(key) = std::env::var("OPENAI_API_KEY") {
            let home = tempfile::tempdir()?;
            return Ok(Self::Real { key, home });
        }
        let harness = AppServerHarness::start()?;
        harness.responses().enqueue_all(script);
        Ok(Self::Mock(Box::new(harness)))
    }

    /// The mock, where it is one.
    pub(crate) fn mock(&self) -> Option<&AppServerHarness> {
        match self {
            Self::Mock(harness) => Some(harness),
            Self::Real { .. } => None,
        }
    }

    /// How to start the runtime here. A program of your own needs nothing of this:
    /// `Codex::builder().build()` is enough.
    pub(crate) fn launch(&self) -> Launch {
        match self {
            Self::Mock(harness) => harness.launch(),
            Self::Real { home, .. } => Launch::new().env("CODEX_HOME", home.path()),
        }
    }

    /// A Codex with the default settings, logged in.
    pub(crate) async fn codex(&self) -> Result<Codex, codex_client::Error> {
        let codex = Codex::builder().launch(self.launch()).build().await?;
        self.log_in(&codex).await?;
        Ok(codex)
    }

    /// Logs in where that is needed.
    pub(crate) async fn log_in(&self, codex: &Codex) -> Result<(), codex_client::Error> {
        match self {
            Self::Mock(_) => Ok(()),
            Self::Real { key, .. } => codex.login_api_key(key).await,
        }
    }

    /// The same on the blocking face.
    pub(crate) fn blocking_codex(&self) -> Result<blocking::Codex, codex_client::Error> {
        let codex = blocking::Codex::builder().launch(self.launch()).build()?;
        if let Self::Real { key, .. } = self {
            codex.login_api_key(key)?;
        }
        Ok(codex)
    }
}
