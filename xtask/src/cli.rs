//! The command line: arguments, exit codes, and which function each command is.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{ci, corpus, equivalence, figures, generate, repeat, runtime, schema, soak};

/// The outcome of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Everything is in order.
    Done,
    /// Checked files differ from what they should be; the report has been printed.
    Drift,
}

/// The commands of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
#[non_exhaustive]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Turns the schema of the pinned runtime into Rust types; installs the runtime if needed
    GenerateTypes(generate::Options),
    /// Installs, finds or questions the pinned runtime
    Runtime {
        #[command(subcommand)]
        command: RuntimeCommand,
    },
    /// Compares the schemas of runtimes
    Schema {
        #[command(subcommand)]
        command: schema::Command,
    },
    /// Compares the models' reader with `serde_json` on 100,000 instances, and by chance
    Equivalence(equivalence::Options),
    /// Records sessions of the pinned runtime, and derives rules from them
    Corpus {
        #[command(subcommand)]
        command: corpus::Corpus,
    },
    /// Measures the costs that the documents state; builds the crates of others; Linux
    Figures(figures::Options),
    /// Runs what continuous integration runs
    Ci {
        /// The one job to run
        #[arg(value_enum, default_value_t = ci::Job::All)]
        job: ci::Job,
        /// The options of the job `runtimes`
        #[command(flatten)]
        options: ci::runtimes::Options,
    },
    /// Lets clients of both APIs work at random, and fails when anything grows or is left; Linux
    Soak(soak::Options),
    /// Runs ten scenarios with the account of the user who calls; costs tokens
    Live,
    /// Runs the suites of processes, closing and approvals again and again beside busy loops
    Repeat(repeat::Options),
}

#[derive(Debug, Subcommand)]
enum RuntimeCommand {
    /// Installs the pinned runtime, if it is not there yet
    Install,
    /// Hashes every file of the installed runtime and compares it with what was installed
    Verify,
    /// Prints where the runtime's binary is
    Path,
    /// Prints the version of the pinned runtime
    Version,
    /// Moves the workspace to another runtime, and reports what that changes
    Bump(runtime::bump::Options),
    /// Writes the schema of the runtime's protocol into a folder
    Dump {
        /// The folder, absent or empty [default: target/codex-schema, replaced]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

impl Arguments {
    /// Runs the command. Exit codes: 0 done, 1 drift, 2 error.
    pub fn run(self) -> ExitCode {
        let result = match self.command {
            Command::GenerateTypes(options) => generate::run(&options),
            Command::Runtime { command } => run_runtime(command),
            Command::Schema { command } => schema::run(&command),
            Command::Equivalence(options) => equivalence::run(&options).map(|()| Outcome::Done),
            Command::Corpus { command } => corpus::run(&command),
            Command::Figures(options) => figures::run(&options).map(|()| Outcome::Done),
            Command::Ci { job, options } => ci::run(job, &options),
            Command::Soak(options) => soak::run(&options).map(|()| Outcome::Done),
            Command::Live => soak::live().map(|()| Outcome::Done),
            Command::Repeat(options) => repeat::run(&options).map(|()| Outcome::Done),
        };
        match result {
            Ok(Outcome::Done) => ExitCode::SUCCESS,
            Ok(Outcome::Drift) => ExitCode::from(1),
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::from(2)
            }
        }
    }
}

fn run_runtime(command: RuntimeCommand) -> anyhow::Result<Outcome> {
    match command {
        RuntimeCommand::Version => println!("{}", codex_runtime::Pin::current().version()),
        RuntimeCommand::Bump(options) => return runtime::bump::run(&options),
        RuntimeCommand::Install => runtime::install()?,
        RuntimeCommand::Verify => runtime::verify()?,
        RuntimeCommand::Path => runtime::path()?,
        RuntimeCommand::Dump { out } => runtime::dump(out.as_deref())?,
    }
    Ok(Outcome::Done)
}
