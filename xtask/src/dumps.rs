//! Dumps of runtimes by version: dumped on demand, one binary at a time, and kept.
//!
//! The binary is deleted after its dump; the dump stays in `target/codex-dumps`, or in the folder
//! that `CODEX_DUMPS` names.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use codegen::history::History;
use codex_runtime::{Environment, Installer, Pin, Runtime, Target};
use semver::Version;

use crate::dump::Dump;
use crate::progress::Terminal;
use crate::provenance::Provenance;
use crate::schema::history;
use crate::schema_files::SCHEMA;
use crate::{npm, workspace_root};

/// The platform whose archives stand for a version where one has to; the schema is the same on all.
pub const REFERENCE: Target = Target::LinuxX64;
/// The file beside a kept dump with the integrity of the archive for [`REFERENCE`].
const INTEGRITY: &str = "integrity";
/// The variable that names the folder of the kept dumps.
const FOLDER: &str = "CODEX_DUMPS";

/// A schema on the command line: a version of the runtime, or a folder with a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A release of the runtime.
    Version(Version),
    /// A folder in the layout of a dump.
    Folder(PathBuf),
}

impl Source {
    /// Reads an argument: `latest`, `pinned`, a version, or a folder.
    ///
    /// # Errors
    ///
    /// When it is none of these, or npm does not know the latest version.
    pub fn parse(argument: &str) -> Result<Self> {
        let folder = Path::new(argument);
        match argument {
            "latest" => Ok(Self::Version(npm::latest(Pin::current().package())?)),
            "pinned" => Ok(Self::Version(Pin::current().version().clone())),
            _ => match Version::parse(argument) {
                Ok(version) => Ok(Self::Version(version)),
                Err(_) if folder.is_dir() => Ok(Self::Folder(folder.to_owned())),
                Err(_) => bail!(
                    "`{argument}` is neither a version such as 0.169.0, nor `latest`, nor \
                     `pinned`, nor a folder"
                ),
            },
        }
    }

    /// Reads the dump; a version that is not there yet is fetched and dumped.
    ///
    /// # Errors
    ///
    /// The errors of reading, fetching and dumping.
    pub fn dump(&self) -> Result<Dump> {
        match self {
            Self::Folder(folder) => Dump::read(folder),
            Self::Version(version) => of_version(version),
        }
    }

    /// The inventory of what is generated from the dump.
    ///
    /// # Errors
    ///
    /// As for [`Source::dump`]; when the dump cannot be understood.
    pub fn inventory(&self) -> Result<codegen::Inventory> {
        self.inventory_with(history::text(&workspace_root())?)
    }

    /// The inventory of the dump alone, as the history is made of.
    ///
    /// # Errors
    ///
    /// As for [`Source::inventory`].
    pub fn bare_inventory(&self) -> Result<codegen::Inventory> {
        self.inventory_with(None)
    }

    /// The inventory of what is generated from the dump with the text of a history.
    ///
    /// # Errors
    ///
    /// As for [`Source::inventory`].
    pub fn inventory_with(&self, history: Option<String>) -> Result<codegen::Inventory> {
        let inputs = self.dump()?.to_inputs(&self.to_string(), history);
        codegen::inspect(&inputs).with_context(|| format!("the schema of {self}"))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => version.fmt(formatter),
            Self::Folder(folder) => folder.display().fmt(formatter),
        }
    }
}

/// The dump of a version: what is checked in, or kept, or dumped now.
fn of_version(version: &Version) -> Result<Dump> {
    let checked_in = workspace_root().join(SCHEMA);
    let provenance = Provenance::read(&checked_in)?;
    if provenance.is_some_and(|it| it.runtime_version == version.to_string()) {
        return Dump::read(&checked_in);
    }
    Dump::read(&keep(version)?)
}

/// The folder of a version's dump, made now if there is none.
///
/// # Errors
///
/// The errors of fetching and dumping.
pub fn keep(version: &Version) -> Result<PathBuf> {
    let folder = kept_folder().join(version.to_string());
    if folder.is_dir() {
        return Ok(folder);
    }
    let parent = kept_folder();
    fs::create_dir_all(&parent).with_context(|| format!("cannot create {}", parent.display()))?;
    let work = tempfile::tempdir_in(&parent)
        .with_context(|| format!("cannot create a folder in {}", parent.display()))?;
    keep_of(version, &install(version, work.path())?)
}

/// Installs a version below a folder, if it is not there yet.
///
/// # Errors
///
/// The errors of npm, of fetching and of installing.
pub fn install(version: &Version, folder: &Path) -> Result<Runtime> {
    let environment = Environment::from_process().with_runtime_dir(folder);
    let installer = Installer::new(&environment)?.with_pin(host_pin(version)?);
    Ok(installer.install(&mut Terminal::new())?)
}

/// The folder of the dump of an installed runtime, made now if there is none.
///
/// # Errors
///
/// The errors of dumping, and of npm.
pub fn keep_of(version: &Version, runtime: &Runtime) -> Result<PathBuf> {
    let (parent, folder) = (kept_folder(), kept_folder().join(version.to_string()));
    if folder.is_dir() {
        return Ok(folder);
    }
    fs::create_dir_all(&parent).with_context(|| format!("cannot create {}", parent.display()))?;
    let work = tempfile::tempdir_in(&parent)
        .with_context(|| format!("cannot create a folder in {}", parent.display()))?;
    let dump = work.path().join("dump");
    runtime.dump_schema(&dump)?;
    let integrity = npm::integrity(Pin::current().package(), &archive_of(version))?;
    fs::write(dump.join(INTEGRITY), integrity)?;
    fs::rename(&dump, &folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// The integrity of a version's archive for [`REFERENCE`].
///
/// # Errors
///
/// The errors of reading, fetching and dumping.
pub fn integrity(version: &Version) -> Result<String> {
    let checked_in = Provenance::read(&workspace_root().join(SCHEMA))?;
    let checked_in = checked_in.filter(|it| it.runtime_version == version.to_string());
    if let Some(integrity) = checked_in.and_then(|it| it.integrity(REFERENCE)) {
        return Ok(integrity);
    }
    let file = keep(version)?.join(INTEGRITY);
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(text.trim().to_owned())
}

fn archive_of(version: &Version) -> String {
    format!("{version}-{REFERENCE}")
}

/// The folder that dumps are kept in.
pub fn kept_folder() -> PathBuf {
    std::env::var_os(FOLDER)
        .filter(|folder| !folder.is_empty())
        .map_or_else(
            || workspace_root().join("target/codex-dumps"),
            PathBuf::from,
        )
}

/// The integrity of a version's archive that the history has on record: what was fetched once is
/// what is fetched again, whatever the registry states.
fn known_integrity(version: &Version, target: Target) -> Result<Option<String>> {
    let history = history::text(&workspace_root())?.filter(|_| target == REFERENCE);
    let history = history.as_deref().map(History::parse).transpose()?;
    let known = history.into_iter().flat_map(|history| history.runtimes);
    let mut known = known.filter(|it| it.version == version.to_string());
    Ok(known.next().map(|runtime| runtime.archive))
}

/// A pin of another version, with the archive for this platform only.
fn host_pin(version: &Version) -> Result<Pin> {
    let (pinned, target) = (Pin::current(), Target::current()?);
    let package = pinned.package();
    let archive = format!("{version}-{target}");
    let integrity = match known_integrity(version, target)? {
        Some(integrity) => integrity,
        None => npm::integrity(package, &archive)?,
    };
    let triple = pinned.archive(target)?.triple().to_owned();
    Ok(Pin::parse(&format!(
        "version = \"{version}\"\npackage = \"{package}\"\n\n[targets.{target}]\n\
         version = \"{archive}\"\ntriple = \"{triple}\"\nintegrity = \"{integrity}\"\n"
    ))?)
}
