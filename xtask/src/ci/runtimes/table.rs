//! The table in the README: a row for each runtime.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use codex_runtime::Pin;
use semver::Version;

use super::suite::{Outcome, Verdict, apis};

/// The document with the table.
pub const DOCUMENT: &str = "README.md";
const BEGIN: &str = "<!-- runtimes: written by `cargo xtask ci runtimes` -->\n";
const END: &str = "<!-- end of runtimes -->\n";
const HEAD: &str = "\
| runtime | async API | blocking API | rejected before sending, because the runtime does not support it |
|---|---|---|---|
";

/// A runtime, and how many of the scenarios came out on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The runtime.
    pub version: Version,
    /// Number of scenarios.
    pub scenarios: usize,
    /// Number of successful ones, for the async and for the blocking API.
    pub working: [usize; 2],
    /// Rejected methods and parameters, with the first runtimes that support them.
    pub lacking: BTreeSet<(String, String)>,
    failing: Vec<String>,
}

impl Row {
    pub(super) fn new(version: &Version, outcome: &Outcome) -> Self {
        let mut working = [0; 2];
        for (count, api) in working.iter_mut().zip(apis(outcome)) {
            let works = |((it, _), verdict): &(&(String, String), &Verdict)| {
                it == api && **verdict == Verdict::Works
            };
            *count = outcome.iter().filter(works).count();
        }
        let lacking = outcome.values().filter_map(|verdict| match verdict {
            Verdict::Lacks(what, since) => Some((what.clone(), since.clone())),
            Verdict::Works | Verdict::Fails => None,
        });
        let failing = outcome
            .iter()
            .filter(|(_, verdict)| **verdict == Verdict::Fails);
        Self {
            version: version.clone(),
            scenarios: outcome.len() / working.len(),
            working,
            lacking: lacking.collect(),
            failing: failing
                .map(|((api, name), _)| format!("{api}::{name}"))
                .collect(),
        }
    }

    /// The scenarios that failed, as sentences.
    pub(super) fn failures(&self) -> Vec<String> {
        let version = &self.version;
        let failing = self.failing.iter();
        failing
            .map(|name| format!("{version}: {name} fails"))
            .collect()
    }

    fn render(&self) -> String {
        let pinned = if self.version == *Pin::current().version() {
            ", pinned"
        } else {
            ""
        };
        let lacking = self.lacking.iter();
        let lacking: Vec<String> = lacking
            .map(|(what, since)| format!("`{what}` (since {since})"))
            .collect();
        let (version, [first, second], of) = (&self.version, self.working, self.scenarios);
        format!(
            "| {version}{pinned} | {first} of {of} | {second} of {of} | {} |\n",
            if lacking.is_empty() {
                "nothing".to_owned()
            } else {
                lacking.join(", ")
            }
        )
    }

    fn parse(line: &str) -> Option<Self> {
        let mut cells = line.split('|').skip(1).map(str::trim);
        let version = cells.next()?.trim_end_matches(", pinned").parse().ok()?;
        let (first, of) = cells.next()?.split_once(" of ")?;
        let (second, same) = cells.next()?.split_once(" of ")?;
        let lacking = match cells.next()? {
            "nothing" => BTreeSet::new(),
            list => list.split(", ").map(lacking).collect::<Option<_>>()?,
        };
        (of == same).then_some(())?;
        Some(Self {
            version,
            scenarios: of.parse().ok()?,
            working: [first.parse().ok()?, second.parse().ok()?],
            lacking,
            failing: Vec::new(),
        })
    }
}

/// Parses `` `what` (since version) `` into the rejected part and its first runtime.
fn lacking(text: &str) -> Option<(String, String)> {
    let (what, since) = text.strip_prefix('`')?.split_once("` (since ")?;
    Some((what.to_owned(), since.strip_suffix(')')?.to_owned()))
}

/// The table.
pub(super) fn render(rows: &[Row]) -> String {
    let rows: String = rows.iter().map(Row::render).collect();
    format!("{HEAD}{rows}")
}

/// The rows of the table in a document.
///
/// # Errors
///
/// When the document has no such table, or a row is not in the form that is written.
pub fn rows(document: &str) -> Result<Vec<Row>> {
    let (_, table, _) = parts(document)?;
    let rows = table
        .strip_prefix(HEAD)
        .context("the table of runtimes has another head")?;
    let rows = rows.lines();
    rows.map(|line| Row::parse(line).with_context(|| format!("not a row of runtimes: {line}")))
        .collect()
}

/// The document with another table.
pub(super) fn replaced(document: &str, table: &str) -> Result<String> {
    let (before, _, after) = parts(document)?;
    Ok(format!("{before}{BEGIN}{table}{END}{after}"))
}

fn parts(document: &str) -> Result<(&str, &str, &str)> {
    let found = document.split_once(BEGIN);
    let found = found.and_then(|(before, rest)| Some((before, rest.split_once(END)?)));
    let (before, (table, after)) = found.with_context(|| {
        format!(
            "{DOCUMENT} has no table between `{}` and `{}`",
            BEGIN.trim(),
            END.trim()
        )
    })?;
    Ok((before, table, after))
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::{BEGIN, END, Row, render, replaced, rows};
    use crate::ci::runtimes::suite::{Outcome, Verdict};

    fn row() -> Row {
        let lacks = Verdict::Lacks("thread/delete".into(), "0.140.0".into());
        let verdicts = [
            ("async", "run", Verdict::Works),
            ("async", "delete", lacks.clone()),
            ("blocking", "run", Verdict::Fails),
            ("blocking", "delete", lacks),
        ];
        let verdicts = verdicts.map(|(api, name, it)| ((api.to_owned(), name.to_owned()), it));
        Row::new(&Version::new(0, 133, 0), &Outcome::from(verdicts))
    }

    #[test]
    fn counts_are_by_api() {
        let row = row();
        assert_eq!((row.scenarios, row.working), (2, [1, 0]));
        assert_eq!(row.lacking.len(), 1);
        assert_eq!(row.failures(), ["0.133.0: blocking::run fails"]);
    }

    #[test]
    fn table_is_read_as_it_was_written() {
        let mut row = row();
        row.failing.clear();
        let document = format!("before\n{BEGIN}old\n{END}after\n");
        assert!(rows(&document).is_err());
        let document = replaced(&document, &render(&[row.clone()])).unwrap();
        assert!(document.starts_with("before\n") && document.ends_with("after\n"));
        assert_eq!(rows(&document).unwrap(), [row]);
        assert!(replaced("no table", "").is_err());
    }
}
