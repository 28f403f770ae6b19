//! Keeps `schema/history.json`: since when and until when something is in the protocol.
//!
//! What a release adds is found by comparison with the newest one that the file has; `--rebuild`
//! looks at all releases again. Does not know what a place in the protocol is.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use codegen::history::{History, Runtime};
use codex_runtime::Pin;
use semver::Version;

use crate::cli::Outcome;
use crate::dumps::{self, Source};
use crate::provenance::hash_of_json;
use crate::schema_files::SCHEMA;
use crate::{npm, workspace_root};

/// The name of the file, below `schema/`.
pub const FILE: &str = "history.json";
/// The oldest runtime that is supported.
pub const OLDEST: Version = Version::new(0, 133, 0);

/// The arguments of `schema history`.
#[derive(Debug, Clone, Default, clap::Args)]
#[non_exhaustive]
pub struct Options {
    /// The release to add: a version or `latest`; releases in between are added, too
    #[arg(default_value = "pinned")]
    pub version: String,
    /// Look at every release again, instead of adding to the file
    #[arg(long)]
    pub rebuild: bool,
}

/// Runs the command.
///
/// # Errors
///
/// The errors of npm, of fetching, dumping and reading the schemas.
pub fn run(options: &Options) -> Result<Outcome> {
    let Source::Version(version) = Source::parse(&options.version)? else {
        bail!("a folder has no place among the releases; name a version");
    };
    let root = workspace_root();
    let old = text(&root)?.filter(|_| !options.rebuild);
    let old = old.as_deref().map(History::parse).transpose()?;
    let history = up_to(old, &version)?;
    let path = root.join(SCHEMA).join(FILE);
    fs::write(&path, history.render())
        .with_context(|| format!("cannot write {}", path.display()))?;
    println!(
        "{} releases, {} to {}",
        history.runtimes.len(),
        history.oldest().unwrap_or_default(),
        history.newest().unwrap_or_default()
    );
    Ok(Outcome::Done)
}

/// The text of the file below a workspace's root, if it is there.
///
/// # Errors
///
/// When it is there and cannot be read.
pub fn text(root: &Path) -> Result<Option<String>> {
    let path = root.join(SCHEMA).join(FILE);
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result
            .map(Some)
            .with_context(|| format!("cannot read {}", path.display())),
    }
}

/// A history that reaches to a release, with every release in between.
///
/// # Errors
///
/// The errors of npm, of fetching, dumping and reading the schemas.
pub fn up_to(old: Option<History>, last: &Version) -> Result<History> {
    let mut history = old.unwrap_or_default();
    let newest = history.newest().map(Version::parse).transpose()?;
    if newest.as_ref().is_some_and(|newest| newest >= last) {
        return Ok(history);
    }
    let published = npm::versions(Pin::current().package(), dumps::REFERENCE)?;
    if let Some(notice) = overlooked(&history, &published) {
        eprintln!("notice: {notice}");
    }
    let is_missing = |version: &&Version| {
        let after = newest
            .as_ref()
            .map_or(*version >= &OLDEST, |it| *version > it);
        after && *version <= last
    };
    let missing: Vec<&Version> = published.iter().filter(is_missing).collect();
    if let Some(newest) = newest.filter(|_| !missing.is_empty()) {
        history.complete(&Source::Version(newest).bare_inventory()?);
    }
    for version in missing {
        eprintln!("{version}");
        extend(&mut history, version)?;
    }
    Ok(history)
}

/// The releases that have no place in a history that goes beyond them: they were published, or served
/// by the registry, after newer ones. In a sentence.
fn overlooked(history: &History, published: &BTreeSet<Version>) -> Option<String> {
    let known = history.runtimes.iter();
    let known: Vec<Version> = known.filter_map(|it| it.version.parse().ok()).collect();
    let newest = known.iter().max()?;
    let is_overlooked = |it: &&Version| (&OLDEST..=newest).contains(it) && !known.contains(it);
    let versions = published.iter().filter(is_overlooked);
    let versions: Vec<String> = versions.map(Version::to_string).collect();
    (!versions.is_empty()).then(|| {
        format!(
            "the history lacks {}; `cargo xtask schema history --rebuild` looks at all releases again",
            versions.join(", ")
        )
    })
}

fn extend(history: &mut History, version: &Version) -> Result<()> {
    let source = Source::Version(version.clone());
    let dump = source.dump()?;
    let runtime = Runtime {
        version: version.to_string(),
        archive: dumps::integrity(version)?,
        schema: hash_of_json(&dump.experimental)?,
    };
    history.extend(runtime, &source.bare_inventory()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use codegen::history::{History, Runtime};
    use semver::Version;

    use super::overlooked;

    #[test]
    fn releases_between_known_ones_are_reported() {
        let mut history = History::default();
        for version in ["0.166.0", "0.169.0"] {
            history.runtimes.push(Runtime {
                version: version.to_owned(),
                archive: String::new(),
                schema: String::new(),
            });
        }
        let published = ["0.110.0", "0.166.0", "0.169.0", "0.171.0"];
        let mut published = BTreeSet::from(published.map(|it| it.parse().unwrap()));
        assert_eq!(overlooked(&history, &published), None);
        published.insert(Version::new(0, 167, 2));
        let notice = overlooked(&history, &published).unwrap();
        assert!(notice.starts_with("the history lacks 0.167.2;"), "{notice}");
        assert_eq!(overlooked(&History::default(), &published), None);
    }
}
