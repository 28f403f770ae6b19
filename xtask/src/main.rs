//! The commands of this workspace: `cargo xtask help` lists them.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    xtask::cli::Arguments::parse().run()
}
