//! A home of the runtime for one connection: its sessions stay there, and it is removed; refreshed
//! credentials are written back.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use base64::Engine as _;
use codex_client::types::TurnStatus;
use codex_client::{Codex, CodexBuilder, IsolatedHome, Restart, blocking};
use codex_testing::{AppServerHarness, Reply};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{LIMIT, harness_with};

/// The homes of a test, beside that of its harness.
struct Homes(TempDir);

impl Homes {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn of(&self, harness: &AppServerHarness) -> IsolatedHome {
        let home = IsolatedHome::new().with_config().with_credentials();
        home.copied_from(harness.codex_home()).inside(self.0.path())
    }

    fn builder(&self, harness: &AppServerHarness) -> CodexBuilder {
        let builder = Codex::builder().launch(harness.launch());
        builder.isolated_home(self.of(harness))
    }

    fn all(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    fn wait_until_empty(&self) {
        let begin = Instant::now();
        while !self.all().is_empty() {
            assert!(begin.elapsed() < LIMIT, "{:?}", self.all());
            std::thread::yield_now();
        }
    }
}

fn has_sessions(home: &Path) -> bool {
    home.join("sessions").exists()
}

#[tokio::test]
async fn a_home_is_used_and_removed_with_its_connection() {
    let harness = harness_with([Reply::assistant("one"), Reply::assistant("two")]);
    let homes = Homes::new();
    let codex = homes.builder(&harness).build().await.unwrap();
    let thread = codex.thread_start().await.unwrap();
    let result = thread.run("hello").await.unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    let [home] = &homes.all()[..] else {
        panic!("{:?}", homes.all());
    };
    assert!(has_sessions(home) && !has_sessions(&harness.codex_home()));
    codex.close().await;
    assert_eq!(homes.all(), Vec::<PathBuf>::new(), "while handles exist");
    drop(thread);

    let codex = homes.builder(&harness).build().await.unwrap();
    let thread = codex.thread_start().await.unwrap();
    thread.run("hello").await.unwrap();
    assert_eq!(homes.all().len(), 1);
    drop((codex, thread));
    homes.wait_until_empty();
    assert!(!has_sessions(&harness.codex_home()));
}

#[test]
fn a_home_of_the_blocking_api_is_removed_with_its_connection() {
    let harness = harness_with([Reply::assistant("one")]);
    let homes = Homes::new();
    let build = || {
        let builder = blocking::Codex::builder().launch(harness.launch());
        builder.isolated_home(homes.of(&harness)).build().unwrap()
    };
    let codex = build();
    let thread = codex.thread_start().call().unwrap();
    thread.run("hello").call().unwrap();
    assert!(has_sessions(&homes.all()[0]));
    codex.close();
    assert_eq!(homes.all(), Vec::<PathBuf>::new());
    // Two at once have one each.
    let both = [build(), build()];
    assert_eq!(homes.all().len(), 2);
    drop(both);
    homes.wait_until_empty();
}

#[tokio::test]
async fn a_home_outlives_a_restart() {
    let harness = harness_with([Reply::assistant("one"), Reply::assistant("two")]);
    let homes = Homes::new();
    let builder = homes.builder(&harness).supervise(Restart::on_failure());
    let codex = builder.build().await.unwrap();
    let thread = codex.thread_start().await.unwrap();
    thread.run("first").await.unwrap();
    let mut events = codex.events().unwrap();
    let pid = i32::try_from(codex.client().process_id().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    while events.next().await.unwrap().is_ok() {}
    let result = thread.run("second").await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("two"));
    let last = harness.responses().requests().pop().unwrap();
    assert_eq!(
        last.message_texts("assistant"),
        ["one"],
        "the model remembers"
    );
    assert_eq!(homes.all().len(), 1);
    codex.close().await;
    assert_eq!(homes.all(), Vec::<PathBuf>::new());
}

/// An unsigned token; the runtime only reads it. The old ones have expired.
fn token(name: &str) -> String {
    let expires = if name == "old" { 1 } else { 4_000_000_000_u64 };
    let part =
        |value: Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let auth = json!({ "chatgpt_account_id": "account", "chatgpt_plan_type": "free" });
    let claims = json!({
        "email": "me@example.org", "name": name, "exp": expires,
        "https://api.openai.com/auth": auth,
    });
    format!("{}.{}.c2ln", part(json!({ "alg": "none" })), part(claims))
}

fn credentials(name: &str) -> Value {
    json!({
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": token(name), "access_token": token(name), "refresh_token": name,
            "account_id": "account",
        },
        "last_refresh": "2020-01-01T00:00:00Z",
    })
}

/// A runtime that has old credentials, and refreshes them before its first turn.
fn refreshing() -> AppServerHarness {
    // With an account the runtime asks for the vendor's backend as well: no proxy is there.
    let mut builder = AppServerHarness::builder()
        .requires_openai_auth()
        .allow_outbound();
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"] {
        builder = builder.env(name, "http://127.0.0.1:9");
    }
    let builder = builder.env("NO_PROXY", "127.0.0.1");
    let harness = builder.env("no_proxy", "127.0.0.1").start().unwrap();
    let new = json!({
        "id_token": token("new"), "access_token": token("new"), "refresh_token": "new",
    });
    harness
        .responses()
        .answer_path("/v1/oauth", Reply::json(new));
    harness.responses().enqueue(Reply::assistant("refreshed"));
    let file = harness.codex_home().join("auth.json");
    fs::write(file, credentials("old").to_string()).unwrap();
    harness
}

fn refresh_token(harness: &AppServerHarness) -> String {
    let text = fs::read_to_string(harness.codex_home().join("auth.json")).unwrap();
    let credentials: Value = serde_json::from_str(&text).unwrap();
    let token = &credentials["tokens"]["refresh_token"];
    token.as_str().unwrap().to_owned()
}

fn endpoint(harness: &AppServerHarness) -> String {
    format!("http://{}/v1/oauth", harness.responses().address())
}

#[tokio::test]
async fn credentials_that_the_runtime_refreshes_are_written_back() {
    let harness = refreshing();
    let homes = Homes::new();
    let builder = homes
        .builder(&harness)
        .env("CODEX_REFRESH_TOKEN_URL_OVERRIDE", endpoint(&harness));
    assert!(!format!("{builder:?}").contains("refresh_token"));
    let codex = builder.build().await.unwrap();
    let thread = codex.thread_start().await.unwrap();
    let result = thread.run("hello").await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("refreshed"));
    let asked = harness.responses().all_requests();
    assert!(asked.iter().any(|request| request.path() == "/v1/oauth"));
    assert_eq!(refresh_token(&harness), "old");
    codex.close().await;
    assert_eq!(refresh_token(&harness), "new");
    assert_eq!(homes.all(), Vec::<PathBuf>::new());
}

#[test]
fn a_dropped_blocking_client_writes_credentials_back() {
    let harness = refreshing();
    let homes = Homes::new();
    let codex = blocking::Codex::builder()
        .launch(harness.launch())
        .isolated_home(homes.of(&harness))
        .env("CODEX_REFRESH_TOKEN_URL_OVERRIDE", endpoint(&harness))
        .build()
        .unwrap();
    let thread = codex.thread_start().call().unwrap();
    thread.run("hello").call().unwrap();
    drop((codex, thread));
    homes.wait_until_empty();
    assert_eq!(refresh_token(&harness), "new");
}
