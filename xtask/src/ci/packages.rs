//! The packages that would be published: complete, accepted by cargo, and without internal files.
//!
//! [`consumer`](super::consumer) builds them from their own files.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::command;
use super::manifest::Metadata;

/// Files of every package.
const NEEDED: [&str; 4] = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];
/// Folders that stay here: tests need the recordings and each other.
const KEPT_BACK: [&str; 4] = ["benches", "fuzz", "target", "tests"];

/// Looks at the lists of files, then lets cargo make the packages.
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
    command::run(
        Command::new("cargo")
            .args([
                "publish",
                "--dry-run",
                "--no-verify",
                "--locked",
                "--allow-dirty",
            ])
            .args(metadata.package_arguments()),
    )
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
