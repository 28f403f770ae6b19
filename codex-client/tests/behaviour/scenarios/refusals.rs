//! What is refused before anything is sent, because it would fail late, hang, or do half of what was
//! asked for; and what the runtime warns of before anybody can listen.

use codex_client::types::{AudioUserInput, ImageUserInput};
use codex_client::{Error, Input};
use codex_testing::AppServerHarness;
use codex_testing::scripted::{Script, ScriptedPeer};
use serde_json::json;

use super::{Codex, World, scripted};
use crate::support::LIMIT;

/// Asserts that an argument was refused, with these words.
fn assert_refused<T: std::fmt::Debug>(result: Result<T, Error>, words: &str) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn incomplete_input_is_not_sent() {
    let turn = json!({"id": "turn", "items": [], "status": "inProgress"});
    let (codex, peer) = scripted(|script| script.expect("turn/start").reply(json!({"turn": turn})));
    let thread = codex.thread("thread");
    let image = || Input::text("look").and(ImageUserInput::new());
    let audio = || Input::text("listen").and(AudioUserInput::new());
    assert_refused(call!(thread.run(image())), "an image needs");
    assert_refused(call!(thread.turn(audio())), "a recording needs");
    // The first message that is sent is the one of a turn that has nothing wrong.
    let turn = call!(thread.turn("hello")).unwrap();
    assert_refused(call!(turn.steer(image())), "an image needs");
    peer.finish(LIMIT);
}

#[test]
fn answer_that_cannot_be_an_object_is_not_asked_for() {
    let (codex, peer) = scripted(|script| script);
    let thread = codex.thread("thread");
    assert_refused(
        call!(thread.run_as::<Vec<String>>("list")),
        "wrap it in a struct",
    );
    assert_refused(call!(thread.run_as::<String>("say")), "wrap it in a struct");
    assert_refused(
        call!(thread.run_as::<Option<bool>>("decide")),
        "wrap it in a struct",
    );
    peer.finish(LIMIT);
}

#[test]
fn impossible_goal_does_not_clear_the_earlier_one() {
    let (codex, peer) = scripted(|script| script);
    let thread = codex.thread("thread");
    assert_refused(call!(thread.goal(" ")), "must not be empty");
    assert_refused(
        call!(thread.goal("Go on.").token_budget(0)),
        "must be positive",
    );
    assert_refused(
        call!(thread.goal("Go on.").token_budget(-5)),
        "must be positive",
    );
    peer.finish(LIMIT);
}

#[test]
fn ends_cannot_be_opted_out_of() {
    for method in [
        "turn/completed",
        "item/completed",
        "thread/closed",
        "thread/goal/updated",
        "account/login/completed",
        "serverRequest/resolved",
    ] {
        let (_peer, transport) = ScriptedPeer::play(Script::new());
        let builder = Codex::builder()
            .opt_out_notifications(["thread/started", method])
            .transport(transport.split());
        assert_refused(wait!(builder.build()), method);
    }
}

#[test]
fn warning_of_the_handshake_is_kept_for_the_first_subscriber() {
    let harness = AppServerHarness::start().unwrap();
    let world = World::start(harness, |builder| builder.config("modle=\"x\""));
    // Long after the warning has come.
    call!(world.codex.models()).unwrap();
    let client = world.codex.client();
    let warnings = client.server_info().unwrap().config_warnings();
    let mut summaries = warnings.iter().map(|warning| &warning.summary);
    assert!(
        summaries.any(|summary| summary.contains("`modle`")),
        "{warnings:?}"
    );
    let mut events = client.events().unwrap();
    let first = wait!(events.next()).unwrap().unwrap();
    assert_eq!(first.method(), "configWarning");
    assert!(first.raw().contains("modle"));
}
