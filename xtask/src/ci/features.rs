//! Every published crate with each feature, each pair of features, none and all of them.
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

/// None, each, each pair, and all, each set once.
fn sets<'a>(features: &[&'a str]) -> Vec<Vec<&'a str>> {
    let mut sets = vec![Vec::new()];
    for (index, first) in features.iter().enumerate() {
        sets.push(vec![*first]);
        sets.extend(
            features[index + 1..]
                .iter()
                .map(|second| vec![*first, *second]),
        );
    }
    if features.len() > 2 {
        sets.push(features.to_vec());
    }
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
    fn every_feature_meets_every_other_one() {
        assert_eq!(
            sets(&["a", "b"]),
            [vec![], vec!["a"], vec!["a", "b"], vec!["b"]]
        );
        let three = sets(&["a", "b", "c"]);
        assert_eq!(three.len(), 8, "none, three, three pairs, all: {three:?}");
        assert!(three.contains(&vec!["a", "c"]));
        assert!(three.contains(&vec!["a", "b", "c"]));
    }
}
