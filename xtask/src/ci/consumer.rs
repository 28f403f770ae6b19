//! The published crates as seen from outside: the packages, unpacked in a temporary
//! folder, and a fresh crate beside them that is made of the README's examples and the quickstart.
//!
//! Does not know what the examples show, but for the sentence that the quickstart prints.

mod examples;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::command;
use super::manifest::{Metadata, Package};
use crate::workspace_root;

/// The response of the quickstart's mock model.
const QUICKSTART_OUTPUT: &str = "It is a Rust workspace.";

/// Makes the crate, builds it, and runs what can run without a model.
pub(super) fn run() -> Result<()> {
    let metadata = Metadata::read()?;
    let outside = tempfile::Builder::new()
        .prefix("codex-consumer-")
        .tempdir()
        .context("cannot make a folder for the consumer")?;
    unpack(&metadata, outside.path())?;
    let folder = outside.path().join("consumer");
    let runnable = write_crate(&metadata, outside.path(), &folder)?;
    let target = metadata.target_directory.join("consumer");
    command::run(&mut cargo("build", &folder, &target))?;
    for name in runnable {
        command::run(cargo("run", &folder, &target).args(["--bin", &name]))?;
    }
    let said = command::output(
        cargo("run", &folder, &target)
            .args(["--bin", "quickstart"])
            .env_remove("OPENAI_API_KEY"),
    )?;
    if !said.lines().any(|line| line == QUICKSTART_OUTPUT) {
        bail!("the quickstart should say `{QUICKSTART_OUTPUT}`, but it says: {said}");
    }
    Ok(())
}

fn cargo(subcommand: &str, folder: &Path, target: &Path) -> Command {
    let mut command = Command::new("cargo");
    command
        .args([subcommand, "--quiet", "--target-dir"])
        .arg(target)
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .current_dir(folder);
    command
}

/// Packages the published crates and unpacks them into folders named `NAME-VERSION`.
fn unpack(metadata: &Metadata, outside: &Path) -> Result<()> {
    command::run(
        Command::new("cargo")
            .args([
                "package",
                "--quiet",
                "--no-verify",
                "--locked",
                "--allow-dirty",
            ])
            .args(metadata.package_arguments()),
    )?;
    for package in metadata.published() {
        let archive = metadata
            .target_directory
            .join("package")
            .join(format!("{}.crate", folder_name(package)));
        let file = fs::File::open(&archive)
            .with_context(|| format!("cannot open {}", archive.display()))?;
        tar::Archive::new(flate2::read::GzDecoder::new(file))
            .unpack(outside)
            .with_context(|| format!("cannot unpack {}", archive.display()))?;
    }
    Ok(())
}

fn folder_name(package: &Package) -> String {
    format!("{}-{}", package.name, package.version)
}

/// Writes the crate and returns the names of the examples that run by themselves.
fn write_crate(metadata: &Metadata, outside: &Path, folder: &Path) -> Result<Vec<String>> {
    let programs = folder.join("src/bin");
    fs::create_dir_all(programs.join("quickstart"))?;
    fs::write(folder.join("Cargo.toml"), manifest(metadata, outside)?)?;
    // The versions that are tested here, and nothing to be downloaded twice.
    fs::copy(
        workspace_root().join("Cargo.lock"),
        folder.join("Cargo.lock"),
    )?;

    let client = metadata.published().find(|it| it.name == "codex-client");
    let client = outside.join(folder_name(client.context("there is no codex-client")?));
    for (from, to) in [
        ("quickstart.rs", "main.rs"),
        ("support/mod.rs", "support.rs"),
    ] {
        let example = client.join("examples").join(from);
        fs::copy(&example, programs.join("quickstart").join(to))
            .with_context(|| format!("cannot copy {}", example.display()))?;
    }

    let readme = fs::read_to_string(workspace_root().join("README.md"))?;
    let examples = examples::of(&readme);
    if examples.is_empty() {
        bail!("README.md has no example in Rust");
    }
    let mut runnable = Vec::new();
    for example in examples {
        let name = format!("readme_line_{}", example.line);
        fs::write(programs.join(format!("{name}.rs")), &example.program)?;
        if example.runs {
            runnable.push(name);
        }
    }
    Ok(runnable)
}

/// A manifest that takes the published crates by version, from the folders they were unpacked to.
fn manifest(metadata: &Metadata, outside: &Path) -> Result<String> {
    let mut dependencies = toml::toml! {
        tempfile = "3"
        tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
    };
    let mut patches = toml::Table::new();
    for package in metadata.published() {
        let mut dependency = toml::Table::new();
        dependency.insert("version".into(), package.version.as_str().into());
        dependencies.insert(package.name.clone(), dependency.into());

        let folder = outside.join(folder_name(package));
        let mut patch = toml::Table::new();
        patch.insert("path".into(), folder.display().to_string().into());
        patches.insert(package.name.clone(), patch.into());
    }
    let mut manifest = toml::toml! {
        [package]
        name = "consumer"
        version = "0.0.0"
        edition = "2024"
    };
    manifest.insert("dependencies".into(), dependencies.into());
    manifest.insert(
        "patch".into(),
        toml::Table::from_iter([("crates-io".to_owned(), patches.into())]).into(),
    );
    toml::to_string(&manifest).context("cannot write the consumer's manifest")
}
