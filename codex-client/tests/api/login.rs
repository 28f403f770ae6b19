//! Logging in and out.

use codex_client::{Error, Launch, blocking};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use crate::login_port;
use crate::support::{LIMIT, blocking_codex, builder, codex};

fn guarded() -> AppServerHarness {
    let harness = AppServerHarness::builder()
        .requires_openai_auth()
        .start()
        .unwrap();
    harness.responses().enqueue(Reply::assistant("welcome"));
    harness
}

#[tokio::test]
async fn api_key_authenticates_the_next_turn() {
    let harness = guarded();
    let codex = codex(&harness).await;
    assert!(codex.account().await.unwrap().account.is_none());
    codex.login_api_key("sk-secret").await.unwrap();
    assert!(codex.account().await.unwrap().account.is_some());
    let thread = codex.thread_start().await.unwrap();
    thread.run("hello").await.unwrap();
    let request = harness.responses().single_request();
    assert_eq!(request.header("authorization"), Some("Bearer sk-secret"));
    codex.logout().await.unwrap();
    assert!(codex.account().await.unwrap().account.is_none());
}

#[test]
fn api_key_authenticates_the_next_blocking_turn() {
    let harness = guarded();
    let codex = blocking_codex(&harness);
    codex.login_api_key("sk-secret").unwrap();
    let thread = codex.thread_start().call().unwrap();
    thread.run("hello").call().unwrap();
    let request = harness.responses().single_request();
    assert_eq!(request.header("authorization"), Some("Bearer sk-secret"));
    codex.logout().unwrap();
    assert!(codex.account().call().unwrap().account.is_none());
}

#[tokio::test]
async fn a_login_in_the_browser_can_be_given_up_and_asked_about_twice() {
    let _alone = login_port::take();
    let harness = guarded();
    let codex = codex(&harness).await;
    let login = codex.login_chatgpt().await.unwrap();
    assert!(login.url().starts_with("https://"), "{}", login.url());
    assert_eq!(login.user_code(), None);
    let shown = format!("{login:?}");
    assert!(!shown.contains("https://"), "{shown}");
    // It ends before the wait.
    login.cancel().await.unwrap();
    for _ in 0..2 {
        let error = login.wait().await.unwrap_err();
        assert!(matches!(error, Error::LoginFailed { .. }), "{error:?}");
    }
}

#[test]
fn a_blocking_login_can_be_given_up_by_another_thread() {
    let _alone = login_port::take();
    let harness = guarded();
    let codex = blocking_codex(&harness);
    let login = codex.login_chatgpt().unwrap();
    let waiting = login.clone();
    let waiter = std::thread::spawn(move || waiting.wait());
    login.cancel().unwrap();
    let error = waiter.join().unwrap().unwrap_err();
    assert!(matches!(error, Error::LoginFailed { .. }), "{error:?}");
    assert!(login.wait().is_err());
}

/// An unsigned token of an account `account-1`, which never expires.
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJlbWFpbCI6InVzZXJAZXhhbXBsZS5jb20iLCJleHAiOjQxMDI0NDQ4MDAsImh0dHBzOi8vYXBpLm9wZW5haS5jb20vYXV0aCI6eyJjaGF0Z3B0X2FjY291bnRfaWQiOiJhY2NvdW50LTEiLCJjaGF0Z3B0X3BsYW5fdHlwZSI6InBybyIsImNoYXRncHRfdXNlcl9pZCI6InVzZXItMSJ9fQ.c2lnbmF0dXJl";

/// The mock model also acts as the issuer of logins, for a user who enters the code.
fn issuing(harness: &AppServerHarness) -> Launch {
    let model = harness.responses();
    let account = json!({
        "id": "account-1", "name": null, "structure": "personal", "plan_type": "pro",
        "profile_picture_url": null, "is_deactivated": false,
        "is_fedramp_compliant_workspace": false, "can_access_with_session": true,
        "sso_connection_name": null, "workspace_backend_origin": "https://127.0.0.1:9",
        "account_routing_override": "NO_CONSTRAINT",
    });
    let authorized = json!({
        "authorization_code": "authorized", "code_challenge": "c", "code_verifier": "v",
    });
    let answers = [
        (
            "/v1/backend-api/wham/accounts/check",
            json!({
                "accounts": [account], "default_account_id": "account-1",
                "account_ordering": ["account-1"],
            }),
        ),
        (
            "/api/accounts/deviceauth/usercode",
            json!({"device_auth_id": "device", "user_code": "CODE-1234", "interval": "0"}),
        ),
        ("/api/accounts/deviceauth/token", authorized),
        (
            "/oauth/token",
            json!({"id_token": TOKEN, "access_token": TOKEN, "refresh_token": "r"}),
        ),
    ];
    for (path, answer) in answers {
        model.answer_path(path, Reply::json(answer));
    }
    let issuer = format!("http://{}", model.address());
    let launch = harness.launch();
    launch.env("CODEX_APP_SERVER_LOGIN_ISSUER", issuer)
}

/// The request to the model by the only turn.
fn shown_to_the_model(harness: &AppServerHarness) -> String {
    let requests = harness.responses().requests();
    let turn = requests
        .iter()
        .find(|request| request.path().ends_with("/responses"));
    turn.unwrap().header("authorization").unwrap().to_owned()
}

#[tokio::test]
async fn device_code_authenticates_the_next_turn() {
    let harness = guarded();
    let builder = builder(&harness).launch(issuing(&harness));
    let codex = builder.build().await.unwrap();
    let login = codex.login_device_code().await.unwrap();
    assert_eq!(login.user_code(), Some("CODE-1234"));
    assert!(login.url().ends_with("/codex/device"), "{}", login.url());
    assert!(!format!("{login:?}").contains("CODE-1234"));
    login.wait().await.unwrap();
    login.wait().await.unwrap();
    let thread = codex.thread_start().await.unwrap();
    thread.run("hello").await.unwrap();
    assert_eq!(shown_to_the_model(&harness), format!("Bearer {TOKEN}"));
}

#[test]
fn device_code_authenticates_the_next_blocking_turn() {
    let harness = guarded();
    let builder = blocking::Codex::builder().launch(issuing(&harness));
    let codex = builder.request_deadline(LIMIT).build().unwrap();
    let login = codex.login_device_code().unwrap();
    assert_eq!(login.user_code(), Some("CODE-1234"));
    assert!(!format!("{login:?}").contains("CODE-1234"));
    login.wait().unwrap();
    login.wait().unwrap();
    let thread = codex.thread_start().call().unwrap();
    thread.run("hello").call().unwrap();
    assert_eq!(shown_to_the_model(&harness), format!("Bearer {TOKEN}"));
}

#[tokio::test]
async fn tokens_let_the_next_turn_in() {
    let harness = guarded();
    let builder = builder(&harness).launch(issuing(&harness));
    let codex = builder.experimental_api(true).build().await.unwrap();
    let told = codex.login_chatgpt_tokens(TOKEN, "account-1").await;
    told.unwrap();
    let account = codex.account().await.unwrap().account.unwrap();
    assert_eq!(account.tag(), "chatgpt");
    let thread = codex.thread_start().await.unwrap();
    thread.run("hello").await.unwrap();
    assert_eq!(shown_to_the_model(&harness), format!("Bearer {TOKEN}"));
}

#[test]
fn tokens_let_the_next_blocking_turn_in() {
    let harness = guarded();
    let builder = blocking::Codex::builder().launch(issuing(&harness));
    let builder = builder.request_deadline(LIMIT).experimental_api(true);
    let codex = builder.build().unwrap();
    codex.login_chatgpt_tokens(TOKEN, "account-1").unwrap();
    let thread = codex.thread_start().call().unwrap();
    thread.run("hello").call().unwrap();
    assert_eq!(shown_to_the_model(&harness), format!("Bearer {TOKEN}"));
}
