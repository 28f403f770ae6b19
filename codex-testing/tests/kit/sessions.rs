//! Sessions with the real runtime, recorded on either API and replayed to both.

use std::io::{self, Write};
use std::path::Path;

use codex_client::transport::recording::{Direction, Recorder, Recording};
use codex_client::types::CommandExecutionApprovalDecision as Decision;
use codex_client::{ApprovalMode, Codex, Error, Handlers, TurnResult, blocking};
use codex_testing::scripted::{Replay, ScriptedPeer};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

/// A model that requests approval of a command.
fn harness() -> AppServerHarness {
    let harness = AppServerHarness::start().unwrap();
    let arguments = json!({
        "cmd": "echo hello",
        "sandbox_permissions": "require_escalated",
        "justification": "it has to be",
    });
    harness.responses().enqueue_all([
        Reply::new().function_call("call", "exec_command", arguments),
        Reply::streaming(["All ", "done."]),
    ]);
    harness
}

async fn talk(codex: &Codex) -> TurnResult {
    let thread = codex.thread_start().approval_mode(ApprovalMode::AskClient);
    thread.await.unwrap().run("go").await.unwrap()
}

fn talk_blocking(codex: &blocking::Codex) -> TurnResult {
    let thread = codex.thread_start().approval_mode(ApprovalMode::AskClient);
    thread.call().unwrap().run("go").call().unwrap()
}

fn handlers() -> Handlers {
    Handlers::new().on_command(|_, _| async { Ok(Decision::Accept) })
}

fn blocking_handlers() -> blocking::Handlers {
    blocking::Handlers::new().on_command(|_, _| Ok(Decision::Accept))
}

/// Plays a recorded session to both APIs, and returns the result of each.
async fn replay(file: &Path) -> [TurnResult; 2] {
    let recording = Recording::open(file).unwrap();
    let (peer, transport) = ScriptedPeer::play(Replay::new(&recording));
    let (reader, writer) = transport.split();
    let builder = Codex::builder().handler(handlers());
    let codex = builder.transport((reader, writer)).build().await.unwrap();
    let result = talk(&codex).await;
    drop(peer);

    let (peer, transport) = ScriptedPeer::play(Replay::new(&recording));
    let (reader, writer) = transport.split();
    let builder = blocking::Codex::builder().handler(blocking_handlers());
    let codex = builder.transport((reader, writer)).build().unwrap();
    let blocking = talk_blocking(&codex);
    drop(peer);
    [result, blocking]
}

#[tokio::test]
async fn a_session_of_the_async_api_replays_to_both() {
    let harness = harness();
    let file = harness.codex_home().join("session.jsonl");
    let builder = Codex::builder()
        .launch(harness.launch())
        .handler(handlers());
    let recorder = Recorder::create(&file).unwrap();
    let codex = builder.record(&recorder).build().await.unwrap();
    let recorded = talk(&codex).await;
    codex.close().await;
    assert_eq!(recorded.final_response.as_deref(), Some("All done."));
    for replayed in replay(&file).await {
        assert_eq!(replayed, recorded);
    }
}

#[tokio::test]
async fn a_session_of_the_blocking_api_replays_to_both() {
    let harness = harness();
    let file = harness.codex_home().join("session.jsonl");
    let builder = blocking::Codex::builder()
        .launch(harness.launch())
        .handler(blocking_handlers());
    let recorder = Recorder::create(&file).unwrap();
    let codex = builder.record(&recorder).build().unwrap();
    let recorded = talk_blocking(&codex);
    codex.close();
    assert_eq!(recorded.final_response.as_deref(), Some("All done."));
    let recording = Recording::open(&file).unwrap();
    let first = recording.frames(Direction::Client).next().unwrap();
    assert!(String::from_utf8_lossy(first).contains("\"initialize\""));
    for replayed in replay(&file).await {
        assert_eq!(replayed, recorded);
    }
}

/// A disk that is full.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn failing_recorder_ends_the_session() {
    let harness = harness();
    let full = Recorder::new(Full);
    let builder = Codex::builder().launch(harness.launch()).record(&full);
    let error = builder.build().await.unwrap_err();
    let builder = blocking::Codex::builder();
    let builder = builder.launch(harness.launch()).record(&full);
    for error in [error, builder.build().unwrap_err()] {
        assert!(matches!(error, Error::Handshake(_)), "{error:?}");
        assert!(format!("{error:?}").contains("cannot record"), "{error:?}");
    }
}
