//! Logging in and out.

use codex_client::Error;
use codex_testing::{AppServerHarness, CapturedRequest, Reply};
use serde_json::json;

use super::{LoginHandle, World, scripted};
use crate::login_port;
use crate::support::TOKEN;

/// A runtime that requires a login, from an issuer that is the mock model.
fn world(replies: impl IntoIterator<Item = Reply>) -> World {
    let harness = AppServerHarness::builder()
        .requires_openai_auth()
        .start()
        .unwrap();
    harness.responses().enqueue_all(replies);
    let issuer = format!("http://{}", harness.responses().address());
    // The workspaces of the account.
    let accounts = json!({
        "accounts": [{
            "id": "account-1", "name": null, "structure": "personal", "plan_type": "pro",
            "profile_picture_url": null, "is_deactivated": false,
            "is_fedramp_compliant_workspace": false, "can_access_with_session": true,
            "sso_connection_name": null, "workspace_backend_origin": "https://127.0.0.1:9",
            "account_routing_override": "NO_CONSTRAINT",
        }],
        "default_account_id": "account-1",
        "account_ordering": ["account-1"],
    });
    let path = "/v1/backend-api/wham/accounts/check";
    harness.responses().answer_path(path, Reply::json(accounts));
    let launch = harness
        .launch()
        .env("CODEX_APP_SERVER_LOGIN_ISSUER", issuer);
    World::start(harness, |builder| {
        builder.experimental_api(true).launch(launch)
    })
}

fn authorization(world: &World) -> String {
    let request = world.harness.responses().requests().pop().unwrap();
    request.header("authorization").unwrap().to_owned()
}

#[test]
fn an_api_key_authenticates_the_next_model_request() {
    let world = world([Reply::assistant("done")]);
    wait!(world.codex.login_api_key("sk-secret-key")).unwrap();
    let account = call!(world.codex.account()).unwrap().account.unwrap();
    assert_eq!(account.tag(), "apiKey");
    let thread = call!(world.codex.thread_start()).unwrap();
    call!(thread.run("hello")).unwrap();
    assert_eq!(authorization(&world), "Bearer sk-secret-key");
    wait!(world.codex.logout()).unwrap();
    assert!(call!(world.codex.account()).unwrap().account.is_none());
}

#[test]
fn tokens_authenticate_the_next_model_request() {
    let world = world([Reply::assistant("done")]);
    wait!(world.codex.login_chatgpt_tokens(TOKEN, "account-1")).unwrap();
    let account = call!(world.codex.account()).unwrap().account.unwrap();
    assert_eq!(account.tag(), "chatgpt");
    let thread = call!(world.codex.thread_start()).unwrap();
    call!(thread.run("hello")).unwrap();
    assert_eq!(authorization(&world), format!("Bearer {TOKEN}"));
}

/// The tokens of the issuer.
fn tokens() -> Reply {
    Reply::json(json!({ "id_token": TOKEN, "access_token": TOKEN, "refresh_token": "r" }))
}

/// The issuer returns a code, and then the state of the login.
fn device_code(world: &World, entered: bool) -> LoginHandle {
    let model = world.harness.responses();
    let code = json!({ "device_auth_id": "device", "user_code": "CODE-1234", "interval": "0" });
    model.answer_path("/api/accounts/deviceauth/usercode", Reply::json(code));
    if entered {
        let authorized = json!({
            "authorization_code": "authorized", "code_challenge": "c", "code_verifier": "v",
        });
        model.answer_path("/api/accounts/deviceauth/token", Reply::json(authorized));
        model.answer_path("/oauth/token", tokens());
    }
    wait!(world.codex.login_device_code()).unwrap()
}

#[test]
fn a_device_code_login_shows_its_code_and_completes() {
    let world = world([Reply::assistant("done")]);
    let login = device_code(&world, true);
    assert_eq!(login.user_code(), Some("CODE-1234"));
    assert!(login.url().ends_with("/codex/device"), "{}", login.url());
    let shown = format!("{login:?}");
    assert!(
        !shown.contains("CODE-1234") && !shown.contains("/codex/device"),
        "{shown}"
    );
    wait!(login.wait()).unwrap();
    wait!(login.wait()).unwrap();
    let thread = call!(world.codex.thread_start()).unwrap();
    call!(thread.run("hello")).unwrap();
    assert_eq!(authorization(&world), format!("Bearer {TOKEN}"));
}

#[test]
fn a_cancelled_device_code_login_fails() {
    let world = world([]);
    let login = device_code(&world, false);
    wait!(login.cancel()).unwrap();
    for _ in 0..2 {
        let error = wait!(login.wait()).unwrap_err();
        assert!(matches!(error, Error::LoginFailed { .. }), "{error:?}");
    }
}

#[test]
fn a_browser_login_shows_its_address_and_can_be_cancelled() {
    let _alone = login_port::take();
    let world = world([]);
    let login = wait!(world.codex.login_chatgpt()).unwrap();
    let issuer = format!("http://{}/", world.harness.responses().address());
    assert!(login.url().starts_with(&issuer), "{}", login.url());
    assert_eq!(login.user_code(), None);
    assert!(!format!("{login:?}").contains("http"), "{login:?}");
    wait!(login.cancel()).unwrap();
    let error = wait!(login.wait()).unwrap_err();
    assert!(matches!(error, Error::LoginFailed { .. }), "{error:?}");
}

/// The redirect of the browser after the user's consent: the URL inside that of the login.
fn agree(login_url: &str) -> String {
    let parameter = |name: &str| {
        let start = login_url.find(&format!("{name}=")).unwrap() + name.len() + 1;
        login_url[start..].split('&').next().unwrap()
    };
    let back = parameter("redirect_uri");
    let back = back.replace("%3A", ":").replace("%2F", "/");
    format!("{back}?code=agreed&state={}", parameter("state"))
}

#[test]
fn a_browser_login_completes_when_the_browser_comes_back() {
    let _alone = login_port::take();
    let world = world([Reply::assistant("done")]);
    world
        .harness
        .responses()
        .answer_path("/oauth/token", tokens());
    let login = wait!(world.codex.login_chatgpt()).unwrap();
    let browser = ureq::Agent::config_builder().proxy(None).build();
    let browser = ureq::Agent::from(browser);
    let shown = browser.get(agree(login.url())).call().unwrap();
    assert_eq!(shown.status(), 200);
    wait!(login.wait()).unwrap();
    wait!(login.wait()).unwrap();
    let exchanged = world.harness.responses().all_requests();
    let exchange = |request: &CapturedRequest| {
        request.path() == "/oauth/token"
            && String::from_utf8_lossy(request.body()).contains("code=agreed")
    };
    assert!(exchanged.iter().any(exchange), "{exchanged:#?}");
    let account = call!(world.codex.account()).unwrap().account.unwrap();
    assert_eq!(account.tag(), "chatgpt");
    let thread = call!(world.codex.thread_start()).unwrap();
    call!(thread.run("hello")).unwrap();
    assert_eq!(authorization(&world), format!("Bearer {TOKEN}"));
}

#[test]
fn a_login_that_completes_before_it_is_waited_for_is_not_lost() {
    let completed = |id: &str| json!({ "loginId": id, "success": true, "error": null });
    let (codex, peer) = scripted(|script| {
        script
            .expect("account/login/start")
            .notify("account/login/completed", completed("another"))
            .notify("account/login/completed", completed("mine"))
            .reply(json!({ "type": "chatgpt", "loginId": "mine", "authUrl": "http://open.me" }))
    });
    let login = wait!(codex.login_chatgpt()).unwrap();
    peer.finish(crate::support::LIMIT);
    wait!(login.wait()).unwrap();
    wait!(login.wait()).unwrap();
}
