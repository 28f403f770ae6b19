//! Logging in and out.

use codex_client::Error;
use codex_client::testing::{AppServerHarness, Reply};

use crate::login_port;
use crate::support::{blocking_codex, codex};

fn guarded() -> AppServerHarness {
    let harness = AppServerHarness::builder()
        .requires_openai_auth()
        .start()
        .unwrap();
    harness.responses().enqueue(Reply::assistant("welcome"));
    harness
}

#[tokio::test]
async fn an_api_key_lets_the_next_turn_in() {
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
fn an_api_key_lets_the_next_blocking_turn_in() {
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
    // It ends before anybody waits.
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
