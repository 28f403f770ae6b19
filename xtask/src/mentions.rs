//! Texts by hand that name the pinned runtime.

use std::fs;
use std::path::Path;

/// A file, and what stands before and after the version there.
const MENTIONS: [(&str, &str, &str); 3] = [
    ("CHANGELOG.md", "Runtime: ", ". Rust:"),
    ("README.md", "The runtime itself (", ", about"),
    ("codex-client/tests/README.md", "with runtime ", " |"),
];

/// The files that name another version than this one, in sentences; a file that is not there
/// names none.
pub fn wrong(root: &Path, version: &str) -> Vec<String> {
    let texts = MENTIONS.iter().filter_map(|(file, before, after)| {
        let text = fs::read_to_string(root.join(file)).ok()?;
        let found = between(&text, before, after);
        match found {
            Some(found) if found == version => None,
            Some(found) => Some(format!(
                "{file} names runtime {found}, but {version} is pinned"
            )),
            None => Some(format!(
                "{file} has no `{before}…{after}` that names the runtime"
            )),
        }
    });
    texts.collect()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let start = text.find(before)? + before.len();
    let rest = text.get(start..)?;
    rest.get(..rest.find(after)?)
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn another_version_and_a_text_without_one_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::write(root.join("CHANGELOG.md"), "Runtime: 0.1.0. Rust: 1").unwrap();
        std::fs::write(root.join("README.md"), "Nothing.").unwrap();
        let found = wrong(root, "0.2.0");
        assert_eq!(
            found[0],
            "CHANGELOG.md names runtime 0.1.0, but 0.2.0 is pinned"
        );
        assert!(found[1].starts_with("README.md has no"), "{found:?}");
        assert_eq!(found.len(), 2);
    }
}
