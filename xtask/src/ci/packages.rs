//! The packages that would be published: complete, without internal files, and buildable alone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Result, bail};

use super::command;
use super::manifest::Metadata;

/// Files of every package.
const NEEDED: [&str; 4] = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];
/// Folders that stay here: tests need the recordings and each other.
const KEPT_BACK: [&str; 4] = ["benches", "fuzz", "target", "tests"];

/// Looks at the lists of files, then lets cargo make the packages and build each from its own.
pub(super) fn run() -> Result<()> {
    let metadata = Metadata::read()?;
    for package in metadata.published() {
        let list = command::output(
            Command::new("cargo")
                .args(["package", "--list", "--allow-dirty", "--package"])
                .arg(&package.name),
        )?;
        let problems = problems(&list);
        if !problems.is_empty() {
            bail!(
                "the package {} {}; see `include` in its manifest",
                package.name,
                problems.join(", ")
            );
        }
    }
    forget_unpacked(&metadata)?;
    let target = metadata.target_directory.join("packages");
    if target.is_dir() {
        fs::remove_dir_all(&target)?;
    }
    command::run(
        Command::new("cargo")
            .args(["publish", "--dry-run", "--locked", "--allow-dirty"])
            .arg("--target-dir")
            .arg(&target)
            .args(metadata.package_arguments())
            .env("CARGO_PROFILE_DEV_DEBUG", "false"),
    )
}

/// Removes the packages of an earlier run from cargo's cache. The registry of a dry run has no name,
/// and cargo takes what it has unpacked and built there for what has the same version today.
fn forget_unpacked(metadata: &Metadata) -> Result<()> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| Some(env::home_dir()?.join(".cargo"))) else {
        return Ok(());
    };
    let Ok(registries) = fs::read_dir(home.join("registry/src")) else {
        return Ok(());
    };
    for registry in registries {
        let registry = registry?;
        if !registry.file_name().to_string_lossy().starts_with('-') {
            continue;
        }
        for package in metadata.published() {
            let unpacked = registry
                .path()
                .join(format!("{}-{}", package.name, package.version));
            if unpacked.is_dir() {
                fs::remove_dir_all(&unpacked)?;
            }
        }
    }
    Ok(())
}

/// The problems of a package, by the paths in it.
fn problems(list: &str) -> Vec<String> {
    let lacking = NEEDED
        .into_iter()
        .filter(|needed| !list.lines().any(|path| path == *needed))
        .map(|needed| format!("lacks {needed}"));
    let foreign = list
        .lines()
        .filter(|path| {
            let first = Path::new(path).components().next();
            first.is_none_or(|first| KEPT_BACK.iter().any(|it| first.as_os_str() == *it))
        })
        .map(|path| format!("contains {path}"));
    lacking.chain(foreign).collect()
}

#[cfg(test)]
mod tests {
    use super::problems;

    #[test]
    fn missing_and_superfluous_files_are_named() {
        let list = "Cargo.toml\nLICENSE-MIT\nREADME.md\nsrc/tests/fine.rs\ntests/it/main.rs\n";
        assert_eq!(
            problems(list),
            ["lacks LICENSE-APACHE", "contains tests/it/main.rs"]
        );
    }

    #[test]
    fn a_complete_package_has_no_problem() {
        let list = "Cargo.toml\nLICENSE-APACHE\nLICENSE-MIT\nREADME.md\nsrc/lib.rs\n";
        assert_eq!(problems(list), Vec::<String>::new());
    }
}
