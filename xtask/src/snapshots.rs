//! Snapshot files that no test asserts any more.
//!
//! A snapshot names the source of its test and carries the test's name in its own: what is left
//! when a test is renamed or removed has no test of that name there.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// The reason why the snapshot `file`, relative to `root`, belongs to no test; `None` if it belongs
/// to one.
///
/// # Errors
///
/// Returns an error if the file cannot be read or is no snapshot.
pub fn orphaned(root: &Path, file: &str) -> Result<Option<String>> {
    let text =
        fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))?;
    let source = text
        .lines()
        .find_map(|line| line.strip_prefix("source: "))
        .with_context(|| format!("{file} does not name the source of its test"))?;
    let name = test_name(file);
    let Ok(code) = fs::read_to_string(root.join(source)) else {
        return Ok(Some(format!("{file}: there is no {source}")));
    };
    let is_asserted =
        code.contains(&format!("fn {name}(")) || code.contains(&format!("\"{name}\""));
    Ok((!is_asserted).then(|| format!("{file}: {source} has no `{name}`")))
}

/// `it__module__name-2.snap` is the second snapshot of `name`.
fn test_name(file: &str) -> &str {
    let stem = file.strip_suffix(".snap").unwrap_or(file);
    let name = stem.rsplit("__").next().unwrap_or(stem);
    match name.rsplit_once('-') {
        Some((name, number)) if number.chars().all(|it| it.is_ascii_digit()) => name,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::orphaned;

    #[test]
    fn only_a_snapshot_with_a_test_is_none_too_many() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
        write(
            "tests.rs",
            "#[test]\nfn kept() {}\nconst NAMED: &str = \"named\";\n",
        );
        let orphan = |name: &str, source: &str| {
            write(name, &format!("---\nsource: {source}\n---\nx\n"));
            orphaned(root.path(), name).unwrap()
        };
        assert_eq!(orphan("it__kept.snap", "tests.rs"), None);
        assert_eq!(orphan("it__kept-2.snap", "tests.rs"), None);
        assert_eq!(orphan("it__named.snap", "tests.rs"), None);
        let gone = "it__gone.snap: tests.rs has no `gone`";
        assert_eq!(orphan("it__gone.snap", "tests.rs").unwrap(), gone);
        let lost = "it__lost.snap: there is no lost.rs";
        assert_eq!(orphan("it__lost.snap", "lost.rs").unwrap(), lost);
    }
}
