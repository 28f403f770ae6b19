//! The command of a child: program, arguments, working directory and environment.
//!
//! A description only; [`spawn`](super::spawn) starts it.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Variables;
use crate::Error;

/// Program, arguments, folder and environment of a child.
///
/// Unlike [`std::process::Command`], it distinguishes a missing folder from a missing program, puts
/// a folder in front of `PATH`, and sets `NO_COLOR=1` unless the environment decides about it.
/// `Debug` prints neither arguments nor values of variables: they may be secrets.
#[derive(Clone)]
pub struct ChildCommand {
    program: PathBuf,
    arguments: Vec<OsString>,
    folder: Option<PathBuf>,
    variables: Variables,
    path_dir: Option<PathBuf>,
}

impl ChildCommand {
    /// A command without arguments, in the folder and environment of this process.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            folder: None,
            variables: Variables::new(),
            path_dir: None,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I>(mut self, arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets the working folder.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Sets the changes to the environment.
    #[must_use]
    pub fn variables(mut self, variables: Variables) -> Self {
        self.variables = variables;
        self
    }

    /// Puts a folder in front of the child's `PATH`.
    #[must_use]
    pub fn path_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.path_dir = Some(folder.into());
        self
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    pub(super) fn environment(&self) -> &Variables {
        &self.variables
    }

    /// The command as the standard library starts it, without its pipes.
    ///
    /// # Errors
    ///
    /// [`Error::WorkingFolder`]: the system's own error would blame the program.
    pub(super) fn to_std(&self) -> Result<Command, Error> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        if let Some(folder) = &self.folder {
            check_folder(folder)?;
            command.current_dir(folder);
        }
        self.variables.apply(&mut command);
        let is_decided = self.variables.is_changed("NO_COLOR");
        if !is_decided && self.variables.value("NO_COLOR").is_none() {
            command.env("NO_COLOR", "1");
        }
        if let Some(path) = self.search_path() {
            command.env("PATH", path);
        }
        Ok(command)
    }

    /// `PATH` with the folder of tools in front; `None` where there is nothing to add.
    fn search_path(&self) -> Option<OsString> {
        let tools = self.path_dir.as_ref()?;
        let rest = self.variables.value("PATH").unwrap_or_default();
        let others = std::env::split_paths(&rest).filter(|other| other != tools);
        std::env::join_paths(std::iter::once(tools.clone()).chain(others)).ok()
    }
}

fn check_folder(folder: &Path) -> Result<(), Error> {
    let reason = match folder.metadata() {
        Ok(metadata) if metadata.is_dir() => return Ok(()),
        Ok(_) => "it is not a folder".to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            "it does not exist".to_owned()
        }
        Err(error) => error.to_string(),
    };
    Err(Error::WorkingFolder {
        path: folder.to_path_buf(),
        reason,
    })
}

impl fmt::Debug for ChildCommand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ChildCommand")
            .field("program", &self.program)
            .field("folder", &self.folder)
            .field("variables", &self.variables)
            .finish_non_exhaustive()
    }
}
