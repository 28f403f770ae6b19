//! A network without an outside, in which a test binary runs some of its tests once more. The
//! kernel counts each attempt to reach what is not there.
//!
//! Linux only. Needs `unshare` and `ip`, and either user namespaces or `sudo` without a password,
//! which is how it is on hosted machines that allow no namespaces to their users.

use std::fmt::Write as _;
use std::process::{Command, Output};

/// Set for the tests that run inside.
pub(crate) const INSIDE: &str = "CODEX_TESTS_INSIDE_NAMESPACE";

/// Makes a network with nothing but `lo`. Names are asked of a server outside, so that asking is
/// an attempt, too; the caller's own server may be on `lo`. Then runs the tests as the user who
/// asked for it, and ends with what the kernel has counted.
const SCRIPT: &str = r#"
ip link set lo up || exit
servers=$(mktemp)
echo 'nameserver 192.0.2.1' > "$servers"
mount --bind "$servers" /etc/resolv.conf || exit
rm "$servers"
$AS_USER "$0" "$@"
status=$?
cat /proc/net/snmp /proc/net/snmp6
exit $status
"#;

/// What came of it.
pub(crate) struct Watched {
    /// What the tests have printed.
    pub(crate) said: String,
    pub(crate) passed: bool,
    /// How often something tried to reach the outside.
    pub(crate) attempts: u64,
}

/// Runs tests of this binary inside, chosen by its own arguments.
///
/// # Panics
///
/// With a sentence that says what to do, when this machine can make no such network.
pub(crate) fn watch(arguments: &[&str]) -> Watched {
    let mut problems = String::new();
    for (mut command, as_user) in ways_in() {
        let output = command
            .args(["sh", "-c", SCRIPT])
            .arg(std::env::current_exe().unwrap())
            .args(arguments)
            .env(INSIDE, "1")
            .env("AS_USER", as_user)
            .output();
        let problem = match output.as_ref().map(read) {
            Ok(Ok(watched)) => return watched,
            Ok(Err(said)) => said,
            Err(error) => error.to_string(),
        };
        let program = command.get_program().to_string_lossy();
        write!(problems, " ({program}: {problem})").unwrap();
    }
    panic!(
        "this test needs a network of its own: install util-linux and iproute2, and allow user \
         namespaces or `sudo` without a password{problems}"
    )
}

/// Commands that run another one in a network of its own, and what that one runs tests with.
fn ways_in() -> [(Command, String); 2] {
    let mut namespace = Command::new("unshare");
    namespace.args(["--user", "--map-root-user", "--net", "--mount"]);
    let mut sudo = Command::new("sudo");
    let path = std::env::var("PATH").unwrap_or_default();
    sudo.args(["--non-interactive", "--preserve-env", "env"])
        .arg(format!("PATH={path}"))
        .args(["unshare", "--net", "--mount"]);
    let user = rustix::process::getuid().as_raw();
    let group = rustix::process::getgid().as_raw();
    let as_user = format!("setpriv --reuid={user} --regid={group} --clear-groups");
    [(namespace, String::new()), (sudo, as_user)]
}

/// Without the kernel's counters no test has run, and what was said is the reason.
fn read(output: &Output) -> Result<Watched, String> {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match attempts_in(&said) {
        Some(attempts) => Ok(Watched {
            attempts,
            passed: output.status.success(),
            said,
        }),
        None => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// Packets for which there was no way, of both versions of the protocol, in what the kernel
/// shows of its counters.
pub(crate) fn attempts_in(counters: &str) -> Option<u64> {
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
