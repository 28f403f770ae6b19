//! Files as they should be on disk, decided before the disk is touched: relative paths with their
//! contents, sorted.
//!
//! Independent of the file system: xtask writes and compares trees.

use std::collections::BTreeMap;

/// A sorted set of generated files, and the folders they own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTree {
    files: BTreeMap<String, String>,
    roots: Vec<String>,
}

impl FileTree {
    /// An empty tree that owns every file below the given folders.
    ///
    /// Roots are relative to the workspace and use `/` on every platform.
    #[must_use]
    pub fn with_roots<I, S>(roots: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        Self {
            files: BTreeMap::new(),
            roots: roots.into_iter().map(Into::into).collect(),
        }
    }

    /// Adds a file, or replaces the one at the same path.
    pub fn insert(&mut self, path: impl Into<String>, contents: impl Into<String>) {
        self.files.insert(path.into(), contents.into());
    }

    /// Adds everything of another tree.
    pub fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
        self.roots.extend(other.roots);
    }

    /// The files in path order, paths relative to the workspace with `/`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, contents)| (path.as_str(), contents.as_str()))
    }

    /// The contents of one file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Folders that belong wholly to the generator: a file below one of them that is not in this
    /// tree is stale.
    pub fn roots(&self) -> &[String] {
        &self.roots
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Returns whether there are no files.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}
