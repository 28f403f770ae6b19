//! What a run starts: the binary, its arguments, its surroundings and the prompt.
//!
//! Only describes; starting is the business of [`process`](super::process).

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use codex_runtime::Runtime;
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
    pub(super) clears_environment: bool,
    /// In the order given: a variable with its value, or to be removed.
    pub(super) environment: Vec<(OsString, Option<OsString>)>,
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
    pub(super) fn command(&self) -> io::Result<(Command, Option<TempPath>)> {
        let surroundings = &self.setup.surroundings;
        surroundings.check_folder()?;
        let (schema, file) = match &surroundings.schema {
            None => (None, None),
            Some(Schema::File(path)) => (Some(path.clone()), None),
            Some(Schema::Inline(schema)) => {
                let file = write_schema(schema)?;
                (Some(file.to_path_buf()), Some(file))
            }
        };
        let arguments = args::build(&self.setup.choices, schema.as_deref(), self.resume());
        let mut command = Command::new(self.binary());
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        surroundings.apply(&mut command, self.setup.runtime.path_dir());
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

impl Surroundings {
    /// The system's own message would blame the binary.
    fn check_folder(&self) -> io::Result<()> {
        match &self.folder {
            Some(folder) if !folder.is_dir() => Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("the working folder {} does not exist", folder.display()),
            )),
            _ => Ok(()),
        }
    }

    fn apply(&self, command: &mut Command, tools: Option<&Path>) {
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        if self.clears_environment {
            command.env_clear();
        }
        for (name, value) in &self.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let search_path = tools.and_then(|tools| prepend(tools, self.search_path().as_deref()));
        if let Some(search_path) = search_path {
            command.env("PATH", search_path);
        }
    }

    /// `PATH` as the process would have it without the runtime's own tools.
    fn search_path(&self) -> Option<OsString> {
        let chosen = self
            .environment
            .iter()
            .rev()
            .find(|(name, _)| name == "PATH");
        match chosen {
            Some((_, value)) => value.clone(),
            None if self.clears_environment => None,
            None => std::env::var_os("PATH"),
        }
    }
}

/// `None` if the folder cannot be part of a search path.
fn prepend(folder: &Path, search_path: Option<&OsStr>) -> Option<OsString> {
    let rest = search_path.into_iter().flat_map(std::env::split_paths);
    std::env::join_paths(std::iter::once(folder.to_path_buf()).chain(rest)).ok()
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
