//! Every option of a runner, by its effect on the real runtime or at the mock model.

use std::fs;

use codex_exec::{ApprovalPolicy, Prompt, RunErrorKind, Sandbox, WebSearch};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use super::runner;
use crate::modes::{MODES, Mode, block_on, completed};

/// The smallest possible image.
const IMAGE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// The request to the model of a run with these options.
fn asked(
    options: impl FnOnce(codex_exec::ExecRunnerBuilder) -> codex_exec::ExecRunnerBuilder,
) -> codex_testing::CapturedRequest {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(Reply::assistant("Done."));
    let runner = options(harness.exec_runner()).build().unwrap();
    runner.run_blocking("hi").finish().unwrap();
    harness.responses().single_request()
}

fn has_tool(request: &codex_testing::CapturedRequest, kind: &str) -> bool {
    let tools = request.body_json()["tools"].as_array().unwrap();
    tools.iter().any(|tool| tool["type"] == kind)
}

#[test]
fn images_reach_the_model_in_new_and_resumed_sessions() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        harness.responses().enqueue(Reply::assistant("One."));
        harness.responses().enqueue(Reply::assistant("Two."));
        let files = ["one.png", "two.png"].map(|name| harness.workspace().join(name));
        for file in &files {
            fs::write(file, base64(IMAGE)).unwrap();
        }
        let runner = runner(&harness);
        let prompt = Prompt::new("look").images(&files);
        let finish = |resume: Option<&codex_exec::ResumeToken>, prompt: Prompt| match mode {
            Mode::Async => block_on(
                match resume {
                    Some(session) => runner.resume(session, prompt),
                    None => runner.run(prompt),
                }
                .finish(),
            ),
            Mode::Blocking => match resume {
                Some(session) => runner.resume_blocking(session, prompt),
                None => runner.run_blocking(prompt),
            }
            .finish(),
        };
        let session = finish(None, prompt).unwrap().resume.unwrap();
        finish(Some(&session), Prompt::new("again").image(&files[0])).unwrap();
        let images = |request: &codex_testing::CapturedRequest| {
            request
                .body_json()
                .to_string()
                .matches("data:image/png")
                .count()
        };
        let requests = harness.responses().requests();
        assert_eq!(images(&requests[0]), 2);
        assert_eq!(images(&requests[1]), 3);
        assert_eq!(requests[0].last_user_text(), Some("look"));
    }
}

/// Decodes base64, of which only this image needs it.
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter_map(|byte| {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        u32::try_from(digit).ok()
    });
    let digits: Vec<u32> = digits.collect();
    let groups = digits.chunks(4).flat_map(|group| {
        let bits = group.iter().fold(0, |bits, digit| bits << 6 | digit);
        let bits = bits << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    });
    groups.collect()
}

#[test]
fn missing_image_is_an_error_without_a_request() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        let runner = runner(&harness);
        for file in ["/nowhere/image.png", "/"] {
            let prompt = Prompt::new("look").image(file);
            let result = match mode {
                Mode::Async => block_on(runner.run(prompt).finish()),
                Mode::Blocking => runner.run_blocking(prompt).finish(),
            };
            let error = result.unwrap_err();
            assert_eq!(error.kind(), RunErrorKind::Input);
            assert!(error.to_string().contains(file), "{error}");
        }
        assert!(harness.responses().requests().is_empty());
    }
}

#[test]
fn web_search_has_three_forms_and_two_short_ones() {
    let search = |search: WebSearch| asked(|builder| builder.web_search(search));
    assert!(!has_tool(&search(WebSearch::Disabled), "web_search"));
    for (form, live) in [
        (WebSearch::Cached, false),
        (WebSearch::Live, true),
        (true.into(), true),
    ] {
        let request = search(form);
        let tools = request.body_json()["tools"].as_array().unwrap();
        let tool = tools.iter().find(|tool| tool["type"] == "web_search");
        assert_eq!(
            tool.unwrap()["external_web_access"],
            json!(live),
            "{form:?}"
        );
    }
    assert!(!has_tool(&search(false.into()), "web_search"));
}

#[test]
fn sandbox_network_and_approvals_reach_the_model() {
    let told = |request: &codex_testing::CapturedRequest| {
        request.message_texts("developer").join("\n") + &request.message_texts("user").join("\n")
    };
    let request = asked(|builder| {
        builder
            .sandbox(Sandbox::WorkspaceWrite)
            .network_access(true)
            .approval_policy(ApprovalPolicy::OnRequest)
    });
    let text = told(&request);
    assert!(text.contains("workspace-write"), "{text}");
    assert!(text.contains("Network access is enabled"), "{text}");
    let request = asked(|builder| {
        builder
            .sandbox(Sandbox::WorkspaceWrite)
            .network_access(false)
            .approval_policy(ApprovalPolicy::Never)
    });
    let text = told(&request);
    assert!(text.contains("Network access is restricted"), "{text}");
    assert!(
        text.contains("Approval policy is currently never"),
        "{text}"
    );
}

#[test]
fn options_have_precedence_over_configuration_values() {
    let request = asked(|builder| {
        builder
            .network_access(true)
            .sandbox(Sandbox::WorkspaceWrite)
            .config("sandbox_workspace_write.network_access", false)
            .config("sandbox_mode", "read-only")
    });
    let text = request.message_texts("developer").join("\n");
    assert!(text.contains("Network access is enabled"), "{text}");
}

#[test]
fn additional_folders_may_be_written_to() {
    let elsewhere = tempfile::tempdir().unwrap();
    let request = asked(|builder| {
        builder
            .sandbox(Sandbox::WorkspaceWrite)
            .additional_folder(elsewhere.path())
    });
    let text = request.body_json().to_string();
    assert!(text.contains(elsewhere.path().to_str().unwrap()), "{text}");
}

#[test]
fn configuration_values_keep_their_types() {
    let request = asked(|builder| {
        builder
            .config("developer_instructions", "say \"please\"\nand # thanks")
            .config("model_verbosity", "low")
            .config("features", json!({"web_search_request": false}))
            .model("gpt-5.5")
    });
    let text = request.message_texts("developer").join("\n");
    assert!(text.contains("say \"please\"\nand # thanks"), "{text}");
    assert_eq!(request.body_json()["text"]["verbosity"], "low");
    let harness = AppServerHarness::start().unwrap();
    let error = harness.exec_runner().config("key", json!(null)).build();
    assert!(error.unwrap_err().to_string().contains("`key`"));
}

#[test]
fn a_profile_is_a_layer_of_configuration() {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(Reply::assistant("Done."));
    let file = harness.codex_home().join("terse.config.toml");
    fs::write(file, "developer_instructions = \"from the profile\"\n").unwrap();
    let runner = harness.exec_runner().profile("terse").build().unwrap();
    runner.run_blocking("hi").finish().unwrap();
    let request = harness.responses().single_request();
    let text = request.message_texts("developer").join("\n");
    assert!(text.contains("from the profile"), "{text}");
}

#[test]
fn the_originator_is_the_chosen_one() {
    let request = asked(|builder| builder.originator("my_bot"));
    assert_eq!(request.header("originator"), Some("my_bot"));
}

#[test]
fn new_sessions_have_their_source_and_resumed_ones_keep_it() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        let answers = ["One.", "Two."].map(Reply::assistant);
        harness.responses().enqueue_all(answers);
        let runner = |source: &str| {
            let builder = harness.exec_runner().thread_source(source);
            builder.build().unwrap()
        };
        let first = mode.collect(&runner("my_bot"), None, "hi");
        let session = completed(&first).resume.clone();
        assert!(completed(&mode.collect(&runner("another"), session.as_ref(), "more")).ok);
        for request in harness.responses().requests() {
            let about = request.header("x-codex-turn-metadata").unwrap();
            let about: serde_json::Value = serde_json::from_str(about).unwrap();
            assert_eq!(about["thread_source"], "my_bot");
        }
    }
}

#[test]
fn the_key_is_that_of_the_requests() {
    let harness = AppServerHarness::builder().requires_openai_auth();
    let harness = harness.start().unwrap();
    harness.responses().enqueue(Reply::assistant("Done."));
    let builder = harness.exec_runner().api_key("the-key");
    let builder = builder.cyber_access_program("standard");
    let run = builder.build().unwrap().run_blocking("hi").finish();
    assert_eq!(run.unwrap().answer.as_deref(), Some("Done."));
    let request = harness.responses().single_request();
    assert_eq!(request.header("authorization"), Some("Bearer the-key"));
}

#[test]
fn overrides_of_a_map_add_up() {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(Reply::assistant("Done."));
    let url = harness.responses().base_url();
    let mine = json!({ "mine": { "name": "Mine", "base_url": url, "wire_api": "responses" } });
    let builder = harness
        .exec_runner()
        .config("model_providers", mine)
        .config("model_providers", json!({ "more": { "name": "More" } }))
        .config("model_provider", "mine");
    let run = builder.build().unwrap().run_blocking("hi").finish();
    assert_eq!(run.unwrap().answer.as_deref(), Some("Done."));
}

#[test]
fn arguments_behind_exec_are_placed_there() {
    // The runtime accepts this one only after `exec`.
    let request = asked(|builder| builder.exec_args(["--ephemeral"]));
    assert_eq!(request.last_user_text(), Some("hi"));
}

#[derive(Debug, PartialEq, serde::Deserialize, schemars::JsonSchema)]
struct Verdict {
    /// True if it is accepted.
    fine: bool,
    points: Option<u8>,
}

#[test]
fn answer_has_the_requested_type() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        harness
            .responses()
            .enqueue(Reply::assistant(r#"{"fine":true,"points":null}"#))
            .enqueue(Reply::assistant("It is fine."));
        let runner = runner(&harness);
        let run = || match mode {
            Mode::Async => block_on(runner.run_as::<Verdict>("well?")),
            Mode::Blocking => runner.run_as_blocking::<Verdict>("well?"),
        };
        let verdict = Verdict {
            fine: true,
            points: None,
        };
        assert_eq!(run().unwrap(), verdict);
        let error = run().unwrap_err();
        assert_eq!(error.kind(), RunErrorKind::Output);
        assert_eq!(error.answer(), Some("It is fine."));
        let list = match mode {
            Mode::Async => block_on(runner.run_as::<Vec<Verdict>>("well?")),
            Mode::Blocking => runner.run_as_blocking::<Vec<Verdict>>("well?"),
        };
        assert_eq!(list.unwrap_err().kind(), RunErrorKind::Output);
        let requests = harness.responses().requests();
        assert_eq!(requests.len(), 2, "what cannot succeed is not sent");
        let schema = &requests[0].body_json()["text"]["format"]["schema"];
        assert_eq!(schema["required"], json!(["fine", "points"]));
    }
}

#[test]
fn last_and_named_sessions_continue() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        for answer in ["One.", "Two.", "Three.", "Another.", "Four."] {
            harness.responses().enqueue(Reply::assistant(answer));
        }
        let runner = runner(&harness);
        let first = completed(&mode.collect(&runner, None, "first")).clone();
        let session = first.resume.unwrap();
        let name = |name: &str| {
            let client = harness.blocking_client().unwrap();
            let thread = json!({"threadId": session.id()});
            client.request_raw("thread/resume", &thread).unwrap();
            let params = json!({"threadId": session.id(), "name": name});
            client.request_raw("thread/name/set", &params).unwrap();
            client.close();
        };
        name("the big one");
        let last = match mode {
            Mode::Async => block_on(runner.resume_last("second").finish()),
            Mode::Blocking => runner.resume_last_blocking("second").finish(),
        };
        assert_eq!(last.unwrap().resume.unwrap(), session);
        let by_name = |name: &str| {
            let run = match mode {
                Mode::Async => block_on(runner.resume_named(name, "more").finish()),
                Mode::Blocking => runner.resume_named_blocking(name, "more").finish(),
            };
            let run = run.unwrap();
            assert_eq!(run.resume.as_ref(), Some(&session));
            run.answer.unwrap_or_default()
        };
        assert_eq!(by_name("the big one"), "Three.");
        // A name that is an option of the runtime, too, which would select another session.
        name("--last");
        let another = completed(&mode.collect(&runner, None, "another")).clone();
        assert_ne!(another.resume.as_ref(), Some(&session));
        assert_eq!(by_name("--last"), "Four.");
        let requests = harness.responses().requests();
        assert_eq!(requests[2].message_texts("assistant"), ["One.", "Two."]);
    }
}
