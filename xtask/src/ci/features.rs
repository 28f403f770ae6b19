//! Every published crate with none of its features, each one alone, and all: any two features are tried
//! in all four combinations.
//!
//! The sets come from the manifests, so that a new feature is checked without being listed.

use std::process::Command;

use anyhow::Result;

use super::command;
use super::manifest::{Metadata, Package};

/// Lints each set, and documents each crate without its features: a link to what only a feature
/// adds would be broken there.
pub(super) fn run() -> Result<()> {
    let metadata = Metadata::read()?;
    for package in metadata.published() {
        for set in sets(&optional(package)) {
            let mut cargo = Command::new("cargo");
            cargo.args(["clippy", "--quiet", "--no-default-features"]);
            cargo.args(["--package", &package.name]);
            if !set.is_empty() {
                cargo.args(["--features", &set.join(",")]);
            }
            command::run(cargo.args(["--", "--deny", "warnings"]))?;
        }
    }
    let packages = metadata.package_arguments();
    command::run(
        Command::new("cargo")
            .args(["doc", "--quiet", "--no-deps", "--no-default-features"])
            .args(packages)
            .env("RUSTDOCFLAGS", "-Dwarnings"),
    )
}

/// The features of a package. `dep:` keeps those of optional dependencies out.
fn optional(package: &Package) -> Vec<&str> {
    package
        .features
        .keys()
        .map(String::as_str)
        .filter(|feature| *feature != "default")
        .collect()
}

/// None, each, and all, each set once.
fn sets<'a>(features: &[&'a str]) -> Vec<Vec<&'a str>> {
    let one = features.iter().map(|feature| vec![*feature]);
    let mut sets: Vec<_> = std::iter::once(Vec::new())
        .chain(one)
        .chain([features.to_vec()])
        .collect();
    sets.sort();
    sets.dedup();
    sets
}

#[cfg(test)]
mod tests {
    use super::sets;

    #[test]
    fn a_crate_without_features_has_one_set() {
        assert_eq!(sets(&[]), [Vec::<&str>::new()]);
    }

    #[test]
    fn every_feature_is_with_and_without_every_other_one() {
        assert_eq!(
            sets(&["a", "b"]),
            [vec![], vec!["a"], vec!["a", "b"], vec!["b"]]
        );
        let features = ["a", "b", "c", "d"];
        let sets = sets(&features);
        assert_eq!(sets.len(), 6, "none, four, all: {sets:?}");
        for (first, second) in features
            .iter()
            .flat_map(|a| features.iter().map(move |b| (a, b)))
        {
            let has = |with: bool, without: bool| {
                let is = |set: &Vec<&str>| {
                    set.contains(first) == with && set.contains(second) == without
                };
                sets.iter().any(is)
            };
            let differ = first == second || has(true, false) && has(false, true);
            assert!(
                differ && has(true, true) && has(false, false),
                "{first} {second}"
            );
        }
    }
}
