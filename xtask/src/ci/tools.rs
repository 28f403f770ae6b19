//! The tools that some jobs need: which, in which version, and where they are.
//!
//! They are built by cargo into the target folder, so that they need no package manager, disturb
//! nothing the user has installed, and are there for the next run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::command;
use super::manifest::Metadata;

/// A tool from the registry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tool {
    package: &'static str,
    version: &'static str,
    program: &'static str,
}

pub(super) const CARGO_DENY: Tool = Tool {
    package: "cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
};
pub(super) const CARGO_MACHETE: Tool = Tool {
    package: "cargo-machete",
    version: "0.9.2",
    program: "cargo-machete",
};
pub(super) const TYPOS: Tool = Tool {
    package: "typos-cli",
    version: "1.52.0",
    program: "typos",
};

/// Compares APIs. It takes minutes to be built, so that it is not one of [`OF_THE_SCRIPT`].
pub(super) const CARGO_SEMVER_CHECKS: Tool = Tool {
    package: "cargo-semver-checks",
    version: "0.51.0",
    program: "cargo-semver-checks",
};

/// The tools of the jobs in `.ci/run`.
pub(super) const OF_THE_SCRIPT: [Tool; 3] = [CARGO_DENY, CARGO_MACHETE, TYPOS];

/// Builds those of the tools that are missing. Without optimization: they run for seconds.
pub(super) fn install(tools: &[Tool]) -> Result<()> {
    let wanted = tools
        .iter()
        .map(|tool| format!("{}@{}", tool.package, tool.version));
    let root = root()?;
    command::run(
        Command::new("cargo")
            .args(["install", "--locked", "--debug", "--quiet", "--root"])
            .arg(&root)
            .arg("--target-dir")
            .arg(root.join("build"))
            .args(wanted)
            .env("CARGO_PROFILE_DEV_DEBUG", "false"),
    )
}

impl Tool {
    /// The command that starts the tool, in the version the workspace asks for.
    pub(super) fn command(self) -> Result<Command> {
        let file =
            root()?
                .join("bin")
                .join(format!("{}{}", self.program, std::env::consts::EXE_SUFFIX));
        let candidates = [file, PathBuf::from(self.program)];
        for candidate in candidates {
            if self.is_right(&candidate) {
                return Ok(Command::new(candidate));
            }
        }
        bail!(
            "{program} {version} is missing: run `cargo xtask ci tools`, or \
             `cargo install --locked {package}@{version}`",
            program = self.program,
            version = self.version,
            package = self.package,
        )
    }

    fn is_right(self, program: &PathBuf) -> bool {
        Command::new(program)
            .arg("--version")
            .output()
            .is_ok_and(|output| self.says_version(&String::from_utf8_lossy(&output.stdout)))
    }

    fn says_version(self, text: &str) -> bool {
        text.split_whitespace().any(|word| word == self.version)
    }
}

fn root() -> Result<PathBuf> {
    Ok(Metadata::read()?.target_directory.join("ci-tools"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_not_the_tool() {
        assert!(TYPOS.says_version(&format!("typos-cli {}\n", TYPOS.version)));
        assert!(!TYPOS.says_version(&format!("typos-cli {}0", TYPOS.version)));
    }

    #[test]
    fn missing_tool_error_has_a_remedy() {
        let tool = Tool {
            package: "no-such-package",
            version: "1.2.3",
            program: "no-such-program",
        };
        let error = tool.command().unwrap_err().to_string();
        assert!(
            error.contains("cargo install --locked no-such-package@1.2.3"),
            "{error}"
        );
    }
}
