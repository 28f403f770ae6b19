//! The differences between a plan and the disk, as a report.

use std::fmt::{self, Write as _};
use std::time::Duration;

use similar::TextDiff;

use crate::provenance::canonical_json;

/// Limits of the report: lines of one file's diff, and files with a diff.
const LINES: usize = 40;
const FILES: usize = 10;
/// Limit of a line, in characters.
const WIDTH: usize = 200;
/// Limit of the search for a small diff; afterwards a coarser one is shown.
const DIFF_LIMIT: Duration = Duration::from_millis(500);

/// The command that fixes a drift.
const FIX: &str = "cargo xtask generate-types";

/// Every difference between a plan and the disk. Empty when they agree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drift {
    /// Files that should be there and are not.
    pub missing: Vec<String>,
    /// Files that should not be there.
    pub extra: Vec<String>,
    /// Files with other contents.
    pub changed: Vec<Change>,
    /// Other reasons why the files cannot be right, in sentences.
    pub reasons: Vec<String>,
}

/// A file whose contents differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Its path.
    pub path: String,
    /// Unified diff from what is there to what should be, shortened.
    pub diff: String,
}

impl Change {
    pub(super) fn new(path: &str, found: &[u8], expected: &str) -> Self {
        let found = String::from_utf8_lossy(found);
        let mut diff = unified(path, &found, expected);
        if is_same_json(path, &found, expected) {
            diff.push_str("(the same JSON, written differently)\n");
        }
        Self {
            path: path.to_owned(),
            diff,
        }
    }
}

impl Drift {
    /// Returns true if plan and disk agree.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty()
            && self.extra.is_empty()
            && self.changed.is_empty()
            && self.reasons.is_empty()
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (missing, changed, extra) = (self.missing.len(), self.changed.len(), self.extra.len());
        writeln!(
            f,
            "generated files are not fresh: {missing} missing, {changed} stale, {extra} extra"
        )?;
        for reason in &self.reasons {
            writeln!(f, "{reason}")?;
        }
        for path in &self.missing {
            writeln!(f, "missing: {path}")?;
        }
        for change in &self.changed {
            writeln!(f, "stale: {}", change.path)?;
        }
        for path in &self.extra {
            writeln!(f, "extra: {path}")?;
        }
        for change in self.changed.iter().take(FILES) {
            write!(f, "\n{}", change.diff)?;
        }
        if changed > FILES {
            writeln!(f, "\n({} more diffs not shown)", changed - FILES)?;
        }
        write!(f, "\nrun `{FIX}` and commit the result")
    }
}

fn unified(path: &str, found: &str, expected: &str) -> String {
    let diff = TextDiff::configure()
        .timeout(DIFF_LIMIT)
        .diff_lines(found, expected);
    let text = diff
        .unified_diff()
        .header(&format!("{path} (checked in)"), &format!("{path} (fresh)"))
        .to_string();
    shorten(&text)
}

fn shorten(text: &str) -> String {
    let mut short = String::new();
    for line in text.lines().take(LINES) {
        let mut characters = line.chars();
        short.extend(characters.by_ref().take(WIDTH));
        if characters.next().is_some() {
            short.push('…');
        }
        short.push('\n');
    }
    let hidden = text.lines().count().saturating_sub(LINES);
    if hidden > 0 {
        // Writing to a string cannot fail.
        let _ = writeln!(short, "({hidden} more lines of this diff not shown)");
    }
    short
}

fn is_same_json(path: &str, found: &str, expected: &str) -> bool {
    path.ends_with(".schemas.json")
        && match (canonical_json(found), canonical_json(expected)) {
            (Ok(found), Ok(expected)) => found == expected,
            _ => false,
        }
}
