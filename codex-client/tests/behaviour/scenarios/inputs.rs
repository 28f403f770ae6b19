//! The input of the model for each kind of input.

use codex_client::types::ThreadItem;
use codex_client::{ExternalMessage, Input};
use codex_testing::{CapturedRequest, Gate, Reply};
use serde_json::Value;

use super::World;
use crate::support::{LIMIT, harness_with};

/// The smallest PNG there is, as the runtime sends it on.
pub(super) const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0xf0, 0x1f, 0, 5, 0, 1, 0xff, 0x89, 0x99, 0x3d, 0x1d, 0, 0,
    0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

#[test]
fn images_reach_the_model_as_data_beside_the_text() {
    let world = World::start(
        harness_with([Reply::assistant("one"), Reply::assistant("two")]),
        |builder| builder,
    );
    let file = world.harness.workspace().join("pixel.png");
    std::fs::write(&file, PNG).unwrap();
    let thread = call!(world.codex.thread_start()).unwrap();
    call!(thread.run(Input::text("given").and_image("image/png", PNG))).unwrap();
    call!(thread.run(Input::text("in a file").and_local_image(&file))).unwrap();
    let requests = world.harness.responses().requests();
    let images = |request: &CapturedRequest| {
        let urls = request.image_urls("user").into_iter();
        urls.filter(|url| url.starts_with("data:image/png;base64,iVBORw0KGgo"))
            .count()
    };
    assert_eq!(images(&requests[0]), 1);
    assert!(requests[0].message_texts("user").contains(&"given"));
    assert_eq!(images(&requests[1]), 2, "the history is sent again");
    assert!(requests[1].message_texts("user").contains(&"in a file"));
}

#[test]
fn skill_adds_its_text_and_mention_does_not_interfere() {
    let world = World::start(harness_with([Reply::assistant("done")]), |builder| builder);
    let folder = world.harness.workspace().join(".agents/skills/greet");
    std::fs::create_dir_all(&folder).unwrap();
    let skill = folder.join("SKILL.md");
    let text = "---\nname: greet\ndescription: how to greet\n---\nGreet with three cheers.\n";
    std::fs::write(&skill, text).unwrap();
    let notes = world.harness.workspace().join("notes.md");
    std::fs::write(&notes, "notes").unwrap();
    let thread = call!(world.codex.thread_start()).unwrap();
    let input = Input::text("use $greet on @notes")
        .and_skill("greet", &skill)
        .and_mention("notes", notes.to_str().unwrap());
    let result = call!(thread.run(input)).unwrap();
    let request = world.harness.responses().single_request();
    let texts = request.message_texts("user");
    assert!(
        texts
            .iter()
            .any(|text| text.contains("Greet with three cheers.")),
        "{texts:?}"
    );
    assert!(texts.contains(&"use $greet on @notes"));
    let kept = serde_json::to_value(&result.items[0]).unwrap();
    let kinds = kept["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["type"]);
    assert_eq!(kinds.collect::<Vec<_>>(), ["text", "skill", "mention"]);
}

/// The outputs of tools in the model's input.
fn tool_outputs(request: &CapturedRequest) -> Vec<&Value> {
    let items = request.input().iter();
    items
        .filter(|item| item["type"] == "function_call_output")
        .map(|item| &item["output"])
        .collect()
}

/// It has the authority of a tool, and not that of the user.
#[track_caller]
fn assert_is_from_a_tool(request: &CapturedRequest, text: &str) {
    let told = |output: &&Value| output.to_string().contains(text);
    assert!(tool_outputs(request).iter().any(told));
    assert!(!request.message_texts("user").concat().contains(text));
}

#[test]
fn external_message_keeps_the_authority_of_a_tool() {
    let world = World::start(harness_with([]), |builder| builder);
    world
        .harness
        .responses()
        .respond_with(|_| Some(Reply::assistant("noted")));
    let thread = call!(world.codex.thread_start()).unwrap();
    let message = ExternalMessage::new("inbox", "the build is red").namespace("mail");
    let result = call!(thread.run(message)).unwrap();
    let [ThreadItem::FunctionCallOutput(item), _] = &result.items[..] else {
        panic!("{:?}", result.items)
    };
    assert_eq!(
        (item.name.as_str(), item.namespace.as_deref()),
        ("inbox", Some("mail"))
    );
    wait!(world.codex.close());

    let builder = super::Codex::builder()
        .launch(world.harness.launch())
        .request_deadline(LIMIT);
    let codex = wait!(builder.build()).unwrap();
    let resumed = call!(codex.thread_resume(thread.id())).unwrap();
    call!(resumed.run("what happened?")).unwrap();
    for request in world.harness.responses().requests() {
        assert_is_from_a_tool(&request, "the build is red");
    }
}

#[test]
fn an_external_message_joins_the_running_turn() {
    let gate = Gate::new();
    let replies = [
        Reply::streaming(["wait"]).gate(&gate),
        Reply::assistant("noted"),
    ];
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut first = call!(thread.turn("hello")).unwrap();
    gate.wait_reached(LIMIT).unwrap();
    let mut second = call!(thread.turn(ExternalMessage::new("inbox", "the build is red"))).unwrap();
    assert_eq!(first.id(), second.id());
    gate.release();
    wait!(first.run()).unwrap();
    wait!(second.run()).unwrap();
    let request = world.harness.responses().requests().pop().unwrap();
    assert_is_from_a_tool(&request, "the build is red");
}
