//! Questions to npm about the runtime's package, by name: registry, proxies and credentials are
//! the user's own configuration.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use codex_runtime::Target;
use semver::Version;

/// Every release that is published for a platform, prereleases excluded, in order.
///
/// # Errors
///
/// When npm cannot be started, fails, or answers with something else.
pub fn versions(package: &str, target: Target) -> Result<BTreeSet<Version>> {
    let text = view(package, "versions")?;
    let names: Vec<String> = serde_json::from_str(&text)
        .with_context(|| format!("`npm view {package} versions --json` is not a list"))?;
    Ok(releases(&names, target))
}

/// The platforms' archives are versions of the package, too: `0.169.0-linux-x64`.
fn releases(names: &[String], target: Target) -> BTreeSet<Version> {
    let suffix = format!("-{target}");
    let names = names.iter().filter_map(|name| name.strip_suffix(&suffix));
    let versions = names.filter_map(|name| Version::parse(name).ok());
    versions.filter(|version| version.pre.is_empty()).collect()
}

/// The newest release: the one with the tag `latest`.
///
/// # Errors
///
/// As for [`versions`].
pub fn latest(package: &str) -> Result<Version> {
    let text = view(package, "dist-tags.latest")?;
    let name: String = serde_json::from_str(&text)
        .with_context(|| format!("`{package}` has no release with the tag `latest`"))?;
    Version::parse(&name).with_context(|| format!("`{name}` is not a version"))
}

/// The integrity that the registry states for one version of the package.
///
/// # Errors
///
/// As for [`versions`]; when there is no such version.
pub fn integrity(package: &str, version: &str) -> Result<String> {
    let specifier = format!("{package}@{version}");
    let text = view(&specifier, "dist.integrity")?;
    let integrity: String = serde_json::from_str(&text).with_context(|| {
        format!("npm knows no `{specifier}`; `npm view {package} versions` lists what there is")
    })?;
    Ok(integrity)
}

/// The metadata of a package in npm, as JSON.
fn view(specifier: &str, field: &str) -> Result<String> {
    // npm reads configuration from the folder it runs in.
    let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(npm)
        .args(["view", specifier, field, "--json"])
        .args(["--no-update-notifier", "--loglevel=error"])
        .current_dir(folder.path())
        .output()
        .context("cannot start npm; install Node.js, or put npm on PATH")?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`npm view {specifier} {field}` failed ({}): {}",
            output.status,
            stderr.trim()
        );
    }
    String::from_utf8(output.stdout).context("npm does not write text")
}

#[cfg(test)]
mod tests {
    use codex_runtime::Target;

    use super::releases;

    #[test]
    fn releases_of_a_platform_in_order() {
        let names = [
            "0.1.2504172351",
            "0.99.0",
            "0.128.0-alpha.1-linux-x64",
            "0.128.0-linux-x64",
            "0.99.0-linux-x64",
            "0.130.0-darwin-x64",
        ];
        let releases = releases(&names.map(str::to_owned), Target::LinuxX64);
        let releases: Vec<String> = releases.iter().map(ToString::to_string).collect();
        assert_eq!(releases, ["0.99.0", "0.128.0"]);
    }
}
