//! The truth about a verdict: both models are generated, and a program that uses every item of
//! the old API is compiled against each.
//!
//! What must not compile any more is exactly what the diff calls broken. Type errors hide behind
//! unresolved names, so functions that fail are removed and the rest is compiled again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use codegen::diff::{self, Probe};
use serde_json::Value;

use super::Sides;
use crate::cli::Outcome;
use crate::dumps::Source;
use crate::generate::Generation;
use crate::{freshness, workspace_root};

/// Compares the verdict with what the compiler finds.
pub(super) fn run(sides: &Sides) -> Result<Outcome> {
    let (old, new) = (Source::parse(&sides.old)?, Source::parse(&sides.new)?);
    let (before, after) = (old.inventory()?, new.inventory()?);
    let probes = diff::probes(&before);
    let expected = diff::broken(&before, &after);
    let folder = workspace_root().join("target/codex-verify");
    let usable = failing(&folder, &old, &probes)?;
    if let Some((path, error)) = usable.iter().next() {
        bail!("`{path}` does not compile against its own schema, {old}: {error}");
    }
    let found = failing(&folder, &new, &probes)?;
    let tested: BTreeSet<&String> = probes.iter().map(|probe| &probe.path).collect();
    let expected: BTreeSet<&String> = expected.keys().filter(|it| tested.contains(it)).collect();
    let mut wrong = 0;
    for (path, error) in found.iter().filter(|(path, _)| !expected.contains(path)) {
        println!("missed: `{path}` breaks: {error}");
        wrong += 1;
    }
    for path in expected.iter().filter(|path| !found.contains_key(**path)) {
        println!("false alarm: `{path}` still compiles");
        wrong += 1;
    }
    println!(
        "{old} -> {new}: {} uses, {} broken, {wrong} verdicts wrong",
        probes.len(),
        found.len()
    );
    Ok(if wrong == 0 {
        Outcome::Done
    } else {
        Outcome::Drift
    })
}

/// The probes that do not compile against the models of a schema, with the first error of each.
fn failing(folder: &Path, source: &Source, probes: &[Probe]) -> Result<BTreeMap<String, String>> {
    let models = generate(folder, source)?;
    let mut left: Vec<&Probe> = probes.iter().collect();
    let mut failing = BTreeMap::new();
    loop {
        let errors = compile(&models, &left)?;
        if errors.is_empty() {
            return Ok(failing);
        }
        let mut kept = Vec::new();
        for (index, probe) in left.into_iter().enumerate() {
            match errors.get(&index) {
                Some(error) => {
                    failing.insert(probe.path.clone(), error.clone());
                }
                None => kept.push(probe),
            }
        }
        left = kept;
    }
}

/// A workspace with the models of a schema: the hand-written sources of this one, and generated
/// ones of that schema.
fn generate(folder: &Path, source: &Source) -> Result<PathBuf> {
    let models = folder.join("models");
    if models.exists() {
        fs::remove_dir_all(&models)
            .with_context(|| format!("cannot empty {}", models.display()))?;
    }
    let root = workspace_root();
    for part in ["codex-types-core", "codex-types"] {
        copy(&root.join(part), &models.join(part))?;
    }
    let version = source.to_string();
    let generation = Generation::of(&source.dump()?, &version)?;
    freshness::write(&models, &generation.plan)?;
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let manifest: toml::Table = toml::from_str(&manifest)?;
    fs::write(models.join("Cargo.toml"), workspace_manifest(manifest)?)?;
    fs::copy(root.join("Cargo.lock"), models.join("Cargo.lock"))?;
    let probes = models.join("probes");
    fs::create_dir_all(probes.join("src"))?;
    fs::write(probes.join("Cargo.toml"), PROBES)?;
    Ok(models)
}

const PROBES: &str = "\
[package]
name = \"probes\"
version = \"0.0.0\"
edition = \"2024\"

[dependencies]
codex-types = { workspace = true }
serde_json = { workspace = true }
";

/// The manifest of this workspace with other members and without lints.
fn workspace_manifest(mut manifest: toml::Table) -> Result<String> {
    let workspace = manifest
        .get_mut("workspace")
        .and_then(toml::Value::as_table_mut);
    let workspace = workspace.context("the workspace's manifest has no `workspace`")?;
    let members = ["codex-types-core", "codex-types", "probes"];
    workspace.insert(
        "members".to_owned(),
        members.map(str::to_owned).to_vec().into(),
    );
    workspace.remove("lints");
    workspace.insert("lints".to_owned(), toml::Table::new().into());
    manifest.remove("profile");
    Ok(toml::to_string(&manifest)?)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in freshness::files_below(from, from)? {
        let (from, to) = (from.join(&file), to.join(&file));
        if file.starts_with("target/") || file.starts_with("tests/") || file.starts_with("fuzz/") {
            continue;
        }
        let parent = to.parent().context("a file without a folder")?;
        fs::create_dir_all(parent)?;
        fs::copy(&from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(())
}

/// The first error of each probe that does not compile, by its index.
fn compile(models: &Path, probes: &[&Probe]) -> Result<BTreeMap<usize, String>> {
    let mut text = diff::PRELUDE.to_owned();
    let offset = text.lines().count();
    for probe in probes {
        text.push_str(&probe.code);
        text.push('\n');
    }
    fs::write(models.join("probes/src/lib.rs"), text)?;
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "check",
            "--quiet",
            "--package",
            "probes",
            "--message-format",
            "json",
        ])
        .current_dir(models)
        .env("CARGO_TARGET_DIR", models.with_file_name("target"))
        .output()
        .context("cannot start cargo")?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let messages = stdout
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let mut errors = BTreeMap::new();
    for message in messages {
        if let Some((line, text)) = error(&message) {
            let index = line.checked_sub(offset + 1);
            let index = index.with_context(|| format!("the imports of the probes fail: {text}"))?;
            errors.entry(index).or_insert(text);
        }
    }
    if errors.is_empty() && !output.status.success() {
        bail!(
            "the models do not compile in {}: {}",
            models.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(errors)
}

/// Line and text of an error in the probes.
fn error(message: &Value) -> Option<(usize, String)> {
    let message = message.get("message")?;
    if message.get("level")?.as_str()? != "error" {
        return None;
    }
    let spans = message.get("spans")?.as_array()?;
    let is_probe = |span: &&Value| {
        let file = span.get("file_name").and_then(Value::as_str);
        file.is_some_and(|file| file.ends_with("probes/src/lib.rs"))
    };
    let span = spans.iter().find(is_probe)?;
    let line = usize::try_from(span.get("line_start")?.as_u64()?).ok()?;
    Some((line, message.get("message")?.as_str()?.to_owned()))
}
