//! Reading an unpacked runtime package: which file is the binary, which folder belongs on PATH.
//!
//! Supports the two layouts of packages so far; independent of the folder of a package.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::Error;
use crate::error::IoContext as _;

const MANIFEST: &str = "codex-package.json";

/// The parts of an unpacked package that a caller needs, as absolute paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) binary: PathBuf,
    pub(crate) path_dir: Option<PathBuf>,
}

impl Package {
    /// Reads the package of one target from an unpacked archive.
    pub(crate) fn in_archive(root: &Path, triple: &str) -> Result<Self, Error> {
        let folder = root.join("vendor").join(triple);
        match Self::described_in(&folder)? {
            Some(package) => Ok(package),
            None => Self::old_layout(&folder).ok_or_else(|| Error::BrokenPackage {
                reason: format!("it has neither {MANIFEST} nor codex/{}", binary_name()),
                folder,
            }),
        }
    }

    /// The package around a binary that was named explicitly, if that binary is its entrypoint.
    pub(crate) fn around(binary: &Path) -> Option<Self> {
        binary.ancestors().skip(1).take(2).find_map(|folder| {
            let package = Self::described_in(folder).ok()??;
            (package.binary == binary).then_some(package)
        })
    }

    fn described_in(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(MANIFEST);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            result => result.at("read", &path)?,
        };
        let broken = |reason: String| Error::BrokenPackage {
            folder: folder.to_path_buf(),
            reason,
        };
        // Unknown members are none of our business.
        let manifest: Value = serde_json::from_slice(&text)
            .map_err(|error| broken(format!("{MANIFEST}: {error}")))?;
        let member = |name: &str| match manifest.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(path)) => Ok(Some(Path::new(path))),
            Some(_) => Err(broken(format!("{MANIFEST}: `{name}` is not a string"))),
        };
        let entrypoint = member("entrypoint")?
            .ok_or_else(|| broken(format!("{MANIFEST}: missing `entrypoint`")))?;
        if !stays_inside(entrypoint) {
            return Err(broken(format!(
                "{MANIFEST}: the entrypoint leaves the package"
            )));
        }
        Ok(Some(Self {
            binary: folder.join(entrypoint),
            path_dir: member("pathDir")?
                .filter(|dir| stays_inside(dir))
                .map(|dir| folder.join(dir))
                .filter(|dir| dir.is_dir()),
        }))
    }

    /// Packages up to 0.128 hold `codex/codex` and `path/` and no manifest.
    fn old_layout(folder: &Path) -> Option<Self> {
        let binary = folder.join("codex").join(binary_name());
        let path_dir = folder.join("path");
        binary.is_file().then(|| Self {
            binary,
            path_dir: path_dir.is_dir().then_some(path_dir),
        })
    }
}

fn binary_name() -> &'static str {
    if cfg!(windows) { "codex.exe" } else { "codex" }
}

fn stays_inside(path: &Path) -> bool {
    path.components()
        .all(|component| matches!(component, Component::Normal(_)))
}
