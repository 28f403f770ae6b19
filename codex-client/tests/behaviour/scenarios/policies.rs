//! Approvals in one form: calls of MCP tools, a handler for all kinds, and policies that decide first.

use codex_client::types::{ThreadItem, TurnStatus};
use codex_client::{
    ApprovalRequest, ApprovalSubject, Approve, Decision, Sandbox, TurnEvent, TurnResult,
};
use codex_testing::AppServerHarness;
use serde_json::json;

use super::{Thread, TurnHandle, World, deciding, deciding_all};
use crate::occasions;
use crate::support::{PATCHING_MODEL, Seen, adding, escalated, harness_with, patching, told};

/// Reads a turn to its end, with one decision about each of its approvals.
fn read(turn: &mut TurnHandle, decision: Decision) -> (TurnResult, Vec<ApprovalRequest>) {
    let mut asked = Vec::new();
    for event in std::iter::from_fn(|| wait!(turn.next())) {
        if let TurnEvent::Approval(approval) = event.unwrap() {
            asked.push(approval.to_request());
            approval.decide(decision).unwrap();
        }
    }
    (wait!(turn.run()).unwrap(), asked)
}

fn start(world: &World) -> Thread {
    call!(world.codex.thread_start().sandbox(Sandbox::ReadOnly)).unwrap()
}

fn ran(world: &World, file: &str) -> bool {
    world.harness.workspace().join(file).exists()
}

/// Asserts that a request is about the call of a tool of [`occasions::writing_notes`].
fn assert_is_call(request: &ApprovalRequest) {
    let ApprovalSubject::McpTool(subject) = request.subject() else {
        panic!("{:?}", request.subject())
    };
    assert_eq!((subject.server, subject.tool), ("notes", "write"));
    assert_eq!(subject.title, Some("Write a note"));
    assert_eq!(subject.description, Some("Writes a note"));
    assert_eq!(subject.arguments, Some(&json!({ "text": "one" })));
    assert!(subject.for_session && subject.always);
    assert!(subject.message.contains("notes"), "{}", subject.message);
    let Some(ThreadItem::McpToolCall(call)) = request.item() else {
        panic!("{:?}", request.item())
    };
    assert_eq!(Some(call.id.as_str()), request.item_id());
    assert!(request.turn_id().is_some());
}

/// The final input of the model.
fn last_told(world: &World) -> String {
    told(world.harness.responses().requests().last().unwrap())
}

#[test]
fn calls_of_mcp_tools_are_decided_in_the_stream() {
    for (decision, outcome, asked_again) in [
        (Decision::Accept, "written", true),
        (Decision::AcceptForSession, "written", false),
        (Decision::AcceptAlways, "written", false),
        (Decision::Decline, "user rejected MCP tool call", true),
        (Decision::Cancel, "user cancelled MCP tool call", true),
    ] {
        let world = World::start(occasions::writing_notes().start(), |builder| builder);
        let thread = start(&world);
        let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
        let (result, asked) = read(&mut turn, decision);
        assert_eq!(result.status, TurnStatus::Completed, "{decision}");
        let [asked] = &asked[..] else {
            panic!("asked once: {asked:?}")
        };
        assert_is_call(asked);
        let told = last_told(&world);
        assert!(told.contains(outcome), "{decision}: {told}");
        let mut turn = call!(thread.turn("again").approvals_in_stream()).unwrap();
        let (_, asked) = read(&mut turn, Decision::Decline);
        assert_eq!(!asked.is_empty(), asked_again, "{decision}");
        let config = world.harness.codex_home().join("config.toml");
        let config = std::fs::read_to_string(config).unwrap();
        let is_stored = config.contains("approval_mode = \"approve\"");
        assert_eq!(is_stored, decision == Decision::AcceptAlways, "{config}");
    }
}

#[test]
fn calls_of_mcp_tools_are_decided_by_a_handler() {
    for (decision, outcome) in [
        (Decision::Accept, "written"),
        (Decision::Decline, "user rejected MCP tool call"),
    ] {
        let asked = Seen::default();
        let world = World::start(occasions::writing_notes().start(), |builder| {
            builder.handler(deciding_all(decision, &asked))
        });
        let thread = start(&world);
        call!(thread.run("go")).unwrap();
        let [asked] = &asked.all()[..] else {
            panic!("asked once")
        };
        assert_is_call(asked);
        let told = last_told(&world);
        assert!(told.contains(outcome), "{decision}: {told}");
    }
}

#[test]
fn a_question_of_a_tool_server_is_no_approval() {
    let asked = Seen::default();
    let world = World::start(occasions::elicitation().start(), |builder| {
        builder
            .handler(deciding_all(Decision::Accept, &asked))
            .approvals(Approve::when(|_| true).else_ask())
    });
    let thread = start(&world);
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let (_, in_stream) = read(&mut turn, Decision::Accept);
    assert!(asked.all().is_empty() && in_stream.is_empty());
    assert!(!last_told(&world).contains("the answer is red"));
}

#[test]
fn one_handler_decides_about_every_kind() {
    let harness = AppServerHarness::builder().model(PATCHING_MODEL);
    let harness = harness.start().unwrap();
    let replies = [
        escalated("touch proof"),
        patching(&adding("new.txt", "one")),
    ];
    harness
        .responses()
        .enqueue_all(replies.into_iter().flatten());
    let asked = Seen::default();
    let world = World::start(harness, |builder| {
        builder.handler(deciding_all(Decision::Accept, &asked))
    });
    let thread = start(&world);
    call!(thread.run("a command")).unwrap();
    call!(thread.run("a change")).unwrap();
    let [command, change] = &asked.all()[..] else {
        panic!("asked twice")
    };
    assert!(matches!(command.subject(), ApprovalSubject::Command(_)));
    let ApprovalSubject::FileChange(subject) = change.subject() else {
        panic!("{:?}", change.subject())
    };
    assert!(subject.changes.unwrap()[0].path.ends_with("new.txt"));
    assert!(ran(&world, "proof") && ran(&world, "new.txt"));

    let asked = Seen::default();
    let world = World::start(occasions::permissions().start(), |builder| {
        builder.handler(deciding_all(Decision::Accept, &asked))
    });
    let thread = start(&world);
    call!(thread.run("permissions")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&last_told(&world)).unwrap();
    assert_eq!(told["permissions"]["network"]["enabled"], true);
    assert_eq!(asked.all().len(), 1);
}

/// A harness whose model runs these commands outside of the sandbox, one in each turn.
fn running(commands: &[&str]) -> AppServerHarness {
    harness_with(commands.iter().flat_map(|command| escalated(command)))
}

fn touching_one() -> Approve {
    Approve::command(["touch", "one"])
}

#[test]
fn a_policy_decides_first_and_the_handler_about_the_rest() {
    let commands = ["touch one", "touch two", "touch one; touch three"];
    for accepts in [true, false] {
        let asked = Seen::default();
        let world = World::start(running(&commands), |builder| {
            builder
                .approvals(touching_one().else_ask())
                .handler(deciding(accepts, &asked))
        });
        let thread = start(&world);
        for _ in commands {
            call!(thread.run("go")).unwrap();
        }
        assert_eq!(asked.all().len(), 2);
        assert!(ran(&world, "one"));
        assert_eq!(ran(&world, "two"), accepts);
        assert_eq!(ran(&world, "three"), accepts);
    }
}

#[test]
fn a_policy_decides_first_and_the_stream_about_the_rest() {
    let commands = ["touch one", "touch two", "touch one && touch three"];
    let world = World::start(running(&commands), |builder| {
        builder.approvals(touching_one().else_ask())
    });
    let thread = start(&world);
    let mut asked = Vec::new();
    for decision in [Decision::Decline, Decision::Accept, Decision::Decline] {
        let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
        asked.push(read(&mut turn, decision).1.len());
    }
    assert_eq!(asked, [0, 1, 1]);
    assert!(ran(&world, "one") && ran(&world, "two") && !ran(&world, "three"));
}

#[test]
fn what_a_policy_leaves_is_declined_without_a_handler() {
    let commands = ["touch one", "touch two", "touch one | tee three"];
    let world = World::start(running(&commands), |builder| {
        builder.approvals(touching_one().else_ask())
    });
    let thread = start(&world);
    for _ in commands {
        let result = call!(thread.run("go")).unwrap();
        assert_eq!(result.status, TurnStatus::Completed);
    }
    assert!(ran(&world, "one") && !ran(&world, "two") && !ran(&world, "three"));
}

#[test]
fn a_policy_that_declines_the_rest_asks_no_one() {
    let commands = ["touch one", "touch two", "touch one-more"];
    let asked = Seen::default();
    let world = World::start(running(&commands), |builder| {
        builder
            .handler(deciding(true, &asked))
            .approvals(touching_one().else_decline())
    });
    let thread = start(&world);
    call!(thread.run("go")).unwrap();
    for _ in 0..2 {
        let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
        let (_, in_stream) = read(&mut turn, Decision::Accept);
        assert!(in_stream.is_empty());
    }
    assert!(asked.all().is_empty());
    assert!(ran(&world, "one") && !ran(&world, "two") && !ran(&world, "one-more"));
}

#[test]
fn a_policy_covers_changes_of_files_by_their_folder() {
    let harness = AppServerHarness::builder().model(PATCHING_MODEL);
    let harness = harness.start().unwrap();
    let docs = harness.workspace().join("docs");
    std::fs::create_dir(&docs).unwrap();
    let replies = [adding("docs/new.txt", "one"), adding("new.txt", "one")];
    let replies = replies.iter().flat_map(|patch| patching(patch));
    harness.responses().enqueue_all(replies);
    let world = World::start(harness, |builder| {
        builder.approvals(Approve::path_in(docs).else_ask())
    });
    let thread = start(&world);
    for _ in 0..2 {
        call!(thread.run("go")).unwrap();
    }
    assert!(ran(&world, "docs/new.txt") && !ran(&world, "new.txt"));
}

#[test]
fn a_policy_covers_tools_of_a_server() {
    for (rule, outcome) in [
        (Approve::tool("notes", "write"), "written"),
        (Approve::tool("notes", "read"), "user rejected"),
        (Approve::tool("other", "write"), "user rejected"),
    ] {
        let world = World::start(occasions::writing_notes().start(), |builder| {
            builder.approvals(rule.else_decline())
        });
        let thread = start(&world);
        call!(thread.run("go")).unwrap();
        let told = last_told(&world);
        assert!(told.contains(outcome), "{told}");
    }
}

#[test]
fn the_policy_of_a_turn_decides_about_that_turn_alone() {
    let commands = ["touch one", "touch two", "touch one"];
    let asked = Seen::default();
    let world = World::start(running(&commands), |builder| {
        builder.handler(deciding(false, &asked))
    });
    let thread = start(&world);
    let policy = touching_one().else_ask();
    call!(thread.run("go").approvals(policy.clone())).unwrap();
    assert!(ran(&world, "one") && asked.all().is_empty());
    std::fs::remove_file(world.harness.workspace().join("one")).unwrap();
    call!(thread.run("go").approvals(policy)).unwrap();
    call!(thread.run("go")).unwrap();
    assert_eq!(asked.all().len(), 2);
    assert!(!ran(&world, "one") && !ran(&world, "two"));
}

#[test]
fn the_policy_of_a_turn_precedes_its_stream() {
    let commands = ["touch one", "touch two"];
    let world = World::start(running(&commands), |builder| builder);
    let thread = start(&world);
    let mut asked = Vec::new();
    for _ in commands {
        let turn = thread.turn("go").approvals(touching_one().else_ask());
        let mut turn = call!(turn.approvals_in_stream()).unwrap();
        asked.push(read(&mut turn, Decision::Accept).1.len());
    }
    assert_eq!(asked, [0, 1]);
    assert!(ran(&world, "one") && ran(&world, "two"));
}

#[test]
fn a_turn_cannot_accept_what_the_connection_declines_by_a_rule() {
    let commands = ["touch one", "touch two", "touch three"];
    let world = World::start(running(&commands), |builder| {
        let policy = Approve::command(["touch", "three"]).else_decline();
        builder.approvals(policy.decline(touching_one()))
    });
    let thread = start(&world);
    let anything = Approve::when(|_| true).else_ask();
    for _ in 0..2 {
        call!(thread.run("go").approvals(anything.clone())).unwrap();
    }
    // What the policy of the turn leaves is decided by that of the connection.
    call!(thread.run("go").approvals(touching_one().else_ask())).unwrap();
    assert!(!ran(&world, "one") && ran(&world, "two") && ran(&world, "three"));
}
