//! A plan of files: what should be on disk, decided before the disk is touched.

use std::collections::BTreeMap;

use anyhow::Result;
use codegen::FileTree;
use codex_runtime::Pin;

use crate::dump::{Dump, EXPERIMENTAL, STABLE, TYPESCRIPT};
use crate::provenance::{self, Provenance};

/// The folder of the checked-in schema, below the workspace root.
pub const SCHEMA: &str = "schema";

/// The files that should be there, and the folders that hold nothing else. Paths are relative
/// to a base folder and use `/`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    files: BTreeMap<String, String>,
    roots: Vec<String>,
}

impl Plan {
    /// A plan that owns every file below the given folders.
    pub fn with_roots<S: Into<String>>(roots: impl IntoIterator<Item = S>) -> Self {
        Self {
            files: BTreeMap::new(),
            roots: roots.into_iter().map(Into::into).collect(),
        }
    }

    /// The checked-in schema: what the generator reads, byte for byte, and where it is from.
    ///
    /// # Errors
    ///
    /// When a bundle is not JSON.
    pub fn of_schema(pin: &Pin, dump: &Dump) -> Result<Self> {
        let mut plan = Self::with_roots([SCHEMA]);
        plan.insert(format!("{SCHEMA}/{STABLE}"), dump.stable.clone());
        plan.insert(
            format!("{SCHEMA}/{EXPERIMENTAL}"),
            dump.experimental.clone(),
        );
        for (path, text) in dump.typescript.iter().flatten() {
            plan.insert(format!("{SCHEMA}/{TYPESCRIPT}/{path}"), text.clone());
        }
        let provenance = Provenance::of(pin, dump)?.render()?;
        plan.insert(format!("{SCHEMA}/{}", provenance::FILE), provenance);
        Ok(plan)
    }

    /// Adds a file, or replaces the one at the same path.
    pub fn insert(&mut self, path: impl Into<String>, contents: impl Into<String>) {
        self.files.insert(path.into(), contents.into());
    }

    /// Adds everything another plan holds.
    pub fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
        self.roots.extend(other.roots);
    }

    /// The files with their contents, in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, contents)| (path.as_str(), contents.as_str()))
    }

    /// Returns true if the plan has a file at this path.
    pub fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The folders that hold nothing but this plan's files.
    pub fn roots(&self) -> &[String] {
        &self.roots
    }
}

impl From<&FileTree> for Plan {
    fn from(tree: &FileTree) -> Self {
        let mut plan = Self::with_roots(tree.roots());
        for (path, contents) in tree.iter() {
            plan.insert(path, contents);
        }
        plan
    }
}
