//! Connections to a running server, over websockets.

#[cfg(target_os = "linux")]
mod tls;

use std::time::Duration;

use codex_client::transport::Endpoint;
use codex_client::types::ThreadStartParams;
use codex_client::{Client, Error};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use crate::listening_runtime::{listen, listen_at};
use crate::mode::{Async, Behavior, Mode, Setup, builder, wait};
use crate::real::asking_thread;

fn connect(setup: &Setup, endpoint: &Endpoint) -> Result<Client, Error> {
    wait(builder(setup).transport(endpoint).build())
}

fn run_a_turn(harness: &AppServerHarness, client: &Client) {
    harness
        .responses()
        .enqueue(Reply::streaming(["Hello", "!"]));
    let started = wait(client.thread_start(ThreadStartParams::new())).unwrap();
    let mode = Async(client.clone());
    let (_, mut turn) = mode.start_turn(&started.thread.id).unwrap();
    let methods = mode.methods(&mut turn);
    assert_eq!(
        methods
            .iter()
            .filter(|method| *method == crate::talk::DELTA)
            .count(),
        2
    );
    assert_eq!(methods.last().unwrap(), crate::talk::COMPLETED);
}

/// More than the 16 MiB that the server takes in one piece, there and back.
fn send_and_read_back(harness: &AppServerHarness, mode: &impl Mode) {
    let text = "x".repeat(20 << 20);
    let file = harness.workspace().join("large");
    let written = mode.raw("fs/writeFile", &json!({"path": file, "dataBase64": text}));
    assert_eq!(written.unwrap(), json!({}));
    let read = mode.raw("fs/readFile", &json!({"path": file})).unwrap();
    assert_eq!(read["dataBase64"].as_str().unwrap().len(), text.len());
}

#[test]
fn a_turn_runs_over_tcp() {
    let harness = AppServerHarness::start().unwrap();
    let (_server, address) = listen(&harness, &[]);
    let endpoint = Endpoint::url(address);
    let client = connect(&Setup::default(), &endpoint).unwrap();
    let other = connect(&Setup::default(), &endpoint).unwrap();
    run_a_turn(&harness, &client);
    assert_eq!(wait(client.close()), None);
    // Ending one connection leaves the server and the others alone.
    run_a_turn(&harness, &other);
}

#[test]
fn turn_runs_over_a_unix_socket_with_long_messages() {
    let harness = AppServerHarness::start().unwrap();
    let path = harness.workspace().join("socket");
    let _server = listen_at(&harness, &path);
    let setup = Setup {
        experimental_api: true,
        ..Setup::default()
    };
    let client = connect(&setup, &Endpoint::unix(&path)).unwrap();
    run_a_turn(&harness, &client);
    send_and_read_back(&harness, &Async(client));
}

#[test]
fn approvals_work_over_a_socket() {
    let harness = AppServerHarness::start().unwrap();
    let (_server, address) = listen(&harness, &[]);
    let setup = Setup {
        handler: Behavior::Accept,
        ..Setup::default()
    };
    let client = connect(&setup, &Endpoint::url(address)).unwrap();
    let mode = Async(client);
    let thread = asking_thread(&harness, &mode);
    let (_, mut turn) = mode.start_turn(&thread).unwrap();
    mode.methods(&mut turn);
    assert!(harness.workspace().join("proof").exists());
}

#[test]
fn token_is_only_sent_to_the_server() {
    let harness = AppServerHarness::start().unwrap();
    let file = harness.workspace().join("token");
    std::fs::write(&file, "open sesame").unwrap();
    let file = file.to_str().unwrap();
    let arguments = ["--ws-auth", "capability-token", "--ws-token-file", file];
    let (_server, address) = listen(&harness, &arguments);
    let endpoint = Endpoint::url(address);
    for refused in [
        endpoint.clone(),
        endpoint.clone().bearer_token("open barley"),
    ] {
        let error = connect(&Setup::default(), &refused).unwrap_err();
        assert!(matches!(error, Error::Connect { .. }), "{error}");
        assert!(error.to_string().contains("401"), "{error}");
        assert!(!format!("{error:?} {error} {refused:?}").contains("open"));
    }
    let client = connect(&Setup::default(), &endpoint.bearer_token("open sesame")).unwrap();
    run_a_turn(&harness, &client);
}

#[test]
fn the_end_of_the_server_closes_the_connection() {
    let harness = AppServerHarness::start().unwrap();
    let (server, address) = listen(&harness, &[]);
    let client = connect(&Setup::default(), &Endpoint::url(address)).unwrap();
    drop(server);
    wait(client.closed());
    assert!(client.events().unwrap_err().is_closed());
}

#[test]
fn closed_port_is_a_clear_error() {
    let endpoint = Endpoint::unix("/nowhere/socket");
    let error = connect(&Setup::default(), &endpoint).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("could not connect to unix:///nowhere/socket"),
        "{error}"
    );
    let deadline = Duration::from_secs(5);
    let setup = Setup {
        deadline,
        ..Setup::default()
    };
    assert!(connect(&setup, &Endpoint::url("ws://127.0.0.1:1")).is_err());
}
