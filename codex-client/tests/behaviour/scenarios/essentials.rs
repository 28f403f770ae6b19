//! The core of the suite: what works on every supported runtime, or is refused by the client with a
//! typed error because the runtime lacks it.
//!
//! `cargo xtask ci runtimes` runs it on older runtimes; a table in the README has its result, with
//! a test for each scenario and API.

use codex_client::runtime::VersionPolicy;
use codex_client::types::{
    CommandExecParams, ConfigReadParams, CustomReviewTarget, DangerFullAccessSandboxPolicy,
    ReviewTarget, ServerNotification, SkillsListParams, ThreadItem, TurnPlanStepStatus, TurnStatus,
};
use codex_client::{ApprovalMode, Error, Sandbox};
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::json;

use super::{deciding, executed};
use crate::support::{
    LIMIT, Seen, agent_messages, calling, escalated, harness_with, pinned_version, user_texts,
};

#[path = "essentials/setup.rs"]
mod setup;

use setup::{listed, ran, scenario, scenario_of};

#[test]
fn initialize() {
    scenario([], |world| {
        let info = world.codex.server_info().unwrap();
        let version = world.harness.runtime().version().unwrap();
        assert_eq!(info.version, Some(version));
        assert_eq!(info.codex_home, world.harness.codex_home());
        Ok(())
    });
}

#[test]
fn version_policy() {
    let harness = harness_with([]);
    let is_pinned = harness.runtime().version().unwrap() == pinned_version();
    let builder = super::Codex::builder().launch(harness.launch());
    let built = wait!(builder.version_policy(VersionPolicy::Refuse).build());
    assert_eq!(built.is_ok(), is_pinned);
    if let Err(error) = built {
        assert!(matches!(error, Error::Runtime(_)), "{error:?}");
    }
    scenario([], |_| Ok(()));
}

#[test]
fn start() {
    scenario([], |world| {
        let thread = call!(world.codex.thread_start().sandbox(Sandbox::ReadOnly))?;
        assert_eq!(thread.settings().unwrap().model, "mock-model");
        Ok(())
    });
}

#[test]
fn run() {
    scenario([Reply::assistant("Hello.")], |world| {
        let thread = call!(world.codex.thread_start())?;
        let result = call!(thread.run("hi"))?;
        assert_eq!(result.final_response.as_deref(), Some("Hello."));
        assert_eq!(user_texts(&result.items), ["hi"]);
        assert!(result.usage.is_some());
        Ok(())
    });
}

#[test]
fn stream() {
    scenario([Reply::streaming(["Hel", "lo."])], |world| {
        let thread = call!(world.codex.thread_start())?;
        let mut turn = call!(thread.turn("hi"))?;
        let (mut text, mut last) = (String::new(), String::new());
        loop {
            let Some(event) = wait!(turn.next()) else {
                break;
            };
            let event = event?;
            if let ServerNotification::ItemAgentMessageDelta(delta) = event.notification() {
                text.push_str(&delta.delta);
            }
            event.method().clone_into(&mut last);
        }
        assert_eq!((&*text, &*last), ("Hello.", "turn/completed"));
        Ok(())
    });
}

/// A command that needs an approval: it runs if it gets one.
fn approval(accepts: bool) {
    let asked = Seen::default();
    let handler = deciding(accepts, &asked);
    let harness = harness_with(escalated("touch proof"));
    scenario_of(
        harness,
        |builder| builder.handler(handler),
        |world| {
            let start = world.codex.thread_start().sandbox(Sandbox::ReadOnly);
            let thread = call!(start.approval_mode(ApprovalMode::AskClient))?;
            let result = call!(thread.run("go"))?;
            assert_eq!(result.final_response.as_deref(), Some("done"));
            assert_eq!(world.harness.workspace().join("proof").exists(), accepts);
            Ok(())
        },
    );
    assert!(asked.all()[0].as_ref().unwrap().contains("touch proof"));
}

#[test]
fn approve() {
    approval(true);
}

#[test]
fn decline() {
    approval(false);
}

#[test]
fn plan() {
    // Newer runtimes offer the tool when it is turned on.
    let config = "[tools.update_plan]\nenabled = true";
    let harness = AppServerHarness::builder().config(config).start().unwrap();
    let plan = json!({ "plan": [{ "step": "Look", "status": "in_progress" }] });
    harness
        .responses()
        .enqueue_all(calling("update_plan", &plan));
    scenario_of(
        harness,
        |builder| builder,
        |world| {
            let thread = call!(world.codex.thread_start())?;
            let mut turn = call!(thread.turn("go"))?;
            let mut steps = Vec::new();
            loop {
                let Some(event) = wait!(turn.next()) else {
                    break;
                };
                if let ServerNotification::TurnPlanUpdated(update) = event?.notification() {
                    steps.extend(update.plan.clone());
                }
            }
            assert_eq!((steps.len(), &*steps[0].step), (1, "Look"));
            assert_eq!(steps[0].status, TurnPlanStepStatus::InProgress);
            Ok(())
        },
    );
}

#[test]
fn steer() {
    let gate = Gate::new();
    let held = Reply::streaming(["wait"]).gate(&gate);
    scenario([held, Reply::assistant("changed")], |world| {
        let thread = call!(world.codex.thread_start())?;
        let mut turn = call!(thread.turn("first"))?;
        gate.wait_reached(LIMIT).unwrap();
        call!(turn.steer("second"))?;
        gate.release();
        let result = wait!(turn.run())?;
        assert_eq!(user_texts(&result.items), ["first", "second"]);
        assert_eq!(result.final_response.as_deref(), Some("changed"));
        Ok(())
    });
}

#[test]
fn interrupt() {
    let gate = Gate::new();
    scenario([Reply::streaming(["wait"]).gate(&gate)], |world| {
        let thread = call!(world.codex.thread_start())?;
        let mut turn = call!(thread.turn("hi"))?;
        gate.wait_reached(LIMIT).unwrap();
        call!(turn.interrupt())?;
        assert_eq!(wait!(turn.run())?.status, TurnStatus::Interrupted);
        gate.release();
        Ok(())
    });
}

#[test]
fn list() {
    scenario([], |world| {
        let thread = ran(world)?;
        assert_eq!(listed(world, false)?, [thread.id().as_str()]);
        Ok(())
    });
}

#[test]
fn read() {
    scenario([], |world| {
        let thread = ran(world)?;
        let read = call!(thread.read().include_turns(true))?.thread;
        let items: Vec<ThreadItem> = read.turns.into_iter().flat_map(|it| it.items).collect();
        assert_eq!(user_texts(&items), ["hi"]);
        assert_eq!(agent_messages(&items), ["Hello."]);
        Ok(())
    });
}

#[test]
fn name() {
    scenario([], |world| {
        let thread = ran(world)?;
        call!(thread.set_name("a name"))?;
        let read = call!(thread.read())?.thread;
        assert_eq!(read.name.as_deref(), Some("a name"));
        Ok(())
    });
}

#[test]
fn turns() {
    scenario([], |world| {
        let thread = ran(world)?;
        let turns = call!(thread.turns())?.data;
        assert_eq!(turns.len(), 1);
        assert_eq!(turns[0].status, TurnStatus::Completed);
        Ok(())
    });
}

#[test]
fn resume() {
    scenario([], |world| {
        let thread = ran(world)?;
        world
            .harness
            .responses()
            .enqueue(Reply::assistant("Again."));
        let resumed = call!(world.codex.thread_resume(thread.id()))?;
        let result = call!(resumed.run("and now?"))?;
        assert_eq!(result.final_response.as_deref(), Some("Again."));
        let request = world.harness.responses().requests().pop().unwrap();
        assert!(request.message_texts("assistant").contains(&"Hello."));
        Ok(())
    });
}

#[test]
fn fork() {
    scenario([], |world| {
        let thread = ran(world)?;
        world
            .harness
            .responses()
            .enqueue(Reply::assistant("Apart."));
        let fork = call!(world.codex.thread_fork(thread.id()))?;
        assert_ne!(fork.id(), thread.id());
        let result = call!(fork.run("and now?"))?;
        assert_eq!(result.final_response.as_deref(), Some("Apart."));
        Ok(())
    });
}

#[test]
fn archive() {
    scenario([], |world| {
        let thread = ran(world)?;
        call!(world.codex.thread_archive(thread.id()))?;
        assert!(listed(world, false)?.is_empty());
        assert_eq!(listed(world, true)?, [thread.id().as_str()]);
        call!(world.codex.thread_unarchive(thread.id()))?;
        assert_eq!(listed(world, false)?.len(), 1);
        Ok(())
    });
}

#[test]
fn delete() {
    scenario([], |world| {
        let thread = ran(world)?;
        call!(world.codex.thread_delete(thread.id()))?;
        assert!(listed(world, false)?.is_empty());
        Ok(())
    });
}

#[test]
fn goal() {
    let complete = json!({ "status": "complete" });
    scenario(calling("update_goal", &complete), |world| {
        let thread = call!(world.codex.thread_start())?;
        let mut goal = call!(thread.goal("Get there."))?;
        let result = wait!(goal.run())?;
        assert!(result.is_complete());
        assert_eq!(result.turn.final_response.as_deref(), Some("done"));
        Ok(())
    });
}

#[test]
fn compact() {
    scenario([], |world| {
        let thread = ran(world)?;
        world
            .harness
            .responses()
            .enqueue(Reply::assistant("Summary."));
        let mut compaction = call!(thread.compact())?;
        assert_eq!(wait!(compaction.wait())?.status, TurnStatus::Completed);
        Ok(())
    });
}

#[test]
fn review() {
    scenario([Reply::assistant("Looks good.")], |world| {
        let thread = call!(world.codex.thread_start())?;
        let target = ReviewTarget::from(CustomReviewTarget::new("look"));
        let result = wait!(call!(thread.review(target))?.run())?;
        assert_eq!(result.status, TurnStatus::Completed);
        let ended = |item: &ThreadItem| matches!(item, ThreadItem::ExitedReviewMode(_));
        assert!(result.items.iter().any(ended));
        Ok(())
    });
}

#[test]
fn models() {
    scenario([], |world| {
        let models = call!(world.codex.models())?.data;
        assert!(models.iter().any(|model| model.is_default));
        Ok(())
    });
}

#[test]
fn account() {
    scenario([], |world| {
        let account = call!(world.codex.account())?;
        assert!(account.account.is_none() && !account.requires_openai_auth);
        Ok(())
    });
}

#[test]
fn structured_output() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Verdict {
        passes: bool,
    }
    scenario([Reply::assistant(r#"{"passes":true}"#)], |world| {
        let thread = call!(world.codex.thread_start())?;
        assert!(call!(thread.run_as::<Verdict>("Do they?"))?.passes);
        let request = world.harness.responses().single_request();
        let schema = &request.body_json()["text"]["format"]["schema"];
        assert_eq!(schema["properties"]["passes"]["type"], "boolean");
        Ok(())
    });
}

#[test]
fn failed_turn() {
    scenario([Reply::streaming(["cut o"]).cut()], |world| {
        let thread = call!(world.codex.thread_start())?;
        let error = call!(thread.run("hi")).unwrap_err();
        let Error::TurnFailed(failed) = &error else {
            return Err(error);
        };
        assert_eq!(failed.result.status, TurnStatus::Failed);
        assert!(error.to_string().contains("stream disconnected"), "{error}");
        Ok(())
    });
}

#[test]
fn config() {
    scenario([], |world| {
        let read = wait!(world.codex.client().config_read(ConfigReadParams::new()))?;
        assert_eq!(read.config.model.as_deref(), Some("mock-model"));
        let layers = ConfigReadParams::new().include_layers(true);
        let read = wait!(world.codex.client().config_read(layers))?;
        assert!(!read.layers.unwrap().is_empty());
        Ok(())
    });
}

#[test]
fn skills() {
    scenario([], |world| {
        let folder = world.harness.workspace().join(".agents/skills/greet");
        std::fs::create_dir_all(&folder).unwrap();
        let text = "---\nname: greet\ndescription: how to greet\n---\nGreet.\n";
        std::fs::write(folder.join("SKILL.md"), text).unwrap();
        let client = world.codex.client();
        let listed = wait!(client.skills_list(SkillsListParams::new().force_reload(true)))?;
        let mut skills = listed.data.iter().flat_map(|folder| &folder.skills);
        assert!(skills.any(|skill| skill.name == "greet"));
        Ok(())
    });
}

#[test]
fn command_exec() {
    scenario([], |world| {
        let command = ["sh", "-c", "echo out"].map(str::to_owned);
        let params = CommandExecParams::new(command);
        // Not every machine allows the namespaces of a sandbox.
        let params = params.sandbox_policy(DangerFullAccessSandboxPolicy::new());
        let done = wait!(world.codex.client().command_exec(params))?;
        assert_eq!((done.exit_code, &*done.stdout), (0, "out\n"));
        Ok(())
    });
}

#[test]
fn exec_runner() {
    let harness = harness_with([Reply::assistant("Hello.")]);
    assert_eq!(executed(&harness, "hi").as_deref(), Some("Hello."));
}
