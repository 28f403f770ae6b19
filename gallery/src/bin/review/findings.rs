//! Typed findings, and the list that is made of those of all reviewers. Independent of agents.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// The findings of one reviewer. Doc comments are read by the model.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Findings {
    /// No entry if there is nothing to object to.
    findings: Vec<Finding>,
}

#[derive(Deserialize, JsonSchema)]
struct Finding {
    /// The path, as in the change.
    file: String,
    /// The line of the new version.
    line: Option<u32>,
    severity: Severity,
    /// One sentence.
    problem: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// It must not be merged like this.
    Severe,
    /// It should be fixed.
    Moderate,
    /// A matter of taste.
    Minor,
}

impl Findings {
    pub(crate) fn len(&self) -> usize {
        self.findings.len()
    }
}

/// The findings of all reviewers by place, so that what two of them have found stands together.
#[derive(Default)]
pub(crate) struct Merged(BTreeMap<Place, Vec<(Severity, &'static str, String)>>);

type Place = (String, Option<u32>);

impl Merged {
    pub(crate) fn add(&mut self, reviewer: &'static str, findings: Findings) {
        for finding in findings.findings {
            let place = self.0.entry((finding.file, finding.line)).or_default();
            place.push((finding.severity, reviewer, finding.problem));
            place.sort();
        }
    }

    /// The most severe one.
    pub(crate) fn worst(&self) -> Option<Severity> {
        let severities = self.0.values().flatten().map(|(severity, ..)| *severity);
        severities.min()
    }
}

/// The places with the most severe findings first.
impl fmt::Display for Merged {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut places: Vec<_> = self.0.iter().collect();
        places.sort_by_key(|(_, found)| found.first().map(|(severity, ..)| *severity));
        for ((file, line), found) in places {
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            for (severity, reviewer, problem) in found {
                writeln!(formatter, "{severity} {file}{line}: {problem} ({reviewer})")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Severe => "severe",
            Self::Moderate => "moderate",
            Self::Minor => "minor",
        })
    }
}
