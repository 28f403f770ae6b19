//! The models and the pages in a browser: `codex-types` for WebAssembly, the page that decodes a
//! recording with it, and the tests of all pages in a real browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::command;
use super::manifest::Metadata;
use crate::workspace_root;

const TARGET: &str = "wasm32-unknown-unknown";
/// The crate of the page, which is apart from the workspace.
const VIEWER: &str = "gallery/wasm";
/// Warnings are errors.
const DENY: [&str; 3] = ["--", "--deny", "warnings"];
/// Names the folder of the built page for the tests.
const VARIABLE: &str = "RECORDING_VIEWER";

/// Lints the models for browsers, and builds the page that uses them.
pub(super) fn wasm() -> Result<()> {
    build_page().map(drop)
}

/// Runs the tests of the pages in a browser.
pub(super) fn pages() -> Result<()> {
    let page = build_page()?;
    command::run(
        Command::new("cargo")
            .args(["test", "--package", "gallery", "--features", "browser"])
            .args(["--test", "browser"])
            .env(VARIABLE, page),
    )
}

/// Builds the page, and returns its folder.
fn build_page() -> Result<PathBuf> {
    require_target()?;
    let root = workspace_root();
    let models = [
        "--package",
        "codex-types",
        "--package",
        "codex-types-core",
        "--lib",
    ];
    command::run(clippy(&root).args(models).args(DENY))?;
    let folder = root.join(VIEWER);
    let target = Metadata::read()?.target_directory.join("recording-viewer");
    let run = |command: &mut Command| command::run(command.env("CARGO_TARGET_DIR", &target));
    run(clippy(&folder).arg("--locked").args(DENY))?;
    run(cargo(&folder, "test").args(["--locked", "--quiet"]))?;
    run(cargo(&folder, "build").args(["--locked", "--release", "--target", TARGET]))?;
    let module = target.join(TARGET).join("release/recording_viewer.wasm");
    let page = target.join("page");
    let bindgen = ["--locked", "--quiet", "--package", "bindgen", "--"];
    run(cargo(&folder, "run").args(bindgen).args([&module, &page]))?;
    copy(&folder.join("page"), &page)?;
    eprintln!("the page is in {}", page.display());
    Ok(page)
}

fn cargo(folder: &Path, subcommand: &str) -> Command {
    let mut command = Command::new("cargo");
    command.arg(subcommand).current_dir(folder);
    command
}

fn clippy(folder: &Path) -> Command {
    let mut command = cargo(folder, "clippy");
    command.args(["--target", TARGET]);
    command
}

/// Fails with a remedy if the standard library for browsers is missing.
fn require_target() -> Result<()> {
    let arguments = ["--print", "target-libdir", "--target", TARGET];
    let libraries = command::output(Command::new("rustc").args(arguments))?;
    if !Path::new(libraries.trim()).is_dir() {
        bail!("{TARGET} is missing: run `rustup target add {TARGET}`");
    }
    Ok(())
}

/// Copies the files of a folder.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default();
        fs::copy(&file, to.join(name))
            .with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}
