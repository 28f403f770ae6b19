//! A runtime with an account, or with a mocked model.

use std::path::PathBuf;

use codex_client::{Codex, CodexBuilder, Launch};
use codex_testing::{AppServerHarness, Reply};

/// A runtime, and the folder it works in.
pub(crate) struct World {
    harness: Option<AppServerHarness>,
    folder: tempfile::TempDir,
}

/// Whether the account of the user is to be used.
fn is_live() -> bool {
    std::env::var_os("CODEX_LIVE").is_some_and(|value| value == "1")
}

impl World {
    /// A world whose model, if it is mocked, says this.
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let harness = (!is_live()).then(|| AppServerHarness::start().unwrap());
        if let Some(harness) = &harness {
            harness.responses().enqueue_all(replies);
        }
        Self { harness, folder }
    }

    /// The working folder.
    pub(crate) fn folder(&self) -> PathBuf {
        match &self.harness {
            Some(harness) => harness.workspace(),
            None => self.folder.path().to_owned(),
        }
    }

    pub(crate) fn launch(&self) -> Launch {
        match &self.harness {
            Some(harness) => harness.launch(),
            None => Launch::new().cwd(self.folder.path()),
        }
    }

    pub(crate) async fn codex(&self) -> Codex {
        self.codex_with(|builder| builder).await
    }

    pub(crate) async fn codex_with(
        &self,
        setup: impl FnOnce(CodexBuilder) -> CodexBuilder,
    ) -> Codex {
        setup(Codex::builder().launch(self.launch()))
            .build()
            .await
            .unwrap()
    }
}
