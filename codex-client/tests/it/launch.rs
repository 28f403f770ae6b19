//! The command of the runtime: its environment, and what its `Debug` prints.

use std::collections::BTreeMap;
use std::path::Path;

use codex_client::Launch;

use crate::mode::{Async, Mode, Setup};

/// The environment of a process that is started like the runtime.
fn environment(folder: &Path, change: impl FnOnce(Launch) -> Launch) -> BTreeMap<String, String> {
    let file = folder.join("environment");
    let script = format!("env > '{}'", file.display());
    let launch = Launch::new().binary("/bin/sh").cwd(folder);
    // `app-server` is an argument of the script.
    let launch = change(launch.arguments(["-c", &script]));
    let failed = Async::spawn(&Setup::default(), &launch);
    assert!(failed.is_err(), "a shell is no runtime");
    let text = std::fs::read_to_string(&file).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once('='));
    // The shell sets these itself.
    let own = lines.filter(|(name, _)| !["_", "PWD", "OLDPWD", "SHLVL"].contains(name));
    own.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn environment_is_changed_in_the_order_of_the_calls() {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var("PATH").unwrap();
    let all = environment(folder.path(), |launch| launch.env("ADDED", "1"));
    assert_eq!((&*all["ADDED"], &all["PATH"]), ("1", &path));
    let removed = environment(folder.path(), |launch| {
        launch
            .env("ADDED", "1")
            .env_remove("ADDED")
            .env_remove("PATH")
            .env("LAST", "2")
    });
    let is_there = ["ADDED", "LAST"].map(|name| removed.contains_key(name));
    assert_eq!(is_there, [false, true]);
    assert_ne!(removed.get("PATH"), Some(&path));
}

/// As with std: what was inherited and what was set before is removed, what is set later stays.
#[test]
fn cleared_environment_has_only_what_was_set_later() {
    let folder = tempfile::tempdir().unwrap();
    let mut cleared = environment(folder.path(), |launch| {
        launch
            .env("LOST", "1")
            .env_clear()
            .envs([("KEPT", "2"), ("PATH", "/bin")])
    });
    // The mark of descendants, and that of a terminal without colors.
    cleared.retain(|name, _| !["CODEX_PROCESS_TREE", "NO_COLOR"].contains(&name.as_str()));
    let expected = [("KEPT", "2"), ("PATH", "/bin")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(cleared, BTreeMap::from(expected));
}

#[test]
fn debug_has_names_and_no_values() {
    let launch = Launch::new()
        .env("API_KEY", "sesame")
        .config("model_providers.x.http_headers.authorization=\"sesame\"")
        .config("sesame-without-a-key")
        .arguments(["--token", "sesame"]);
    let printed = format!("{launch:?} {launch:#?}");
    assert!(printed.contains("API_KEY"), "{printed}");
    assert!(printed.contains("http_headers.authorization"), "{printed}");
    assert!(!printed.contains("sesame"), "{printed}");
}
