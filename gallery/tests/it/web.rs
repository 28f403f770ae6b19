//! The web service, over HTTP as a browser uses it. The page itself is tested in a browser by
//! `cargo xtask ci browser`.

mod client;

use codex_testing::{Gate, Reply};
use rustix::process::Signal;
use serde_json::json;

use crate::support::{LIMIT, escalated, patching_harness as harness};
use client::{Service, is_pending, status_is};

#[test]
fn the_page_is_served_with_its_script_and_style() {
    let harness = harness();
    let service = Service::start(&harness, &[]);
    for (path, kind, part) in [
        ("/", "text/html", "default-src 'self'"),
        ("/page.js", "text/javascript", "new EventSource"),
        ("/page.css", "text/css", "prefers-color-scheme: dark"),
    ] {
        let (status, content_type, text) = service.get(path);
        assert_eq!(status, 200, "{path}");
        assert!(content_type.starts_with(kind), "{path}: {content_type}");
        assert!(text.contains(part), "{path}");
    }
}

#[test]
fn text_arrives_while_the_model_speaks() {
    let harness = harness();
    let gate = Gate::new();
    harness.responses().enqueue(
        Reply::streaming(["It is ", "a"])
            .gate(&gate)
            .deltas([" library."]),
    );
    let service = Service::start(&harness, &[]);
    let id = service.new_thread();
    let mut browser = service.watch(&id);
    let (name, view) = browser.next().unwrap();
    assert_eq!((name.as_str(), &view["turns"]), ("view", &json!([])));
    assert_eq!(service.prompt(&id, "Describe this project."), 202);
    let mut text = String::new();
    browser.until(|update| {
        text += &client::appended(update);
        text == "It is a"
    });
    gate.release();
    browser.until(|update| {
        text += &client::appended(update);
        status_is(update, "completed")
    });
    assert_eq!(text, "It is a library.");
}

#[test]
fn a_button_approves_once() {
    let harness = harness();
    harness
        .responses()
        .enqueue_all([escalated("one", "touch one"), Reply::assistant("Done.")]);
    let service = Service::start(&harness, &[]);
    let id = service.new_thread();
    let mut browser = service.watch(&id);
    service.prompt(&id, "Touch a file.");
    let asked = browser.until(is_pending);
    let request = &asked["pending"][0];
    let command = request["params"]["command"].as_str().unwrap();
    assert!(command.ends_with("'touch one'"), "{command}");
    assert_eq!(request["params"]["reason"], "to see what happens");
    // A browser that opens the page later sees it as well.
    let (_, view) = service.watch(&id).next().unwrap();
    assert_eq!(view["pending"], asked["pending"]);

    let button = |decision: &str| json!({"id": request["id"], "decision": decision});
    let (status, problem) = service.post("/approvals", &button("perhaps"));
    assert_eq!(status, 422);
    assert!(
        problem["error"]
            .as_str()
            .unwrap()
            .contains("unknown value `perhaps`")
    );
    assert_eq!(service.post("/approvals", &button("accept")).0, 204);
    assert_eq!(service.post("/approvals", &button("decline")).0, 410);
    let end = browser.until(|update| status_is(update, "completed"));
    assert_eq!(end["pending"], json!([]));
    assert!(harness.workspace().join("one").exists());
}

#[test]
fn a_declined_command_does_not_run() {
    let harness = harness();
    harness
        .responses()
        .enqueue_all([escalated("one", "touch one"), Reply::assistant("Pity.")]);
    let service = Service::start(&harness, &[]);
    let id = service.new_thread();
    let mut browser = service.watch(&id);
    service.prompt(&id, "Touch a file.");
    let asked = browser.until(is_pending);
    let decided = json!({"id": asked["pending"][0]["id"], "decision": "decline"});
    assert_eq!(service.post("/approvals", &decided).0, 204);
    browser.until(|update| status_is(update, "completed"));
    assert!(!harness.workspace().join("one").exists());
    harness.responses().assert_exhausted();
}

#[test]
fn a_prompt_steers_a_running_turn_and_stop_ends_it() {
    let harness = harness();
    let (first, second) = (Gate::new(), Gate::new());
    harness.responses().enqueue_all([
        Reply::streaming(["One, "]).gate(&first).deltas(["two."]),
        Reply::streaming(["Backwards: "])
            .gate(&second)
            .deltas(["two, one."]),
    ]);
    let service = Service::start(&harness, &[]);
    let id = service.new_thread();
    let mut browser = service.watch(&id);
    service.prompt(&id, "Count.");
    first.wait_reached(LIMIT).unwrap();
    assert_eq!(service.prompt(&id, "Backwards, please."), 202);
    first.release();
    second.wait_reached(LIMIT).unwrap();
    let steered = harness.responses().requests().pop().unwrap();
    assert_eq!(steered.last_user_text(), Some("Backwards, please."));
    assert_eq!(
        service
            .post(&format!("/threads/{id}/interrupt"), &json!({}))
            .0,
        202
    );
    browser.until(|update| status_is(update, "interrupted"));
}

#[test]
fn a_conversation_outlives_the_service() {
    let harness = harness();
    harness
        .responses()
        .enqueue_all([Reply::assistant("Hello, Ada."), Reply::assistant("Ada.")]);
    let first = Service::start(&harness, &[]);
    let id = first.new_thread();
    let mut browser = first.watch(&id);
    first.prompt(&id, "I am Ada.");
    browser.until(|update| status_is(update, "completed"));
    first.end(Signal::INT);

    let second = Service::start(&harness, &[]);
    let mut browser = second.watch(&id);
    let (_, view) = browser.next().unwrap();
    assert_eq!(view["turns"][0]["items"][1]["item"]["text"], "Hello, Ada.");
    assert_eq!(second.prompt(&id, "Who am I?"), 202);
    browser.until(|update| status_is(update, "completed"));
    let last = harness.responses().requests().pop().unwrap();
    assert_eq!(
        last.message_texts("user")
            .iter()
            .filter(|it| **it == "I am Ada.")
            .count(),
        1
    );
}

#[test]
fn termination_interrupts_a_turn_in_front_of_its_browser() {
    let harness = harness();
    let gate = Gate::new();
    harness
        .responses()
        .enqueue(Reply::streaming(["One, "]).gate(&gate).deltas(["two."]));
    let service = Service::start(&harness, &[]);
    let id = service.new_thread();
    let mut browser = service.watch(&id);
    service.prompt(&id, "Count.");
    gate.wait_reached(LIMIT).unwrap();
    let output = service.end(Signal::TERM);
    assert!(output.ends_with("closed\n"), "{output}");
    browser.until(|update| status_is(update, "interrupted"));
    assert_eq!(browser.next(), None, "the stream has ended");
}

#[test]
fn turns_are_limited() {
    let harness = harness();
    let gate = Gate::new();
    harness.responses().enqueue_all([
        Reply::streaming(["One."]).gate(&gate),
        Reply::assistant("Two."),
    ]);
    let service = Service::start(&harness, &["--turns", "1"]);
    let (first, second) = (service.new_thread(), service.new_thread());
    let mut browser = service.watch(&first);
    assert_eq!(service.prompt(&first, "Count."), 202);
    gate.wait_reached(LIMIT).unwrap();
    assert_eq!(service.prompt(&second, "Count."), 503);
    gate.release();
    browser.until(|update| status_is(update, "completed"));
    // The turn has ended for the browser a moment before it has for the service.
    let accepted = (0..1000).any(|_| service.prompt(&second, "Count.") == 202);
    assert!(accepted);
}

#[test]
fn requests_of_strangers_and_mistakes_are_refused() {
    let harness = harness();
    let service = Service::start(&harness, &[]);
    let id = service.new_thread();
    assert_eq!(service.prompt(&id, " "), 400);
    let unknown = "/threads/019b73c4-0c3f-7701-a0bb-aac6b4d8a3bc/events";
    let (status, _, problem) = service.get(unknown);
    assert_eq!(status, 404, "{problem}");
    assert!(problem.contains("\"error\""), "{problem}");
    let prompts = format!("/threads/{id}/prompts");
    let body = r#"{"prompt": "Say no."}"#;
    // A form of another page, and a page whose name leads to this machine.
    assert_eq!(
        service.send(&prompts, body, &[("Content-Type", "text/plain")]),
        415
    );
    let foreign = [
        ("Content-Type", "application/json"),
        ("Host", "evil.example:80"),
    ];
    assert_eq!(service.send(&prompts, body, &foreign), 403);
    assert_eq!(harness.responses().requests().len(), 0);
}
