//! The schema commands: differences between two runtimes, and what they mean for a program.

pub mod history;
mod verify;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use codegen::diff::{self, Class, Format};

use crate::cli::Outcome;
use crate::dumps::Source;

/// The schema commands.
#[derive(Debug, clap::Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Reports the differences between the schemas of two runtimes, and what they break
    Diff {
        /// The schemas to compare
        #[command(flatten)]
        sides: Sides,
        /// The form of the report
        #[arg(long, value_enum, default_value_t)]
        format: FormatArgument,
    },
    /// Reports what differs for a program that uses certain methods; fails if anything breaks
    Check {
        /// The schemas to compare
        #[command(flatten)]
        sides: Sides,
        /// A file with a method or notification on each line; `#` starts a comment
        #[arg(long, value_name = "FILE")]
        uses: PathBuf,
        /// The form of the report
        #[arg(long, value_enum, default_value_t)]
        format: FormatArgument,
    },
    /// Adds a release to `schema/history.json`, which records since when something is in the
    /// protocol
    History(history::Options),
    /// Compiles a use of every item of the models against both schemas, and compares what breaks
    /// with the verdict of `diff`
    Verify {
        /// The schemas to compare
        #[command(flatten)]
        sides: Sides,
    },
}

/// Two schemas.
#[derive(Debug, Clone, clap::Args)]
#[non_exhaustive]
pub struct Sides {
    /// The old schema: a version, `pinned`, or a folder with a dump
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The new schema: a version, `latest`, or a folder with a dump
    #[arg(value_name = "NEW")]
    pub new: String,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum FormatArgument {
    /// Lines for a terminal
    #[default]
    Text,
    /// A JSON document
    Json,
    /// Markdown, as the text of a pull request
    Markdown,
}

impl From<FormatArgument> for Format {
    fn from(argument: FormatArgument) -> Self {
        match argument {
            FormatArgument::Text => Self::Text,
            FormatArgument::Json => Self::Json,
            FormatArgument::Markdown => Self::Markdown,
        }
    }
}

/// Runs a schema command.
///
/// # Errors
///
/// The errors of fetching, dumping and reading the schemas; methods that neither schema has.
pub fn run(command: &Command) -> Result<Outcome> {
    match command {
        Command::Diff { sides, format } => {
            print!("{}", report(sides, (*format).into())?);
            Ok(Outcome::Done)
        }
        Command::Check {
            sides,
            uses,
            format,
        } => check(sides, uses, (*format).into()),
        Command::History(options) => history::run(options),
        Command::Verify { sides } => verify::run(sides),
    }
}

/// The report of the differences.
///
/// # Errors
///
/// The errors of fetching, dumping and reading the schemas.
pub fn report(sides: &Sides, format: Format) -> Result<String> {
    let (old, new) = (Source::parse(&sides.old)?, Source::parse(&sides.new)?);
    let diff = diff::compare(&old.inventory()?, &new.inventory()?);
    Ok(diff.render(&old.to_string(), &new.to_string(), format))
}

fn check(sides: &Sides, uses: &Path, format: Format) -> Result<Outcome> {
    let methods = read_uses(uses)?;
    let (old, new) = (Source::parse(&sides.old)?, Source::parse(&sides.new)?);
    let (before, after) = (old.inventory()?, new.inventory()?);
    let diff = diff::compare(&before, &after);
    let diff = match diff.used_by(&methods, &before, &after) {
        Ok(diff) => diff,
        Err(unknown) => bail!(
            "{}: neither {old} nor {new} has {}",
            uses.display(),
            unknown.join(", ")
        ),
    };
    print!(
        "{}",
        diff.render(&old.to_string(), &new.to_string(), format)
    );
    let breaks = diff.changes.iter().any(|it| it.class() != Class::Additive);
    Ok(if breaks {
        Outcome::Drift
    } else {
        Outcome::Done
    })
}

fn read_uses(file: &Path) -> Result<BTreeSet<String>> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or(line).trim());
    let methods: BTreeSet<String> = lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    if methods.is_empty() {
        bail!("{} lists no method; write one on each line", file.display());
    }
    Ok(methods)
}
