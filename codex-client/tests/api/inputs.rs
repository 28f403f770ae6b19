//! The inputs of a turn.

use codex_client::types::{ThreadItem, UserInput};
use codex_client::{ExternalMessage, Input};
use codex_testing::Reply;

use crate::support::{codex, harness_with};

/// The smallest PNG there is.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0xf0, 0x1f, 0, 5, 0, 1, 0xff, 0x89, 0x99, 0x3d, 0x1d, 0, 0,
    0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

#[tokio::test]
async fn images_reach_the_model_as_data() {
    let harness = harness_with([Reply::assistant("seen"), Reply::assistant("seen")]);
    let file = harness.workspace().join("pixel.png");
    std::fs::write(&file, PNG).unwrap();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let input = Input::text("look").and_image("image/png", PNG);
    thread.run(input).await.unwrap();
    thread
        .run(Input::local_image(&file).and_text("and here"))
        .await
        .unwrap();
    for request in harness.responses().requests() {
        assert!(
            request
                .body_json()
                .to_string()
                .contains("data:image/png;base64,iVBOR")
        );
    }
}

#[tokio::test]
async fn a_skill_brings_its_text() {
    let harness = harness_with([Reply::assistant("done")]);
    let folder = harness.codex_home().join("skills/greet");
    std::fs::create_dir_all(&folder).unwrap();
    let skill = folder.join("SKILL.md");
    let text = "---\nname: greet\ndescription: how to greet\n---\nGreet with three cheers.";
    std::fs::write(&skill, text).unwrap();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    thread
        .run(Input::text("use $greet").and_skill("greet", &skill))
        .await
        .unwrap();
    let request = harness.responses().single_request();
    assert!(
        request
            .body_json()
            .to_string()
            .contains("Greet with three cheers.")
    );
}

#[tokio::test]
async fn an_external_message_has_the_authority_of_a_tool() {
    let harness = harness_with([Reply::assistant("noted")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let message = ExternalMessage::new("inbox", "the build is red");
    let result = thread.run(message).await.unwrap();
    let is_output = |item: &ThreadItem| matches!(item, ThreadItem::FunctionCallOutput(_));
    assert!(result.items.iter().any(is_output), "{:?}", result.items);
    let request = harness.responses().single_request();
    let body = request.body_json();
    let input = body["input"].as_array().unwrap();
    let outputs = input
        .iter()
        .filter(|item| item["type"] == "function_call_output");
    let outputs: Vec<_> = outputs.map(ToString::to_string).collect();
    assert!(
        outputs
            .iter()
            .any(|output| output.contains("the build is red")),
        "{outputs:?}"
    );
}

/// The texts of the user's last message as the model receives them, and its item.
async fn sent(input: Input) -> (Vec<String>, ThreadItem) {
    let harness = harness_with([Reply::assistant("noted")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut result = thread.run(input).await.unwrap();
    let request = harness.responses().single_request();
    let body = request.body_json();
    let parts = body["input"].as_array().unwrap().last().unwrap()["content"].clone();
    let texts = parts.as_array().unwrap().iter();
    let texts = texts.map(|part| part["text"].as_str().unwrap().to_owned());
    (texts.collect(), result.items.swap_remove(0))
}

fn parts(item: &ThreadItem) -> Vec<&str> {
    let ThreadItem::UserMessage(message) = item else {
        panic!("{item:?}");
    };
    message.content.iter().map(UserInput::tag).collect()
}

#[tokio::test]
async fn model_without_audio_receives_a_notice() {
    const OMITTED: &str = "audio content omitted because you do not support audio input";
    let input = Input::text("listen").and_audio("audio/wav", b"RIFF");
    let (texts, item) = sent(input).await;
    assert_eq!(texts, ["listen", OMITTED]);
    assert_eq!(parts(&item), ["text", "audio"]);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sound.wav");
    std::fs::write(&file, b"RIFF").unwrap();
    let (texts, item) = sent(Input::text("listen").and_local_audio(&file)).await;
    assert!(texts[1].contains("sound.wav"), "{texts:?}");
    assert!(texts.iter().any(|text| text == OMITTED), "{texts:?}");
    assert_eq!(parts(&item), ["text", "localAudio"]);
}

#[tokio::test]
async fn a_mention_of_something_unknown_is_kept_and_adds_nothing() {
    let input = Input::text("ask @notes").and_mention("notes", "app://notes");
    let (texts, item) = sent(input).await;
    assert_eq!(texts, ["ask @notes"]);
    assert_eq!(parts(&item), ["text", "mention"]);
}
