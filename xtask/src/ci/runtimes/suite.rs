//! The core of the behavior suite as a test binary: how it is run, and what its output means.
//!
//! A test that ends well has printed `lacks WHAT, since VERSION` if the client refused what the
//! runtime is too old for.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use codex_runtime::Runtime;

use crate::ci::command;
use crate::workspace_root;

/// The binary of the suite.
const SUITE: [&str; 6] = [
    "test",
    "--quiet",
    "--package",
    "codex-client",
    "--test",
    "behaviour",
];
/// The module of the scenarios, in the module of each API.
const MODULE: &str = "essentials";

/// The outcome of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It came out.
    Works,
    /// The client refused what the runtime lacks: what, and since when others have it.
    Lacks(String, String),
    /// It failed.
    Fails,
}

/// The verdicts by the module of an API and the name of a scenario.
pub(super) type Outcome = BTreeMap<(String, String), Verdict>;

/// Builds the suite.
pub(super) fn build() -> Result<()> {
    command::run(Command::new("cargo").args(SUITE).arg("--no-run"))
}

/// Runs the suite on a runtime. Scenarios that fail are part of the outcome; their output goes to the
/// terminal.
pub(super) fn run(runtime: &Runtime) -> Result<Outcome> {
    let output = Command::new("cargo")
        .args(SUITE)
        .args([
            "--",
            &format!("::{MODULE}::"),
            "--show-output",
            "--format=pretty",
        ])
        .env("CODEX_BIN", runtime.binary())
        .current_dir(workspace_root())
        .output()
        .context("cannot start cargo")?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let outcome = read(&stdout);
    let fails = outcome.values().any(|verdict| *verdict == Verdict::Fails);
    if fails || outcome.is_empty() {
        eprintln!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
    }
    if outcome.is_empty() || output.status.success() == fails {
        bail!("the suite ended unexpectedly ({})", output.status);
    }
    Ok(outcome)
}

/// The verdicts in what the test harness prints.
fn read(stdout: &str) -> Outcome {
    let mut outcome = Outcome::new();
    let mut shown = None;
    for line in stdout.lines() {
        let test = line
            .strip_prefix("test ")
            .and_then(|line| line.split_once(" ... "));
        if let Some((key, verdict)) = test.and_then(|(path, end)| Some((scenario(path)?, end))) {
            let works = verdict.starts_with("ok");
            outcome.insert(
                key,
                if works {
                    Verdict::Works
                } else {
                    Verdict::Fails
                },
            );
        }
        let header = line
            .strip_prefix("---- ")
            .and_then(|line| line.strip_suffix(" stdout ----"));
        shown = header.and_then(scenario).or(shown);
        let lacking = line
            .strip_prefix("lacks ")
            .and_then(|line| line.split_once(", since "));
        if let (Some((what, since)), Some(key)) = (lacking, &shown) {
            if let Some(verdict) = outcome.get_mut(key).filter(|it| **it == Verdict::Works) {
                *verdict = Verdict::Lacks(what.to_owned(), since.to_owned());
            }
        }
    }
    outcome
}

/// The API's module and the scenario's name, of the path of a test.
fn scenario(path: &str) -> Option<(String, String)> {
    let (api, name) = path.split_once(&format!("::{MODULE}::"))?;
    Some((api.to_owned(), name.to_owned()))
}

/// The modules of the APIs, in order.
pub(super) fn apis(outcome: &Outcome) -> BTreeSet<&str> {
    outcome.keys().map(|(api, _)| api.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Verdict, read};

    #[test]
    fn output_of_the_harness_is_read() {
        let outcome = read(
            "running 4 tests\n\
             test a::essentials::run ... ok\n\
             test a::essentials::turns ... ok\n\
             test b::essentials::run ... FAILED\n\
             test other::run ... ok\n\n\
             successes:\n\n\
             ---- a::essentials::turns stdout ----\nlacks thread/turns/list, since 0.151.0\n\n\
             failures:\n\n\
             ---- b::essentials::run stdout ----\nlacks nothing, since 1.0.0\n",
        );
        let verdict = |api: &str, name: &str| outcome[&(api.to_owned(), name.to_owned())].clone();
        assert_eq!(verdict("a", "run"), Verdict::Works);
        assert_eq!(verdict("b", "run"), Verdict::Fails);
        let lacks = Verdict::Lacks("thread/turns/list".into(), "0.151.0".into());
        assert_eq!(verdict("a", "turns"), lacks);
        assert_eq!(outcome.len(), 3);
    }
}
