//! The tests that run the real runtime, in a network without an outside, whose kernel counts each
//! attempt to reach what is not there.
//!
//! `cargo test` observes the same tests without privileges. The kernel's counters miss nothing, but
//! take a network namespace: Linux with util-linux and iproute2, and either user namespaces or
//! `sudo` without a password, as on hosted machines that allow no namespaces to their users.

use std::fmt::Write as _;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::command;

/// Set for the tests that run inside.
const INSIDE: &str = "CODEX_TESTS_INSIDE_NAMESPACE";

/// Of the workspace, not of a package, so that what `cargo test` has built is built with the same
/// features and used again.
const OF_WORKSPACE: [&str; 2] = ["--workspace", "--test"];

/// A suite, and the tests of it that are left out.
struct Suite {
    test: &'static str,
    left_out: &'static [&'static str],
}

/// The suites that must reach nothing. One API stands for both: they make the runtime do the same.
/// So do the tests that repeat turns under other conditions. The noisy runtimes of the kit's tests
/// are for [`NOISY`].
const QUIET: [Suite; 3] = [
    Suite {
        test: "behaviour",
        left_out: &[
            "blocking_api::",
            "names::",
            "::approvals_in_stream::",
            "::modes::",
            "::policies::",
            "::streams::",
            "::supervision::",
            "kills::",
        ],
    },
    Suite {
        test: "exec",
        left_out: &[],
    },
    Suite {
        test: "kit",
        left_out: &["noisy", "start::"],
    },
];

/// A runtime with its default configuration, which dials out: the counters notice it.
const NOISY: [&str; 2] = [
    "--exact",
    "loopback::a_noisy_runtime_is_noticed_by_its_sockets",
];

/// Makes a network with nothing but `lo`. Names are asked of a server outside, so that asking is
/// an attempt, too; the caller's own server may be on `lo`. Then runs a command as the user who
/// started it, and writes the kernel's counters to a file.
const SCRIPT: &str = r#"
ip link set lo up || exit
servers=$(mktemp)
echo 'nameserver 192.0.2.1' > "$servers"
mount --bind "$servers" /etc/resolv.conf || exit
rm "$servers"
$AS_USER "$@"
status=$?
cat /proc/net/snmp /proc/net/snmp6 > "$COUNTERS"
exit $status
"#;

/// Builds the tests outside, then runs them inside.
pub(super) fn run() -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("network namespaces are a feature of Linux");
    }
    // If the runtime is still to be installed, then while there is a network.
    command::run(Command::new("cargo").args(["xtask", "runtime", "install"]))?;
    for suite in QUIET {
        let mut build = Command::new("cargo");
        command::run(
            build
                .args(["test", "--no-run"])
                .args(OF_WORKSPACE)
                .arg(suite.test),
        )?;
    }
    let way_in = way_in()?;
    for suite in QUIET {
        let skips = suite.left_out.iter().flat_map(|test| ["--skip", test]);
        let attempts = inside(&way_in, suite.test, skips)?;
        if attempts > 0 {
            bail!("{attempts} packets would have left the loopback interface");
        }
    }
    if inside(&way_in, "kit", NOISY)? == 0 {
        bail!("the kernel's counters do not notice a runtime that dials out");
    }
    Ok(())
}

/// Runs tests of a suite inside; returns how many packets found no way out.
fn inside<'a>(
    way_in: &WayIn,
    suite: &str,
    which: impl IntoIterator<Item = &'a str>,
) -> Result<u64> {
    let counters = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    command::run(
        way_in
            .command("cargo")
            .args(["test", "--offline", "--quiet"])
            .args(OF_WORKSPACE)
            .args([suite, "--"])
            .args(which)
            .env("COUNTERS", counters.path()),
    )?;
    let text = std::fs::read_to_string(counters.path())?;
    attempts_in(&text).context("the kernel shows no counters of packets without a route")
}

/// A command that runs another one in a network of its own.
struct WayIn {
    words: Vec<String>,
    /// The command that returns to the user of the command line.
    as_user: String,
}

impl WayIn {
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(&self.words[0]);
        command
            .args(&self.words[1..])
            .args(["sh", "-c", "eval \"$SCRIPT\"", "sh", program])
            .env("SCRIPT", SCRIPT)
            .env("AS_USER", &self.as_user)
            .env(INSIDE, "1");
        command
    }
}

/// The first way that works here.
fn way_in() -> Result<WayIn> {
    let mut problems = String::new();
    for way_in in ways_in()? {
        let output = way_in.command("true").env("COUNTERS", "/dev/null").output();
        let problem = match output {
            Ok(output) if output.status.success() => return Ok(way_in),
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        write!(problems, " ({}: {problem})", way_in.words[0])?;
    }
    bail!(
        "this job needs a network of its own: install util-linux and iproute2, and allow user \
         namespaces or `sudo` without a password{problems}"
    )
}

fn ways_in() -> Result<[WayIn; 2]> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let namespace = WayIn {
        words: words("unshare --user --map-root-user --net --mount"),
        as_user: String::new(),
    };
    let mut sudo = words("sudo --non-interactive --preserve-env env");
    sudo.push(format!(
        "PATH={}",
        std::env::var("PATH").unwrap_or_default()
    ));
    sudo.extend(words("unshare --net --mount"));
    let id = |of: &str| {
        let number = command::output(Command::new("id").arg(of))?;
        anyhow::Ok(number.trim().to_owned())
    };
    let as_user = format!(
        "setpriv --reuid={} --regid={} --clear-groups",
        id("-u")?,
        id("-g")?
    );
    let sudo = WayIn {
        words: sudo,
        as_user,
    };
    Ok([namespace, sudo])
}

/// Packets for which there was no way, of both versions of the protocol, in what the kernel
/// shows of its counters.
fn attempts_in(counters: &str) -> Option<u64> {
    let mut rows = counters
        .lines()
        .filter_map(|line| line.strip_prefix("Ip: "));
    let names = rows.next()?.split_whitespace();
    let mut values = names.zip(rows.next()?.split_whitespace());
    let (_, version_4) = values.find(|(name, _)| *name == "OutNoRoutes")?;
    let version_6 = counters
        .lines()
        .find_map(|line| line.strip_prefix("Ip6OutNoRoutes"))
        .map_or("0", str::trim);
    Some(version_4.parse::<u64>().ok()? + version_6.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::attempts_in;

    #[test]
    fn packets_without_a_route_are_counted_in_both_versions() {
        let counters = "Ip: Forwarding OutRequests OutNoRoutes\nIp: 1 20 3\n\
                        Icmp: InMsgs\nIcmp: 0\nIp6OutNoRoutes                 \t4\n";
        assert_eq!(attempts_in(counters), Some(7));
        assert_eq!(attempts_in("Icmp: InMsgs\nIcmp: 0\n"), None);
    }
}
