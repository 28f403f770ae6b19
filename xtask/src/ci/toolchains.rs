//! The published crates with other toolchains than the one in use: the oldest they support, and
//! those for other systems. What is not installed here is not checked, and that is an error.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::command;
use super::manifest::Metadata;

/// The systems the crates are for, besides Linux.
const TARGETS: [&str; 4] = [
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-gnu",
    "x86_64-pc-windows-msvc",
];
/// The feature that needs a C compiler for the target.
const NEEDS_C: &str = "websocket-tls";

/// Checks everything of the published crates with the toolchain that `rust-version` names.
pub(super) fn msrv() -> Result<()> {
    let metadata = Metadata::read()?;
    let oldest = metadata
        .published()
        .find_map(|package| package.rust_version.as_deref())
        .context("the manifests have no rust-version")?;
    let mut cargo = Command::new("cargo");
    let active = command::output(Command::new("rustc").arg("--version"))?;
    if !is_release(&active, oldest) {
        let installed = command::output(Command::new("rustup").args(["toolchain", "list"]))?;
        let Some(toolchain) = toolchain(&installed, oldest) else {
            bail!(
                "Rust {oldest} is missing: run `rustup toolchain install {oldest} --profile minimal`"
            );
        };
        cargo.arg(format!("+{toolchain}"));
    }
    command::run(
        cargo
            .args(["check", "--locked", "--all-features", "--all-targets"])
            .args(metadata.package_arguments()),
    )
}

/// Returns true if a version such as `rustc 1.85.1 (...)` is of a release such as 1.85.
fn is_release(version: &str, release: &str) -> bool {
    let number = version.split_whitespace().nth(1).unwrap_or_default();
    number == release
        || number
            .strip_prefix(release)
            .is_some_and(|rest| rest.starts_with('.'))
}

/// The installed toolchain of a release.
fn toolchain<'a>(installed: &'a str, release: &str) -> Option<&'a str> {
    installed.lines().find_map(|line| {
        let name = line.split_whitespace().next()?;
        let rest = name.strip_prefix(release)?;
        (rest.starts_with('-') || rest.starts_with('.')).then_some(name)
    })
}

/// Lints libraries and examples for each other system whose standard library is installed.
pub(super) fn targets() -> Result<()> {
    let metadata = Metadata::read()?;
    let mut installed = Vec::new();
    for target in TARGETS {
        let folder = command::output(Command::new("rustc").args([
            "--print",
            "target-libdir",
            "--target",
            target,
        ]))?;
        if Path::new(folder.trim()).is_dir() {
            installed.push(target);
        }
    }
    if installed.is_empty() {
        bail!(
            "no other system can be checked here: run `rustup target add {}`",
            TARGETS.join(" ")
        );
    }
    let features = portable_features(&metadata);
    for target in installed {
        command::run(
            Command::new("cargo")
                .args(["clippy", "--lib", "--examples", "--target", target])
                .args(metadata.package_arguments())
                .args([
                    "--features",
                    &features.join(","),
                    "--",
                    "--deny",
                    "warnings",
                ]),
        )?;
    }
    Ok(())
}

/// Every feature that needs no compiler but Rust's, as `PACKAGE/FEATURE`.
fn portable_features(metadata: &Metadata) -> Vec<String> {
    metadata
        .published()
        .flat_map(|package| {
            let features = package.features.keys().filter(|it| *it != NEEDS_C);
            features.map(|feature| format!("{}/{feature}", package.name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_is_distinguished_from_its_neighbors() {
        assert!(is_release("rustc 1.85.1 (4eb161250 2025-03-15)", "1.85"));
        assert!(is_release("rustc 1.85.1 (4eb161250 2025-03-15)", "1.85.1"));
        assert!(!is_release("rustc 1.85.1 (4eb161250 2025-03-15)", "1.8"));
        assert!(!is_release("rustc 1.95.0 (59807616e 2026-04-14)", "1.85"));
    }

    #[test]
    fn the_toolchain_of_a_release_is_found_by_its_name() {
        let installed = "stable-x86_64-unknown-linux-gnu (active, default)\n\
                         1.8.0-x86_64-unknown-linux-gnu\n1.85-x86_64-unknown-linux-gnu\n";
        assert_eq!(
            toolchain(installed, "1.85"),
            Some("1.85-x86_64-unknown-linux-gnu")
        );
        assert_eq!(toolchain(installed, "1.86"), None);
    }
}
