//! The agent for the terminal, with its keyboard.

use std::process::Command;

use codex_testing::{AppServerHarness, Gate, Reply};

use crate::support::{LIMIT, Running, escalated, patching_harness as harness};

fn terminal(harness: &AppServerHarness, arguments: &[&str]) -> Running {
    let mut command: Command = harness.program(env!("CARGO_BIN_EXE_terminal"));
    Running::start(command.args(arguments))
}

#[test]
fn text_is_shown_while_it_arrives() {
    let harness = harness();
    let gate = Gate::new();
    let reply = Reply::streaming(["It is ", "a"])
        .gate(&gate)
        .deltas([" library."]);
    harness.responses().enqueue(reply);
    let mut terminal = terminal(&harness, &[]);
    terminal.expect("> ");
    terminal.types("Describe this project.");
    terminal.expect("It is a");
    gate.release();
    terminal.expect(" library.\n[completed, ");
    terminal.expect("> ");
    let (status, rest) = terminal.end();
    assert!(status.success());
    assert!(rest.contains("To continue: terminal --resume "), "{rest}");
}

#[test]
fn commands_are_approved_by_yes_no_and_always() {
    let harness = harness();
    harness.responses().enqueue_all([
        escalated("one", "touch one; echo out of one"),
        escalated("two", "touch two"),
        escalated("three", "touch three"),
        escalated("four", "touch three"),
        Reply::assistant("Done."),
    ]);
    let mut terminal = terminal(&harness, &["Touch files."]);
    terminal.expect("touch one; echo out of one'\n");
    terminal.expect("because: to see what happens\n");
    terminal.expect("[y]es, [n]o, [a]lways? ");
    // Neither the beginning of a word nor silence is an answer.
    terminal.types("yeah");
    terminal.expect("[y]es, [n]o, [a]lways? ");
    terminal.types("y");
    terminal.expect("out of one\n[completed, exit code 0]");
    terminal.expect("[y]es, [n]o, [a]lways? ");
    terminal.types("n");
    terminal.expect("[y]es, [n]o, [a]lways? ");
    terminal.types("a");
    let (status, rest) = terminal.end();
    assert!(status.success());
    assert!(!rest.contains("[y]es"), "asked in spite of always: {rest}");
    assert!(rest.contains("Done."), "{rest}");
    let has = |file: &str| harness.workspace().join(file).exists();
    assert_eq!([has("one"), has("two"), has("three")], [true, false, true]);
    harness.responses().assert_exhausted();
}

#[test]
fn the_end_of_the_input_approves_nothing() {
    let harness = harness();
    harness
        .responses()
        .enqueue_all([escalated("one", "touch one"), Reply::assistant("Pity.")]);
    let mut terminal = terminal(&harness, &["Touch a file."]);
    terminal.expect("[y]es, [n]o, [a]lways? ");
    let (status, rest) = terminal.end();
    assert!(status.success());
    assert!(rest.contains("Pity."), "{rest}");
    assert!(!harness.workspace().join("one").exists());
}

#[test]
fn what_was_typed_before_a_question_is_no_answer() {
    let harness = harness();
    let gate = Gate::new();
    let reply = escalated("one", "touch one").held_by(&gate);
    harness
        .responses()
        .enqueue_all([reply, Reply::assistant("Pity.")]);
    let mut terminal = terminal(&harness, &["Touch a file."]);
    gate.wait_reached(LIMIT).unwrap();
    terminal.types("y");
    gate.release();
    terminal.expect("[y]es, [n]o, [a]lways? ");
    let (_, rest) = terminal.end();
    assert!(rest.contains("Pity."), "{rest}");
    assert!(!harness.workspace().join("one").exists());
}

#[test]
fn changes_are_shown_as_a_diff() {
    let harness = harness();
    let patch = "*** Begin Patch\n*** Add File: note.txt\n+remember\n*** End Patch\n";
    let change = || Reply::new().custom_tool_call("change", "apply_patch", patch);
    harness
        .responses()
        .enqueue_all([change(), Reply::assistant("Noted.")]);
    let mut terminal = terminal(&harness, &["--sandbox", "read-only", "Take a note."]);
    terminal.expect("note.txt\nremember\nMake these changes?\n[y]es, [n]o, [a]lways? ");
    terminal.types("y");
    terminal.expect("[completed]");
    let (status, rest) = terminal.end();
    assert!(status.success());
    assert!(
        rest.contains("Noted.") && !rest.contains("remember"),
        "shown once: {rest}"
    );
    let note = std::fs::read_to_string(harness.workspace().join("note.txt"));
    assert_eq!(note.unwrap(), "remember\n");
}

#[test]
fn ctrl_c_interrupts_the_turn_and_then_ends_the_program() {
    let harness = harness();
    let gate = Gate::new();
    let endless = Reply::streaming(["One, "]).gate(&gate).deltas(["two."]);
    harness
        .responses()
        .enqueue_all([endless, Reply::assistant("I am here.")]);
    let mut terminal = terminal(&harness, &[]);
    terminal.expect("> ");
    terminal.types("Count.");
    terminal.expect("One, ");
    terminal.presses_ctrl_c();
    terminal.expect("[interrupted, ");
    terminal.expect("> ");
    terminal.types("Are you still there?");
    terminal.expect("I am here.");
    terminal.expect("> ");
    terminal.presses_ctrl_c();
    terminal.expect("To continue: ");
    assert!(terminal.end().0.success());
}

#[test]
fn ctrl_c_at_a_question_declines_and_interrupts() {
    let harness = harness();
    harness.responses().enqueue(escalated("one", "touch one"));
    let mut terminal = terminal(&harness, &["Touch a file."]);
    terminal.expect("[y]es, [n]o, [a]lways? ");
    terminal.presses_ctrl_c();
    terminal.expect("[interrupted, ");
    assert!(terminal.end().0.success());
    assert!(!harness.workspace().join("one").exists());
}

#[test]
fn a_conversation_continues_in_another_run() {
    let harness = harness();
    harness.responses().enqueue_all([
        Reply::assistant("Nice to meet you."),
        Reply::assistant("Ada."),
        Reply::assistant("Still Ada."),
    ]);
    let mut first = terminal(&harness, &["My name is Ada."]);
    first.expect("--resume ");
    let (_, id) = first.end();

    let mut second = terminal(&harness, &["--resume", id.trim(), "What is my name?"]);
    second.expect("(1 earlier turns)\nNice to meet you.\n");
    second.expect("Ada.");
    assert!(second.end().0.success());

    let mut third = terminal(&harness, &["--last", "And now?"]);
    third.expect("(2 earlier turns)\nAda.\n");
    third.expect("Still Ada.");
    assert!(third.end().0.success());
    let last = harness.responses().requests().pop().unwrap();
    let prompts = ["My name is Ada.", "What is my name?", "And now?"];
    let texts = last.message_texts("user");
    assert!(
        prompts.iter().all(|prompt| texts.contains(prompt)),
        "{texts:?}"
    );
}

#[test]
fn a_failed_turn_does_not_end_the_conversation() {
    let harness = harness();
    harness.responses().enqueue_all([
        Reply::http_error(400, "no such model"),
        Reply::assistant("Better."),
    ]);
    let mut terminal = terminal(&harness, &[]);
    terminal.expect("> ");
    terminal.types("Hello?");
    terminal.expect("no such model");
    terminal.expect("> ");
    terminal.types("And now?");
    terminal.expect("Better.");
    assert!(terminal.end().0.success());
}

#[test]
fn control_characters_of_the_model_do_not_reach_the_terminal() {
    let harness = harness();
    harness
        .responses()
        .enqueue(Reply::streaming(["a\u{1b}[2Jb", "\u{202e}c\r\n"]));
    let mut terminal = terminal(&harness, &["Be evil."]);
    terminal.expect("a[2Jbc\n");
    assert!(terminal.end().0.success());
}
