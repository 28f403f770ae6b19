//! What a run starts: the binary, its arguments, its surroundings and the prompt.
//!
//! Only describes; starting is the business of [`process`](super::process).

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use codex_runtime::Runtime;
use codex_runtime::child::{ChildCommand, Variables};
use serde_json::Value;
use tempfile::TempPath;

use super::ResumeToken;
use super::args::{self, Choices};

/// What all runs of a runner have in common.
pub(super) struct Setup {
    pub(super) runtime: Runtime,
    pub(super) choices: Choices,
    pub(super) surroundings: Surroundings,
    pub(super) stop_grace: Duration,
}

/// What a process finds around it.
#[derive(Clone, Default)]
pub(super) struct Surroundings {
    pub(super) schema: Option<Schema>,
    pub(super) folder: Option<PathBuf>,
    pub(super) variables: Variables,
}

/// What the answer must look like.
#[derive(Clone)]
pub(super) enum Schema {
    /// Written to a file for the time of the run.
    Inline(Arc<Value>),
    File(PathBuf),
}

/// One run.
#[derive(Clone)]
pub(super) struct Launch {
    setup: Arc<Setup>,
    resume: Option<ResumeToken>,
    prompt: Arc<str>,
}

impl Launch {
    pub(super) fn new(setup: Arc<Setup>, resume: Option<ResumeToken>, prompt: String) -> Self {
        Self {
            setup,
            resume,
            prompt: prompt.into(),
        }
    }

    pub(super) fn binary(&self) -> &Path {
        self.setup.runtime.binary()
    }

    pub(super) fn prompt(&self) -> &Arc<str> {
        &self.prompt
    }

    pub(super) fn resume(&self) -> Option<&ResumeToken> {
        self.resume.as_ref()
    }

    pub(super) fn stop_grace(&self) -> Duration {
        self.setup.stop_grace
    }

    /// The command, and a file that must live as long as its process.
    pub(super) fn command(&self) -> io::Result<(ChildCommand, Option<TempPath>)> {
        let surroundings = &self.setup.surroundings;
        let (schema, file) = match &surroundings.schema {
            None => (None, None),
            Some(Schema::File(path)) => (Some(path.clone()), None),
            Some(Schema::Inline(schema)) => {
                let file = write_schema(schema)?;
                (Some(file.to_path_buf()), Some(file))
            }
        };
        let arguments = args::build(&self.setup.choices, schema.as_deref(), self.resume());
        let mut command = ChildCommand::new(self.binary())
            .args(arguments)
            .variables(surroundings.variables.clone());
        if let Some(folder) = &surroundings.folder {
            command = command.folder(folder);
        }
        if let Some(tools) = self.setup.runtime.path_dir() {
            command = command.path_dir(tools);
        }
        Ok((command, file))
    }
}

fn write_schema(schema: &Value) -> io::Result<TempPath> {
    let mut file = tempfile::Builder::new()
        .prefix("codex-output-schema-")
        .suffix(".json")
        .tempfile()?;
    serde_json::to_writer(&mut file, schema)?;
    Ok(file.into_temp_path())
}

impl fmt::Debug for Launch {
    /// Neither prompt nor arguments nor variables: they may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Launch")
            .field("binary", &self.binary())
            .field("resume", &self.resume)
            .finish_non_exhaustive()
    }
}
