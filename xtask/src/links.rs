//! The relative links of Markdown files: does what they name exist, headings included.
//!
//! Links to the web are left alone: whether they answer is not for a test to know.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// The links of `file` that lead nowhere, as `file:line: target`. `file` is relative to `root`.
///
/// # Errors
///
/// When a file cannot be read.
pub fn broken(root: &Path, file: &str) -> Result<Vec<String>> {
    let text = read(&root.join(file))?;
    let folder = Path::new(file).parent().unwrap_or_else(|| Path::new(""));
    let mut broken = Vec::new();
    for (line, target) in targets(&text) {
        let (path, heading) = target.split_once('#').unwrap_or((target, ""));
        let linked = match path {
            "" => root.join(file),
            path => root.join(folder).join(path),
        };
        let is_there = linked.exists() && (heading.is_empty() || has_heading(&linked, heading)?);
        if !is_there {
            broken.push(format!("{file}:{line}: {target}"));
        }
    }
    Ok(broken)
}

/// The relative targets of inline links outside of code, with their lines, counted from one.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut targets = Vec::new();
    for (number, line) in prose(text) {
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, next)) = after.split_once(')') else {
                break;
            };
            if !target.contains(':') {
                targets.push((number, target));
            }
            rest = next;
        }
    }
    targets
}

/// The lines that are not in a fenced block.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            return None;
        }
        (!is_code).then_some((index + 1, line))
    })
}

fn has_heading(path: &Path, wanted: &str) -> Result<bool> {
    let text = read(path)?;
    let anchors: BTreeSet<String> = prose(&text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| anchor(line.trim_start_matches('#')))
        .collect();
    Ok(anchors.contains(wanted))
}

/// The anchor that forges make of a heading.
fn anchor(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'))
        .map(|it| if it == ' ' { '-' } else { it })
        .collect()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{anchor, broken};

    #[test]
    fn a_link_that_leads_nowhere_is_reported_with_its_place() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("docs")).unwrap();
        fs::write(
            root.path().join("README.md"),
            "# One\n\n## The `two`, here\n",
        )
        .unwrap();
        let text = "[a](../README.md) [b](../GONE.md)\n[c](../README.md#the-two-here)\n\
                    [d](../README.md#three) [e](https://example.org/x) [f](#g)\n\
                    ```\n[code](nowhere)\n```\n";
        fs::write(root.path().join("docs/page.md"), text).unwrap();
        assert_eq!(
            broken(root.path(), "docs/page.md").unwrap(),
            [
                "docs/page.md:1: ../GONE.md",
                "docs/page.md:3: ../README.md#three",
                "docs/page.md:3: #g",
            ]
        );
    }

    #[test]
    fn an_anchor_is_what_a_forge_makes_of_a_heading() {
        assert_eq!(
            anchor(" What you can rely on: `x`"),
            "what-you-can-rely-on-x"
        );
    }
}
