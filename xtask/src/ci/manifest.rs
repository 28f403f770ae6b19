//! Metadata of this workspace from cargo: the published packages, their features, the target folder.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::command;

/// The answer of `cargo metadata`, as far as the jobs need it.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    packages: Vec<Package>,
    pub(super) target_directory: PathBuf,
}

/// A package of the workspace.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) rust_version: Option<String>,
    pub(super) features: BTreeMap<String, Vec<String>>,
    /// The registries it goes to: absent means any, an empty list none.
    publish: Option<Vec<String>>,
}

impl Metadata {
    pub(super) fn read() -> Result<Self> {
        let text = command::output(Command::new("cargo").args([
            "metadata",
            "--format-version=1",
            "--no-deps",
        ]))?;
        serde_json::from_str(&text).context("cannot read what `cargo metadata` says")
    }

    /// The packages that are published, by name.
    pub(super) fn published(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| package.publish.as_ref().is_none_or(|it| !it.is_empty()))
    }

    /// `--package NAME` for each published package.
    pub(super) fn package_arguments(&self) -> Vec<String> {
        self.published()
            .flat_map(|package| ["--package".to_owned(), package.name.clone()])
            .collect()
    }
}
