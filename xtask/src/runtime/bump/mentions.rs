//! The documents that name the pinned runtime.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use semver::Version;

/// The documents, and the words around the version there.
const MENTIONS: [(&str, &str, &str); 3] = [
    ("CHANGELOG.md", "Runtime: ", ". Rust:"),
    ("README.md", "The runtime itself (", ", about"),
    (
        "codex-client/tests/README.md",
        "What is different with runtime ",
        " |",
    ),
];

/// The documents with the new version.
pub(super) fn moved(root: &Path, old: &Version, new: &Version) -> Result<Vec<(String, String)>> {
    let moved = MENTIONS.iter().map(|(file, before, after)| {
        let path = root.join(file);
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mention = format!("{before}{old}{after}");
        if !text.contains(&mention) {
            bail!(
                "{file} has no `{mention}`: mend it, or adapt \
                 xtask/src/runtime/bump/mentions.rs"
            );
        }
        let text = text.replace(&mention, &format!("{before}{new}{after}"));
        Ok(((*file).to_owned(), text))
    });
    moved.collect()
}

#[cfg(test)]
mod tests {
    use codex_runtime::Pin;
    use semver::Version;

    use super::{MENTIONS, moved};
    use crate::workspace_root;

    #[test]
    fn every_document_names_the_pinned_runtime() {
        let new = Version::new(9, 9, 9);
        let moved = moved(&workspace_root(), Pin::current().version(), &new).unwrap();
        assert_eq!(moved.len(), MENTIONS.len());
        for (file, text) in moved {
            assert!(text.contains("9.9.9"), "{file}");
        }
    }

    #[test]
    fn document_that_names_another_runtime_is_refused() {
        let other = Version::new(0, 0, 1);
        let error = moved(&workspace_root(), &other, &other).unwrap_err();
        assert!(error.to_string().starts_with("CHANGELOG.md has no"));
    }
}
