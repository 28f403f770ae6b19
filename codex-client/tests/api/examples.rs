//! Every example runs against the mock and prints the expected text.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use codex_testing::{AppServerHarness, Reply};

use crate::login_port;

/// The path of the built example: beside the tests, or built now. Tests that are selected by name
/// are built without the examples.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().unwrap().parent().unwrap();
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let binary = profile.join("examples").join(file);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/{name}.rs"));
    let changed = |path: &Path| path.metadata().and_then(|known| known.modified()).ok();
    if changed(&binary) < changed(&source) {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--all-features", "--example", name])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .arg("--target-dir")
            .arg(profile.parent().unwrap())
            .status();
        assert!(built.unwrap().success(), "{name} could not be built");
    }
    binary
}

/// Runs an example with this input, and returns its output.
fn run(name: &str, input: &str) -> String {
    run_in(
        Command::new(binary(name)).env_remove("OPENAI_API_KEY"),
        input,
    )
}

fn run_in(command: &mut Command, input: &str) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn check(name: &str, input: &str, expected: &[&str]) {
    let printed = run(name, input);
    for line in expected {
        assert!(printed.contains(line), "{name}, {line}: {printed}");
    }
}

#[test]
fn every_example_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let list = fs::read_to_string(folder.join("README.md")).unwrap();
    let mut found = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "rs") {
            let file = path.file_name().unwrap().to_str().unwrap();
            assert!(list.contains(&format!("({file})")), "{file}");
            found += 1;
        }
    }
    assert!(found > 10);
}

#[test]
fn approvals() {
    check("approvals", "", &["date: yes", "Now I know."]);
}

#[test]
fn approvals_in_stream() {
    let expected = [
        "date (to know what day it is)\naccept\n",
        "(to clean up)\ndecline\n",
        "and I may not clean up.",
    ];
    check("approvals_in_stream", "", &expected);
}

#[test]
fn blocking() {
    check("blocking", "", &["It is a Rust workspace.\n(2 items in "]);
}

#[test]
fn errors() {
    let expected = ["trying again: ", "Here I am again.", "thread/resume: "];
    check("errors", "", &expected);
}

#[test]
#[cfg(unix)]
fn supervised() {
    let expected = [
        "restarted: the server was lost and is connected again: the server ended its output",
        "threads resumed: 1, threads lost: 0, turns interrupted: 1",
        "interrupted after 1 items",
        "Seven.",
    ];
    check("supervised", "", &expected);
}

#[cfg(unix)]
#[test]
fn attach() {
    let expected = [
        "2 items",
        "One, two, three.",
        "the newest thread here: true",
    ];
    check("attach", "", &expected);
}

#[test]
fn fresh_machine() {
    let expected = ["A library.", "homes during the run: 1\nhomes after it: 0\n"];
    check("fresh_machine", "", &expected);
}

#[test]
fn unattended() {
    let expected = ["There are seven files.", "tokens, 1050 of them by agents"];
    check("unattended", "", &expected);
}

#[test]
fn live_view() {
    let expected = ["for i in 1 2 3", "There are three files.", "bytes of JSON"];
    check("live_view", "", &expected);
}

#[test]
fn goal() {
    check(
        "goal",
        "",
        &["Everything is documented.\n(2 turns: complete)"],
    );
}

#[test]
fn images() {
    check("images", "", &["A single red dot."]);
}

#[test]
fn login() {
    let _alone = login_port::take();
    check(
        "login",
        "",
        &["Open this in your browser:", "the login failed"],
    );
}

#[test]
fn many_threads() {
    let answers = ["what is Rust good at?", "what is Zig good at?"];
    check("many_threads", "", &answers);
}

#[test]
fn policies() {
    let expected = [
        "decline command `git push`; accept harmless commands; else ask\n",
        "asked: to clean up as well\nIt is Monday.",
        "accept, by policy: harmless commands\ndecline, by handler: no reason",
    ];
    check("policies", "", &expected);
}

#[test]
fn typed_tools() {
    let expected = ["asked about Rome\nnoted: Rome\nRome, it is warmer."];
    check("typed_tools", "", &expected);
}

#[test]
fn tracing() {
    let expected = [
        "It is a Rust workspace.",
        "codex.turn{",
        "gen_ai.usage.output_tokens=",
        "the model received the trace 00-0af7651916cd43dd8448eb211c80319c-",
    ];
    check("tracing", "", &expected);
}

#[test]
fn quickstart() {
    check("quickstart", "", &["It is a Rust workspace.\n(2 tokens)"]);
}

/// The program is independent of the kit: it finds the mock like a real model, by its environment.
#[test]
fn readme() {
    let harness = AppServerHarness::start().unwrap();
    harness
        .responses()
        .enqueue(Reply::assistant("It is a Rust workspace."))
        .enqueue(Reply::streaming(["Mended", " it."]));
    let mut command = Command::new(binary("readme"));
    command
        .env_clear()
        .envs(harness.environment())
        .env("CODEX_BIN", harness.runtime().binary())
        .current_dir(harness.workspace());
    assert_eq!(
        run_in(&mut command, ""),
        "It is a Rust workspace.\nMended it."
    );
    harness.responses().assert_exhausted();
}

#[test]
fn the_readme_shows_the_program_that_runs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown = fs::read_to_string(folder.join("../README.md")).unwrap();
    let (_, shown) = shown.split_once("```rust,no_run\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let program = fs::read_to_string(folder.join("examples/readme.rs")).unwrap();
    let (_, program) = program.split_once("]\n\n").unwrap();
    assert_eq!(program, shown);
}

#[test]
fn repl() {
    let input = "hello there\n!echo done > proof; echo ran\ny\n!touch other\nn\n/quit\n";
    let expected = [
        "> hello there\n[completed]",
        "run `",
        "[y/n] ",
        "ran\n",
        "[declined]",
        "So be it.",
    ];
    check("repl", input, &expected);
}

#[cfg(feature = "schemars")]
#[test]
fn structured_output() {
    check("structured_output", "", &["write a changelog"]);
}
