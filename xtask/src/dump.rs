//! Reading a schema dump: from the pinned runtime, or from any folder in the same layout.
//!
//! Keeps the bytes as they are; does not understand them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use codex_runtime::{Pin, Runtime};
use tempfile::TempDir;

use crate::freshness::files_below;

/// The JSON Schema bundle of the stable protocol, below the root of a dump.
pub const STABLE: &str = "stable/codex_app_server_protocol.schemas.json";
/// The JSON Schema bundle of the whole protocol, below the root of a dump.
pub const EXPERIMENTAL: &str = "experimental/codex_app_server_protocol.schemas.json";
/// The folder of the TypeScript files, below the root of a dump.
pub const TYPESCRIPT: &str = "ts/experimental";
/// The folder of the TypeScript files in other dumps.
const TYPESCRIPT_FOLDERS: [&str; 2] = [TYPESCRIPT, "typescript"];

/// The parts of a dump that the generator reads.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dump {
    /// The bundle of the stable protocol.
    pub stable: String,
    /// The bundle of the whole protocol.
    pub experimental: String,
    /// The TypeScript files by path below their folder, with `/`.
    pub typescript: Option<BTreeMap<String, String>>,
}

impl Dump {
    /// Asks a runtime for its schema.
    ///
    /// # Errors
    ///
    /// The errors of dumping and of reading the result.
    pub fn of_runtime(runtime: &Runtime) -> Result<Self> {
        let folder = temporary_folder().context("cannot create a temporary folder")?;
        let out = folder.path().join("dump");
        runtime.dump_schema(&out)?;
        Self::read(&out)
    }

    /// Reads a folder in the layout of a dump.
    ///
    /// # Errors
    ///
    /// When one of the two bundles is missing or anything is not UTF-8.
    pub fn read(folder: &Path) -> Result<Self> {
        Ok(Self {
            stable: read_text(&folder.join(STABLE))?,
            experimental: read_text(&folder.join(EXPERIMENTAL))?,
            typescript: read_typescript(folder)?,
        })
    }

    /// The inputs of the generator, for a runtime of the given version; any but the pinned one is
    /// foreign to the client. Without a history, nothing is relaxed for older runtimes.
    pub fn to_inputs(&self, runtime_version: &str, history: Option<String>) -> codegen::Inputs {
        codegen::Inputs {
            stable: self.stable.clone(),
            experimental: self.experimental.clone(),
            typescript: self.typescript.clone(),
            runtime_version: runtime_version.to_owned(),
            history,
            unreviewed_runtime: runtime_version != Pin::current().version().to_string(),
        }
    }
}

/// A folder for 1,800 small files that live for a moment: in memory where Linux offers that,
/// because creating them takes a busy disk longer than everything else here together.
fn temporary_folder() -> io::Result<TempDir> {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())
}

fn read_typescript(folder: &Path) -> Result<Option<BTreeMap<String, String>>> {
    let found = TYPESCRIPT_FOLDERS
        .iter()
        .map(|name| folder.join(name))
        .find(|folder| folder.is_dir());
    let Some(folder) = found else {
        return Ok(None);
    };
    let mut files = BTreeMap::new();
    for path in files_below(&folder, &folder)? {
        if has_extension(&path, "ts") {
            let text = read_text(&folder.join(&path))?;
            files.insert(path, text);
        }
    }
    if files.is_empty() {
        bail!(
            "{} has no TypeScript files; dump again or remove it",
            folder.display()
        );
    }
    Ok(Some(files))
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|found| found == extension)
}

fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| {
        format!(
            "cannot read {}; a dump holds {STABLE} and {EXPERIMENTAL} (`cargo xtask runtime dump` makes one)",
            path.display()
        )
    })
}
