//! The same stream, read by the published crates of others.

use std::collections::HashMap;
use std::process::Stdio;
use std::time::Duration;

use codex_app_server_sdk::CodexClient;
use codex_app_server_sdk::client::{ClientOptions, StdioConfig};
use codex_app_server_sdk::events::{ServerEvent, ServerNotification};
use codex_app_server_sdk::protocol::requests::{ClientInfo, InitializeParams};
use codex_codes::{AsyncClient, Notification, ServerMessage};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use crate::{clock, server, stream};

/// `codex-codes`, with a server of this program.
fn codes_client(arguments: &[impl AsRef<std::ffi::OsStr>]) -> AsyncClient {
    let program = std::env::current_exe().expect("this program");
    let server = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    AsyncClient::new(server).expect("a client")
}

/// Requests of `codex-codes`, one after the other; it knows no deadline itself.
pub(crate) async fn codes_calls(calls: u64, deadline: Option<Duration>) -> Duration {
    let mut client = codes_client(&crate::calls::serve().1);
    let params = json!({ "threadId": server::THREAD });
    let begin = clock::cpu();
    for _ in 0..calls {
        let request = client.request::<_, Value>("thread/archive", &params);
        let response = match deadline {
            Some(deadline) => timeout(deadline, request).await.expect("it is fast"),
            None => request.await,
        };
        response.expect("it is answered");
    }
    clock::cpu() - begin
}

/// A stream of `codex-codes`.
pub(crate) async fn codes(events: u64) -> (u64, Duration) {
    let mut client = codes_client(&stream::serve(events, 1).1);
    let begin = clock::cpu();
    let params = json!({ "threadId": server::THREAD, "input": [] });
    let _: Value = client
        .request("turn/start", &params)
        .await
        .expect("the turn starts");
    let mut seen = 0;
    while seen < events {
        let message = client.next_message().await.expect("a message");
        if let Some(ServerMessage::Notification(Notification::AgentMessageDelta(delta))) = message {
            seen += u64::from(delta.delta == "word ");
        }
    }
    (seen, clock::cpu() - begin)
}

/// `codex-app-server-sdk`. It loses events when it is not scheduled in time: those that are seen
/// count.
pub(crate) async fn sdk(events: u64) -> (u64, Duration) {
    let (program, arguments) = stream::serve(events, 1);
    let client = CodexClient::spawn_stdio(StdioConfig {
        codex_binary: program.to_string_lossy().into_owned(),
        args: arguments.to_vec(),
        env: HashMap::new(),
        options: ClientOptions::default(),
    });
    let client = client.await.expect("a client");
    let me = ClientInfo::new("figures", "Figures", "0");
    client
        .initialize(InitializeParams::new(me))
        .await
        .expect("it is initialized");
    client.initialized().await.expect("it is initialized");
    let mut received = client.subscribe();
    let begin = clock::cpu();
    let params = json!({ "threadId": server::THREAD, "input": [] });
    client
        .send_raw_request("turn/start", params, None)
        .await
        .expect("the turn starts");
    let mut seen = 0;
    loop {
        match received.recv().await {
            Ok(ServerEvent::Notification(ServerNotification::ItemAgentMessageDelta(_))) => {
                seen += 1
            }
            Ok(ServerEvent::Notification(ServerNotification::TurnCompleted(_))) => break,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => break,
        }
    }
    (seen, clock::cpu() - begin)
}
