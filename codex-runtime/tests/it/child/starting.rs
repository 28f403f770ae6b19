//! The environment of a started child, and failures to start.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use codex_runtime::Error;
use codex_runtime::child::{ChildCommand, SpawnOptions, Variables};

use super::LIMIT;

/// Output of `command`, and its stderr.
fn output(command: &ChildCommand) -> (String, String) {
    let (child, mut pipes) = command.spawn(&SpawnOptions::default(), |_| {}).unwrap();
    let mut text = String::new();
    pipes.stdout.read_to_string(&mut text).unwrap();
    let watch = child.watch();
    watch.wait(LIMIT).unwrap();
    (text.trim().to_owned(), watch.final_stderr_tail())
}

fn shell(script: &str) -> ChildCommand {
    ChildCommand::new("/bin/sh").args(["-c", script])
}

#[test]
fn no_color_is_set_unless_decided() {
    let script = "echo ${NO_COLOR-unset}";
    let with = |change: &dyn Fn(&mut Variables)| {
        let mut variables = Variables::new();
        change(&mut variables);
        output(&shell(script).variables(variables)).0
    };
    assert_eq!(with(&|_| {}), "1");
    assert_eq!(with(&Variables::clear), "1");
    assert_eq!(with(&|variables| variables.set("NO_COLOR", "")), "");
    assert_eq!(with(&|variables| variables.remove("NO_COLOR")), "unset");
}

#[test]
fn stderr_arrives_without_escapes() {
    let (_, stderr) = output(&shell(r"printf '\033[31mred\033[0m\nlast' >&2"));
    assert_eq!(stderr, "red\nlast");
}

#[test]
fn a_flood_on_stderr_is_drained_and_bounded() {
    let script = "head -c 20000000 /dev/zero | tr '\\0' 'x' >&2; echo; echo the end >&2; echo done";
    let (text, stderr) = output(&shell(script));
    assert_eq!(text, "done");
    assert!(stderr.ends_with("the end"), "{stderr}");
    assert!(stderr.len() <= 16 * 1024);
}

#[test]
fn tools_come_first_on_the_search_path() {
    let mut variables = Variables::new();
    variables.set("PATH", "/usr/bin:/tools:/bin");
    let command = shell("echo $PATH").variables(variables).path_dir("/tools");
    assert_eq!(output(&command).0, "/tools:/usr/bin:/bin");
}

#[test]
fn a_missing_folder_does_not_blame_the_program() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for folder in [std::path::Path::new("/nowhere/at/all"), file.path()] {
        let command = shell("true").folder(folder);
        let error = command.spawn(&SpawnOptions::default(), |_| {}).unwrap_err();
        assert!(matches!(error, Error::WorkingFolder { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(folder.to_str().unwrap()), "{text}");
        assert!(!text.contains("/bin/sh"), "{text}");
    }
}

#[test]
fn a_missing_program_is_named() {
    let command = ChildCommand::new("/nowhere/codex");
    let error = command.spawn(&SpawnOptions::default(), |_| {}).unwrap_err();
    assert!(matches!(error, Error::Start { .. }), "{error:?}");
    assert!(error.to_string().contains("/nowhere/codex"), "{error}");
}

#[test]
fn a_binary_that_is_being_written_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    fs::copy("/bin/echo", &path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let writer = fs::OpenOptions::new().append(true).open(&path).unwrap();
    let command = ChildCommand::new(&path).args(["fine"]);
    let busy = std::process::Command::new(&path).spawn().unwrap_err();
    assert_eq!(busy.kind(), std::io::ErrorKind::ExecutableFileBusy);
    let running = thread::spawn(move || output(&command));
    drop(writer);
    assert_eq!(running.join().unwrap().0, "fine");
}

#[test]
fn debug_shows_no_arguments() {
    let debug = format!("{:?}", shell("a secret"));
    assert!(!debug.contains("secret"), "{debug}");
}
