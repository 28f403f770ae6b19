//! The suites of processes, closing and approvals, again and again beside busy loops: races that a
//! single run does not show.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use anyhow::{Result, bail};

use crate::ci::command;

/// The repetitions of the suites, and the load beside them.
#[derive(Debug, clap::Args)]
#[non_exhaustive]
pub struct Options {
    /// Number of runs of each suite
    #[arg(long, default_value_t = 50)]
    times: usize,
    /// Busy loops beside them
    #[arg(long, default_value_t = 1)]
    hogs: usize,
}

/// The suites in which a race would show: package, binary, filters.
const SUITES: [(&str, &str, &[&str]); 4] = [
    ("codex-pinned-runtime", "it", &["child"]),
    (
        "codex-client",
        "it",
        &["closing", "approvals", "real::orphans", "runtime_gone"],
    ),
    ("codex-client", "behaviour", &["approvals", "unattended"]),
    (
        "codex-exec",
        "exec",
        &["processes", "ending", "real::orphans"],
    ),
];

/// Runs the suites again and again beside busy loops, up to the first failure.
///
/// # Errors
///
/// When a suite cannot be built, or fails.
pub fn run(options: &Options) -> Result<()> {
    for (package, binary, _) in SUITES {
        let build = ["test", "--no-run", "--package", package, "--test", binary];
        command::run(Command::new("cargo").args(build))?;
    }
    let _hogs = Hogs::start(options.hogs);
    for round in 1..=options.times {
        eprintln!("round {round} of {}", options.times);
        for (package, binary, filters) in SUITES {
            let mut test = Command::new("cargo");
            test.args([
                "test",
                "--quiet",
                "--package",
                package,
                "--test",
                binary,
                "--",
            ]);
            test.args(filters);
            let output = test.current_dir(crate::workspace_root()).output()?;
            if !output.status.success() {
                eprint!("{}", String::from_utf8_lossy(&output.stdout));
                eprint!("{}", String::from_utf8_lossy(&output.stderr));
                bail!("`{binary}` of {package} failed in round {round}");
            }
        }
    }
    eprintln!("{} rounds without a failure", options.times);
    Ok(())
}

/// Threads that do nothing but take time; they end with this.
struct Hogs {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Hogs {
    fn start(count: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let hog = |_| {
            let stop = Arc::clone(&stop);
            thread::spawn(move || while !stop.load(Ordering::Relaxed) {})
        };
        let threads = (0..count).map(hog).collect();
        Self { stop, threads }
    }
}

impl Drop for Hogs {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
