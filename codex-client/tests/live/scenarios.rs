//! The scenarios. What is asserted holds for any model that does as it is told.

use codex_client::types::{CommandExecutionApprovalDecision as Decision, TurnStatus};
use codex_client::{ApprovalMode, Handlers, Input, Sandbox, blocking};
use codex_testing::{Gate, Reply};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn question_is_answered() {
    let world = World::new([Reply::assistant("pong")]);
    let thread = world.codex().await.thread_start().await.unwrap();
    let result = thread
        .run("Reply with the single word: pong")
        .await
        .unwrap();
    assert!(
        result
            .final_response
            .unwrap()
            .to_lowercase()
            .contains("pong")
    );
    assert!(result.usage.unwrap().output_tokens >= 0);
}

#[test]
fn question_is_answered_without_an_async_runtime() {
    let world = World::new([Reply::assistant("pong")]);
    let codex = blocking::Codex::builder()
        .launch(world.launch())
        .build()
        .unwrap();
    let thread = codex.thread_start().call().unwrap();
    let result = thread
        .run("Reply with the single word: pong")
        .call()
        .unwrap();
    assert!(
        result
            .final_response
            .unwrap()
            .to_lowercase()
            .contains("pong")
    );
}

#[tokio::test]
async fn text_is_streamed() {
    let world = World::new([Reply::streaming(["one, ", "two, ", "three"])]);
    let thread = world.codex().await.thread_start().await.unwrap();
    let mut turn = thread
        .turn("Count from one to three in words, nothing else.")
        .await
        .unwrap();
    let mut streamed = String::new();
    let mut texts = turn.text_deltas();
    while let Some(text) = texts.next().await {
        streamed += &text.unwrap();
    }
    let result = turn.run().await.unwrap();
    assert!(streamed.contains(result.final_response.unwrap().trim()));
}

#[derive(Deserialize, JsonSchema)]
struct Sum {
    sum: i64,
}

#[tokio::test]
async fn answer_has_the_type_that_was_asked_for() {
    let world = World::new([Reply::assistant(r#"{"sum":42}"#)]);
    let thread = world.codex().await.thread_start().await.unwrap();
    let answer = thread
        .run_as::<Sum>("What is the sum of 17 and 25?")
        .await
        .unwrap();
    assert_eq!(answer.sum, 42);
}

/// Has the model create a file, which takes an approval; whether it is there afterwards.
async fn creates_a_file(decision: Decision) -> bool {
    let arguments = json!({
        "cmd": "touch made.txt",
        "sandbox_permissions": "require_escalated",
        "justification": "the file is to be created",
    });
    let world = World::new([
        Reply::new().function_call("call", "exec_command", arguments),
        Reply::assistant("done"),
    ]);
    let handlers = Handlers::new().on_command(move |_, _| std::future::ready(Ok(decision.clone())));
    let codex = world.codex_with(|builder| builder.handler(handlers)).await;
    let thread = codex.thread_start().sandbox(Sandbox::ReadOnly);
    let thread = thread.approval_mode(ApprovalMode::AskClient).await.unwrap();
    let prompt = "Run the shell command `touch made.txt`, with escalated permissions, once. If it \
                  is declined, do nothing else and say so.";
    thread.run(prompt).await.unwrap();
    world.folder().join("made.txt").exists()
}

#[tokio::test]
async fn approved_command_runs() {
    assert!(creates_a_file(Decision::Accept).await);
}

#[tokio::test]
async fn declined_command_does_not_run() {
    assert!(!creates_a_file(Decision::Decline).await);
}

#[tokio::test]
async fn turn_is_interrupted_while_it_speaks() {
    let gate = Gate::new();
    let world = World::new([Reply::streaming(["Once upon a time"]).gate(&gate)]);
    let thread = world.codex().await.thread_start().await.unwrap();
    let mut turn = thread
        .turn("Tell a story of two thousand words.")
        .await
        .unwrap();
    turn.text_deltas().next().await.unwrap().unwrap();
    turn.interrupt().await.unwrap();
    let result = turn.run().await.unwrap();
    assert_eq!(result.status, TurnStatus::Interrupted);
    gate.release();
}

#[tokio::test]
async fn running_turn_takes_more_input() {
    let gate = Gate::new();
    let first = Reply::streaming(["Once upon a time"]).gate(&gate);
    let world = World::new([first, Reply::assistant("banana")]);
    let thread = world.codex().await.thread_start().await.unwrap();
    let mut turn = thread
        .turn("Tell a story of two thousand words.")
        .await
        .unwrap();
    turn.text_deltas().next().await.unwrap().unwrap();
    turn.steer("Stop the story. Reply with the single word: banana")
        .await
        .unwrap();
    gate.release();
    let result = turn.run().await.unwrap();
    assert!(
        result
            .final_response
            .unwrap()
            .to_lowercase()
            .contains("banana")
    );
}

#[tokio::test]
async fn resumed_thread_remembers() {
    let world = World::new([Reply::assistant("noted"), Reply::assistant("marzipan")]);
    let codex = world.codex().await;
    let thread = codex.thread_start().await.unwrap();
    thread
        .run("The secret word is marzipan. Reply: noted")
        .await
        .unwrap();
    codex.close().await;
    let codex = world.codex().await;
    let thread = codex.thread_resume(thread.id()).await.unwrap();
    let result = thread
        .run("What is the secret word? Reply with it.")
        .await
        .unwrap();
    assert!(
        result
            .final_response
            .unwrap()
            .to_lowercase()
            .contains("marzipan")
    );
}

/// One pixel.
const RED: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0xf0, 0x1f, 0, 5, 0, 1, 0xff, 0x89, 0x99, 0x3d, 0x1d, 0, 0,
    0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

#[tokio::test]
async fn image_is_taken_and_two_threads_run_at_once() {
    let world = World::new([Reply::assistant("a color"), Reply::assistant("a color")]);
    let codex = world.codex().await;
    let (one, other) = (
        codex.thread_start().await.unwrap(),
        codex.thread_start().await.unwrap(),
    );
    let input = || Input::text("Name the color of this image.").and_image("image/png", RED);
    let both = tokio::join!(
        one.run(input()).into_future(),
        other.run(input()).into_future()
    );
    for result in [both.0.unwrap(), both.1.unwrap()] {
        assert_eq!(result.status, TurnStatus::Completed);
        assert!(!result.final_response.unwrap().is_empty());
    }
}
