//! What the vendor's own tests of the runtime and its SDKs prove, and no other scenario here.

use codex_client::types::{
    ByteRange, TextElement, TextUserInput, ThreadGoalGetParams, ThreadGoalStatus, ThreadItem,
    TurnStartParams, UserInput,
};
use codex_client::{ApprovalMode, ExternalMessage, Input, Sandbox, ServerErrorKind};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use super::{World, deciding};
use crate::support::{LIMIT, Seen, escalated, harness_with};

#[test]
fn long_external_message_is_truncated_for_the_model_and_says_so() {
    let world = World::start(harness_with([Reply::assistant("noted")]), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let long = format!("BEGIN {} END", "x".repeat(400_000));
    call!(thread.run(ExternalMessage::new("inbox", long.clone()))).unwrap();
    let request = world.harness.responses().single_request();
    let items = request.input().iter();
    let mut outputs = items.filter(|item| item["type"] == "function_call_output");
    let output = outputs.next().unwrap()["output"].to_string();
    assert!(output.len() < 100_000, "{} bytes", output.len());
    assert!(output.contains("BEGIN") && output.contains("END"));
    assert!(output.contains("truncated"), "{}", &output[..200]);
}

#[test]
fn goal_reached_in_its_first_turn_takes_no_more_input() {
    let mark = json!({ "status": "complete" });
    let replies = [
        Reply::new().function_call("mark", "update_goal", mark),
        Reply::assistant("reached"),
    ];
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut goal = call!(thread.goal("Get there.")).unwrap();
    let result = wait!(goal.run()).unwrap();
    assert!(result.is_complete());
    assert_eq!(result.turn_ids.len(), 1);
    let error = wait!(goal.steer("more")).unwrap_err();
    let kind = error.server().map(codex_client::ServerError::kind);
    assert_eq!(kind, Some(ServerErrorKind::NoActiveTurn), "{error}");
    // Cancelling what is over is no error, and does not make it less complete.
    wait!(goal.cancel()).unwrap();
    let get = ThreadGoalGetParams::new(thread.id());
    let goal = wait!(world.codex.client().thread_goal_get(get))
        .unwrap()
        .goal;
    assert_eq!(goal.unwrap().status, ThreadGoalStatus::Complete);
    world.harness.responses().assert_exhausted();
}

#[test]
fn options_of_a_turn_have_their_effects() {
    let world = World::start(harness_with([Reply::assistant("done")]), |builder| {
        builder.experimental_api(true)
    });
    let thread = call!(world.codex.thread_start()).unwrap();
    let root = "019a0000-0000-7000-8000-000000000001";
    let parent = "019a0000-0000-7000-8000-000000000002";
    let params = TurnStartParams::new(thread.id(), vec![UserInput::text("hello")])
        .client_user_message_id("message-1")
        .turn_trigger("schedule")
        .parent_turn_id(parent)
        .root_turn_id(root)
        .disabled_plugin_ids(vec!["plugin-1".to_owned()]);
    let mut events = thread.events().unwrap();
    let started = wait!(world.codex.client().turn_start(params)).unwrap();
    let turn = started.turn;
    assert_eq!(
        turn.root_turn_id
            .as_ref()
            .map(codex_client::types::TurnId::as_str),
        Some(root)
    );
    let mut client_id = None;
    loop {
        let event = wait!(events.next()).unwrap().unwrap();
        let raw: serde_json::Value = serde_json::from_str(event.raw()).unwrap();
        let item = &raw["params"]["item"];
        if item["type"] == "userMessage" {
            client_id = item["clientId"].as_str().map(str::to_owned);
        }
        if event.method() == "turn/completed" {
            break;
        }
    }
    assert_eq!(client_id.as_deref(), Some("message-1"));
    let request = world.harness.responses().single_request();
    let headers: Vec<_> = request.headers().collect();
    let told = format!("{headers:?} {}", request.body_json()["client_metadata"]);
    for expected in ["schedule", parent, root] {
        assert!(told.contains(expected), "nothing of {expected}: {told}");
    }
}

#[test]
fn write_outside_the_workspace_happens_if_it_is_approved() {
    for (mode, accepts, written) in [
        (ApprovalMode::AskClient, true, true),
        (ApprovalMode::AskClient, false, false),
        (ApprovalMode::DenyAll, true, false),
    ] {
        let harness = AppServerHarness::start().unwrap();
        let outside = harness.home().join("outside.txt");
        let command = format!("echo fresh > '{}'", outside.display());
        harness.responses().enqueue_all(escalated(&command));
        let asked = Seen::default();
        let world = World::start(harness, |builder| {
            builder.handler(deciding(accepts, &asked))
        });
        let start = world.codex.thread_start().sandbox(Sandbox::WorkspaceWrite);
        let thread = call!(start.approval_mode(mode)).unwrap();
        call!(thread.run("write it")).unwrap();
        assert_eq!(outside.exists(), written, "{mode:?}, accepts {accepts}");
        assert_eq!(
            asked.all().len(),
            usize::from(mode == ApprovalMode::AskClient)
        );
    }
}

#[test]
fn elements_of_a_text_survive_resuming() {
    let world = World::start(harness_with([Reply::assistant("noted")]), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let quote = TextElement::new(ByteRange::new(0, 7)).placeholder("selection 1");
    let text = TextUserInput::new("> quote and a question").text_elements(vec![quote.clone()]);
    call!(thread.run(Input::new().and(text.clone()))).unwrap();
    wait!(world.codex.close());
    let builder = super::Codex::builder()
        .launch(world.harness.launch())
        .request_deadline(LIMIT);
    let codex = wait!(builder.build()).unwrap();
    let resumed = call!(codex.thread_resume(thread.id())).unwrap();
    let read = call!(resumed.read().include_turns(true)).unwrap();
    let ThreadItem::UserMessage(message) = &read.thread.turns[0].items[0] else {
        panic!("{:?}", read.thread.turns[0].items)
    };
    assert_eq!(message.content, [UserInput::from(text)]);
}

/// Installs a plugin with a skill.
fn install_plugin(harness: &AppServerHarness) {
    let plugin = harness
        .codex_home()
        .join("plugins/cache/local/greeter/local");
    let manifest = r#"{"name": "greeter", "version": "1.0.0", "description": "Greets."}"#;
    let skill = "---\nname: greeting\ndescription: Greets with a salute.\n---\nSalute.\n";
    for (file, text) in [
        (".codex-plugin/plugin.json", manifest),
        ("skills/greeting/SKILL.md", skill),
    ] {
        let path = plugin.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

#[test]
fn skills_of_a_disabled_plugin_are_not_offered() {
    let config = "[features]\nplugins = true\n[plugins.\"greeter@local\"]\nenabled = true\n";
    // With plugins the runtime asks for the vendor's own ones as it starts: no proxy is there.
    let mut builder = AppServerHarness::builder().config(config).allow_outbound();
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"] {
        builder = builder.env(name, "http://127.0.0.1:9");
    }
    let builder = builder
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1");
    let harness = builder.start().unwrap();
    install_plugin(&harness);
    let world = World::start(harness, |builder| builder);
    let offered = |disabled: Option<&[&str]>| {
        world.harness.responses().enqueue(Reply::assistant("done"));
        let thread = call!(world.codex.thread_start()).unwrap();
        let turn = thread.run("hello");
        let turn = match disabled {
            Some(ids) => {
                turn.disabled_plugin_ids(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())
            }
            None => turn,
        };
        call!(turn).unwrap();
        let requests = world.harness.responses().requests();
        let body = requests.last().unwrap().body_json();
        body.to_string().contains("greeter:greeting")
    };
    assert!(offered(None));
    assert!(!offered(Some(&["greeter@local"])));
    assert!(offered(Some(&["other@local"])));
    assert!(offered(Some(&[])));
    assert_eq!(world.harness.outbound_attempts(), []);
}
