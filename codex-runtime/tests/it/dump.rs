//! Dumping: what the runtime is asked, and that a failure leaves nothing.

use std::fs;
use std::time::Duration;

use codex_runtime::Error;

use crate::fake::{Sandbox, names};

/// A runtime that writes its arguments and its home into the folder of the dump.
const ECHOING: &str = r#"
for last; do :; done
mkdir -p "$last"
echo "$@" > "$last/arguments"
echo "$HOME $CODEX_HOME" > "$last/home"
"#;

#[test]
fn dumps_run_in_a_home_of_their_own() {
    let sandbox = Sandbox::new();
    let out = sandbox.path("deep/dump");
    sandbox.codex(ECHOING).dump_schema(&out).unwrap();
    for (folder, expected) in [
        ("stable", "app-server generate-json-schema --out "),
        (
            "experimental",
            "app-server generate-json-schema --experimental --out ",
        ),
        (
            "ts/experimental",
            "app-server generate-ts --experimental --out ",
        ),
    ] {
        let read = |name: &str| fs::read_to_string(out.join(folder).join(name)).unwrap();
        assert!(
            read("arguments").starts_with(expected),
            "{}",
            read("arguments")
        );
        let homes = read("home");
        let (home, codex_home) = homes.trim().split_once(' ').unwrap();
        assert_eq!(home, codex_home);
        assert_ne!(Some(home), std::env::var("HOME").ok().as_deref());
    }
    assert_eq!(names(&sandbox.path("deep")), ["dump"]);
}

#[test]
fn an_empty_folder_is_fresh_and_a_used_one_is_not() {
    let sandbox = Sandbox::new();
    let out = sandbox.path("dump");
    fs::create_dir(&out).unwrap();
    let codex = sandbox.codex(ECHOING);
    codex.dump_schema(&out).unwrap();
    let error = codex.dump_schema(&out).unwrap_err();
    assert!(
        matches!(&error, Error::DumpFolderNotEmpty { path, .. } if *path == out),
        "{error:?}"
    );
}

#[test]
fn a_failed_dump_shows_stderr_and_leaves_nothing() {
    let sandbox = Sandbox::new();
    let out = sandbox.path("deep/dump");
    let failing = r#"case "$*" in *generate-ts*) echo "no such command" >&2; exit 2;; esac"#;
    let error = sandbox.codex(failing).dump_schema(&out).unwrap_err();
    assert!(matches!(error, Error::DumpFailed { .. }), "{error:?}");
    let message = error.to_string();
    assert!(
        message.contains("no such command") && message.contains("generate-ts"),
        "{message}"
    );
    assert_eq!(names(&sandbox.path("deep")), Vec::<String>::new());
}

#[test]
fn a_dump_that_hangs_is_stopped() {
    let sandbox = Sandbox::new();
    let out = sandbox.path("deep/dump");
    let codex = sandbox.codex("echo thinking >&2; exec sleep 600");
    let error = codex
        .dump_schema_within(&out, Duration::from_millis(200))
        .unwrap_err();
    assert!(matches!(&error, Error::TimedOut { .. }), "{error:?}");
    assert!(error.to_string().contains("thinking"), "{error}");
    assert_eq!(names(&sandbox.path("deep")), Vec::<String>::new());
}
