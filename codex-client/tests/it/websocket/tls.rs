//! `wss://` on both APIs, against the real runtime behind a server that ends TLS.
//!
//! The trusted certificates are read from the file in an environment variable, so the test runs
//! once more in a process with the variable.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codex_client::Error;
use codex_client::blocking::{Client, Codex};
use codex_client::transport::Endpoint;
use codex_client::types::{ThreadItem, TurnStatus};
use codex_client::{Restart, TurnResult};
use codex_testing::{AppServerHarness, Gate, Reply};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::{connect, run_a_turn, send_and_read_back};
use crate::breakable::Breakable;
use crate::listening_runtime::listen;
use crate::mode::{Blocking, LIMIT, Setup, wait};

/// The variable with the trusted certificates, which OpenSSL uses as well.
const TRUSTED: &str = "SSL_CERT_FILE";
/// Set in the process that has the variable.
const INSIDE: &str = "CODEX_TESTS_INSIDE_TLS";

#[test]
fn a_turn_runs_over_tls_if_the_system_trusts_the_server() {
    if std::env::var_os(INSIDE).is_some() {
        return inside(Path::new(&std::env::var_os(TRUSTED).unwrap()));
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "websocket::tls::a_turn_runs_over_tls_if_the_system_trusts_the_server";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .env(TRUSTED, folder.path().join("trusted.pem"))
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complained}");
    assert!(said.contains("1 passed"), "{said}");
}

fn inside(trusted: &Path) {
    let harness = AppServerHarness::start().unwrap();
    let (_server, server) = listen(&harness, &[]);
    let (proxy, address) = Breakable::on_a_port(&server);
    let key = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let stranger = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let port = wait(end_tls(&key, address));
    let endpoint = Endpoint::url(format!("wss://127.0.0.1:{port}"));

    for error in refusals(&endpoint) {
        assert!(error.to_string().contains("no trusted cert"), "{error}");
    }
    std::fs::write(trusted, pem(&stranger)).unwrap();
    for error in refusals(&endpoint) {
        let text = error.to_string();
        assert!(text.contains("invalid peer certificate"), "{text}");
    }
    std::fs::write(trusted, pem(&key)).unwrap();
    let client = connect(&Setup::default(), &endpoint).unwrap();
    run_a_turn(&harness, &client);
    assert_eq!(wait(client.close()), None);
    run_a_blocking_turn(&harness, &endpoint);
    wait(break_a_turn(&harness, &endpoint, &proxy));
    break_a_blocking_turn(&harness, &endpoint, &proxy);

    // A server that accepts the connection and stays silent.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::url(format!("wss://{}", silent.local_addr().unwrap()));
    let hasty = Codex::builder().request_deadline(Duration::from_millis(50));
    let error = hasty.transport(&endpoint).build().unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
}

/// A model whose answer has a gap in which the connection breaks.
fn interrupted_answer(harness: &AppServerHarness) -> (Gate, Gate) {
    let (before, after) = (Gate::new(), Gate::new());
    let reply = Reply::new().message("one").gate(&before);
    let reply = reply.message("two").gate(&after).message("three");
    harness.responses().enqueue(reply);
    (before, after)
}

fn break_at(gates: &(Gate, Gate), proxy: &Breakable) {
    gates.0.wait_reached(LIMIT).unwrap();
    proxy.break_all();
    gates.0.release();
    gates.1.wait_reached(LIMIT).unwrap();
    gates.1.release();
}

fn assert_whole(result: &TurnResult) {
    assert_eq!(result.status, TurnStatus::Completed);
    let messages = result.items.iter().filter_map(ThreadItem::as_agent_message);
    let texts: Vec<&str> = messages.map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["one", "two", "three"]);
}

fn supervision() -> Restart {
    let pauses = (Duration::from_millis(1), Duration::from_millis(50));
    let restart = Restart::on_failure().max_restarts(1000);
    restart.backoff(pauses.0, pauses.1)
}

/// A supervised connection that breaks in a turn: the turn goes on.
async fn break_a_turn(harness: &AppServerHarness, endpoint: &Endpoint, proxy: &Breakable) {
    let gates = interrupted_answer(harness);
    let builder = codex_client::Codex::builder().request_deadline(LIMIT);
    let builder = builder.transport(endpoint).supervise(supervision());
    let codex = builder.build().await.unwrap();
    let thread = codex.thread_start().await.unwrap();
    let mut turn = thread.turn("go").await.unwrap();
    break_at(&gates, proxy);
    assert_whole(&turn.run().await.unwrap());
    codex.close().await;
}

fn break_a_blocking_turn(harness: &AppServerHarness, endpoint: &Endpoint, proxy: &Breakable) {
    let gates = interrupted_answer(harness);
    let builder = Codex::builder().request_deadline(LIMIT);
    let builder = builder.transport(endpoint).supervise(supervision());
    let codex = builder.build().unwrap();
    let thread = codex.thread_start().call().unwrap();
    let mut turn = thread.turn("go").call().unwrap();
    break_at(&gates, proxy);
    assert_whole(&turn.run().unwrap());
    codex.close();
}

/// The errors of both APIs for an untrusted server.
fn refusals(endpoint: &Endpoint) -> [Error; 2] {
    let asynchronous = connect(&Setup::default(), endpoint).unwrap_err();
    let blocking = Client::builder().transport(endpoint).build().unwrap_err();
    let errors = [asynchronous, blocking];
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, Error::Connect { .. }))
    );
    errors
}

/// A turn, and a message there and back that is longer than everything that is buffered.
fn run_a_blocking_turn(harness: &AppServerHarness, endpoint: &Endpoint) {
    harness
        .responses()
        .enqueue(Reply::streaming(["Hello", "!"]));
    let builder = Codex::builder()
        .experimental_api(true)
        .request_deadline(LIMIT);
    let codex = builder.transport(endpoint).build().unwrap();
    let result = codex.thread_start().call().unwrap().run("hi").call();
    assert_eq!(result.unwrap().final_response.as_deref(), Some("Hello!"));

    send_and_read_back(harness, &Blocking(codex.client().clone()));
    assert_eq!(codex.close(), None);
}

fn pem(key: &CertifiedKey<KeyPair>) -> String {
    let lines = STANDARD.encode(key.cert.der());
    format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
}

/// Accepts TLS connections and passes on their contents; returns the port.
async fn end_tls(key: &CertifiedKey<KeyPair>, server: String) -> u16 {
    let private = PrivatePkcs8KeyDer::from(key.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], PrivateKeyDer::from(private))
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = server.trim_start_matches("ws://").to_owned();
    tokio::spawn(pass_on(
        listener,
        TlsAcceptor::from(Arc::new(config)),
        server,
    ));
    port
}

async fn pass_on(listener: TcpListener, acceptor: TlsAcceptor, server: String) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, server) = (acceptor.clone(), server.clone());
        tokio::spawn(async move {
            // A client that does not trust the server disconnects here.
            let mut outer = acceptor.accept(stream).await?;
            let mut inner = TcpStream::connect(server).await?;
            tokio::io::copy_bidirectional(&mut outer, &mut inner).await
        });
    }
}
