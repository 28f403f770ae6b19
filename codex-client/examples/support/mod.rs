//! The environment of the examples: a real model if `OPENAI_API_KEY` is set, otherwise a mock that
//! follows the script of the example. In both cases the runtime is the real one, in folders of its
//! own.

#![allow(dead_code, reason = "no example needs all of it")]

use std::error::Error;

use codex_client::{Codex, Launch, blocking};
use codex_testing::{AppServerHarness, Reply};

/// Owns the model and the folders of the runtime.
pub(crate) enum Stage {
    Mock(Box<AppServerHarness>),
    Real {
        key: String,
        home: tempfile::TempDir,
    },
}

impl Stage {
    /// With the replies of the mock, in order.
    pub(crate) fn new(script: impl IntoIterator<Item = Reply>) -> Result<Self, Box<dyn Error>> {
        if let Ok(key) = std::env::var("OPENAI_API_KEY") {
            let home = tempfile::tempdir()?;
            return Ok(Self::Real { key, home });
        }
        let harness = AppServerHarness::start()?;
        harness.responses().enqueue_all(script);
        Ok(Self::Mock(Box::new(harness)))
    }

    /// The mock, unless a real model is used.
    pub(crate) fn mock(&self) -> Option<&AppServerHarness> {
        match self {
            Self::Mock(harness) => Some(harness),
            Self::Real { .. } => None,
        }
    }

    /// The command of the runtime in this environment, for a builder. A real program needs none of
    /// this: `Codex::builder().build()` is enough.
    pub(crate) fn launch(&self) -> Launch {
        match self {
            Self::Mock(harness) => harness.launch(),
            Self::Real { home, .. } => Launch::new().env("CODEX_HOME", home.path()),
        }
    }

    /// The home of the runtime in this environment.
    pub(crate) fn codex_home(&self) -> std::path::PathBuf {
        match self {
            Self::Mock(harness) => harness.codex_home(),
            Self::Real { home, .. } => home.path().to_owned(),
        }
    }

    /// A Codex with the default settings, logged in.
    pub(crate) async fn codex(&self) -> Result<Codex, codex_client::Error> {
        let codex = Codex::builder().launch(self.launch()).build().await?;
        if let Self::Real { key, .. } = self {
            codex.login_api_key(key).await?;
        }
        Ok(codex)
    }

    /// Logs in for every runtime that is started in this environment later.
    pub(crate) async fn log_in_once(&self) -> Result<(), codex_client::Error> {
        if let Self::Real { .. } = self {
            self.codex().await?.close().await;
        }
        Ok(())
    }

    /// The same with the blocking API.
    pub(crate) fn blocking_codex(&self) -> Result<blocking::Codex, codex_client::Error> {
        let codex = blocking::Codex::builder().launch(self.launch()).build()?;
        if let Self::Real { key, .. } = self {
            codex.login_api_key(key)?;
        }
        Ok(codex)
    }
}
