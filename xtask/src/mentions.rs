//! Texts by hand that name the pinned runtime: checked by every generation, written by a move to
//! another runtime.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use semver::Version;

/// A place in a document: the words around the version there.
#[derive(Debug)]
struct Mention {
    file: &'static str,
    before: &'static str,
    after: &'static str,
}

const MENTIONS: [Mention; 4] = [
    Mention::new("CHANGELOG.md", "Runtime: ", ". Rust:"),
    Mention::new("README.md", "The runtime itself (", ", about"),
    Mention::new("README.md", "| ", ", pinned |"),
    Mention::new(
        "codex-client/tests/README.md",
        "Difference with runtime ",
        " |",
    ),
];

impl Mention {
    const fn new(file: &'static str, before: &'static str, after: &'static str) -> Self {
        Self {
            file,
            before,
            after,
        }
    }

    /// The version that stands there.
    fn find(&self, text: &str) -> Option<Version> {
        let starts = text.match_indices(self.before);
        let mut rests = starts.filter_map(|(start, before)| text.get(start + before.len()..));
        rests.find_map(|rest| rest.get(..rest.find(self.after)?)?.parse().ok())
    }

    fn missing(&self) -> String {
        let Self {
            file,
            before,
            after,
        } = self;
        format!("{file} has no `{before}…{after}` that names the runtime (xtask/src/mentions.rs)")
    }
}

/// The places that name another version than this one, in sentences; a file that is not there
/// names none.
pub fn wrong(root: &Path, version: &Version) -> Vec<String> {
    let texts = MENTIONS.iter().filter_map(|mention| {
        let text = fs::read_to_string(root.join(mention.file)).ok()?;
        match mention.find(&text) {
            Some(found) if found == *version => None,
            Some(found) => Some(format!(
                "{} names runtime {found}, but {version} is pinned: correct it",
                mention.file
            )),
            None => Some(mention.missing()),
        }
    });
    texts.collect()
}

/// The documents with another version.
///
/// # Errors
///
/// When a document cannot be read, or does not name the old version where it should.
pub fn moved(root: &Path, old: &Version, new: &Version) -> Result<Vec<(String, String)>> {
    let mut moved: Vec<(String, String)> = Vec::new();
    for mention in &MENTIONS {
        let Mention {
            file,
            before,
            after,
        } = mention;
        let text = match moved.iter().position(|(path, _)| path == file) {
            Some(index) => moved.swap_remove(index).1,
            None => fs::read_to_string(root.join(file))
                .with_context(|| format!("cannot read {file}"))?,
        };
        if mention.find(&text).as_ref() != Some(old) {
            bail!("{}, with version {old}", mention.missing());
        }
        let (from, to) = (
            format!("{before}{old}{after}"),
            format!("{before}{new}{after}"),
        );
        moved.push(((*file).to_owned(), text.replace(&from, &to)));
    }
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use codex_runtime::Pin;
    use semver::Version;

    use super::{MENTIONS, moved, wrong};
    use crate::workspace_root;

    #[test]
    fn another_version_and_a_text_without_one_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("CHANGELOG.md"), "Runtime: 0.1.0. Rust: 1").unwrap();
        fs::write(root.join("README.md"), "| a | b |\n| 0.2.0, pinned | 1 |").unwrap();
        let found = wrong(root, &Version::new(0, 2, 0));
        assert_eq!(
            found[0],
            "CHANGELOG.md names runtime 0.1.0, but 0.2.0 is pinned: correct it"
        );
        assert!(found[1].starts_with("README.md has no `The runtime itself ("));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn every_mention_moves() {
        let (root, new) = (workspace_root(), Version::new(9, 9, 9));
        let folder = tempfile::tempdir().unwrap();
        let documents = moved(&root, Pin::current().version(), &new).unwrap();
        let files: BTreeSet<&str> = MENTIONS.iter().map(|it| it.file).collect();
        assert_eq!(documents.len(), files.len());
        for (file, text) in documents {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        assert_eq!(wrong(folder.path(), &new), [""; 0]);
        assert_eq!(
            wrong(folder.path(), Pin::current().version()).len(),
            MENTIONS.len()
        );
    }

    #[test]
    fn document_with_another_runtime_is_rejected() {
        let other = Version::new(0, 0, 1);
        let error = moved(&workspace_root(), &other, &other).unwrap_err();
        assert!(error.to_string().starts_with("CHANGELOG.md has no"));
    }
}
