//! The description of a run's process: the binary, its arguments, its environment and the prompt.
//!
//! A description only; [`process`](super::process) starts it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use codex_runtime::child::{ChildCommand, Variables};
use codex_runtime::{HomeFolder, Runtime};
use serde_json::Value;
use tempfile::TempPath;

use super::args::{self, Choices};
use super::process::Limits;
use super::{Failure, Prompt, ResumeToken, Retry};

/// The common settings of all runs of a runner.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) runtime: Runtime,
    pub(super) choices: Choices,
    pub(super) surroundings: Surroundings,
    pub(super) stop_grace: Duration,
    pub(super) limits: Limits,
    pub(super) retry: Option<Retry>,
}

/// The session of a run.
#[derive(Clone)]
pub(super) enum Target {
    New,
    Session(ResumeToken),
    /// The session whose thread has this name.
    Named(String),
    /// The most recently used session, in the working directory.
    Last,
}

/// The environment and the working directory of a process.
#[derive(Clone, Default)]
pub(super) struct Surroundings {
    pub(super) schema: Option<Schema>,
    pub(super) folder: Option<PathBuf>,
    pub(super) variables: Variables,
    pub(super) home: Option<Arc<HomeFolder>>,
}

/// The schema of the answer.
#[derive(Clone)]
pub(super) enum Schema {
    /// Written to a file for the duration of the run.
    Inline(Arc<Value>),
    File(PathBuf),
}

/// One run.
#[derive(Clone)]
pub(super) struct Launch {
    setup: Arc<Setup>,
    target: Target,
    prompt: Prompt,
    /// The time that earlier attempts took.
    spent: Duration,
}

impl Launch {
    pub(super) fn new(setup: Arc<Setup>, target: Target, prompt: Prompt) -> Self {
        Self {
            setup,
            target,
            prompt,
            spent: Duration::ZERO,
        }
    }

    pub(super) fn retry(&self) -> Option<&Retry> {
        self.setup.retry.as_ref()
    }

    /// Subtracts the time that earlier attempts took from the deadline. Returns whether any is left.
    pub(super) fn spend(&mut self, time: Duration) -> bool {
        self.spent = self.spent.saturating_add(time);
        let deadline = self.setup.limits.deadline;
        deadline.is_none_or(|deadline| deadline > self.spent)
    }

    fn binary(&self) -> &Path {
        self.setup.runtime.binary()
    }

    pub(super) fn prompt(&self) -> &Arc<str> {
        self.prompt.shared_text()
    }

    /// The session to resume, if it is known by its id.
    pub(super) fn resume(&self) -> Option<&ResumeToken> {
        match &self.target {
            Target::Session(session) => Some(session),
            Target::New | Target::Named(_) | Target::Last => None,
        }
    }

    /// The description of the session to resume, if its id is unknown.
    pub(super) fn wanted(&self) -> Option<String> {
        match &self.target {
            Target::New | Target::Session(_) => None,
            Target::Named(name) => Some(format!("`{name}`")),
            Target::Last => Some("in this directory".to_owned()),
        }
    }

    pub(super) fn limits(&self) -> Limits {
        let limits = self.setup.limits;
        let rest = |deadline: Duration| deadline.saturating_sub(self.spent);
        Limits {
            deadline: limits.deadline.map(rest),
            ..limits
        }
    }

    pub(super) fn stop_grace(&self) -> Duration {
        self.setup.stop_grace
    }

    /// The isolated home, which must live as long as the process.
    pub(super) fn home(&self) -> Option<Arc<HomeFolder>> {
        self.setup.surroundings.home.clone()
    }

    /// The command, and a temporary file that must live as long as its process.
    pub(super) fn command(&self) -> Result<(ChildCommand, Option<TempPath>), Failure> {
        self.prompt.image_files().try_for_each(check_image)?;
        let surroundings = &self.setup.surroundings;
        let (schema, file) = match &surroundings.schema {
            None => (None, None),
            Some(Schema::File(path)) => (Some(path.clone()), None),
            Some(Schema::Inline(schema)) => {
                let file = write_schema(schema).map_err(|error| Failure::Schema {
                    error: Arc::new(error),
                })?;
                (Some(file.to_path_buf()), Some(file))
            }
        };
        let arguments = args::build(
            &self.setup.choices,
            schema.as_deref(),
            &self.target,
            self.prompt.image_files(),
        );
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

/// The runtime itself would silently omit a missing image. A comma separates files in this
/// argument.
fn check_image(file: &Path) -> Result<(), Failure> {
    let reason = match file.metadata() {
        Ok(_) if file.as_os_str().as_encoded_bytes().contains(&b',') => {
            "its path must not have a comma".to_owned()
        }
        Ok(metadata) if metadata.is_file() => return Ok(()),
        Ok(_) => "it is not a file".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Failure::Image {
        path: file.to_path_buf(),
        reason,
    })
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
    /// Omits the prompt, the arguments and the variables, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Launch")
            .field("binary", &self.binary())
            .field("resume", &self.resume())
            .finish_non_exhaustive()
    }
}
