//! Approvals where the turn is read: the item they are about, the effect of each decision, and who
//! answers when the stream does not.

use codex_client::types::{
    CommandExecutionStatus, PatchApplyStatus, ServerNotification, ThreadItem, TurnStatus, methods,
};
use codex_client::types::{GrantedPermissionProfile, PermissionsRequestApprovalResponse};
use codex_client::{
    Approval, ApprovalMode, ApprovalRequest, ApprovalSubject, Decision, Error, Sandbox, TurnEvent,
    TurnResult,
};
use codex_testing::{AppServerHarness, Reply, events};
use serde_json::{Value, json};

use super::{Thread, TurnHandle, World, deciding};
use crate::occasions;
use crate::support::{
    PATCHING_MODEL, Seen, adding, command, escalated, file_change, harness_with, patching, told,
};

/// Reads a turn to its end, and decides about each of its approvals.
fn read(turn: &mut TurnHandle, mut decide: impl FnMut(Approval)) -> TurnResult {
    for event in std::iter::from_fn(|| wait!(turn.next())) {
        if let TurnEvent::Approval(approval) = event.unwrap() {
            decide(approval);
        }
    }
    wait!(turn.run()).unwrap()
}

/// The next approval of a turn.
fn next_approval(turn: &mut TurnHandle) -> Approval {
    loop {
        let event = wait!(turn.next()).expect("an approval").unwrap();
        if let TurnEvent::Approval(approval) = event {
            return approval;
        }
    }
}

fn read_only(world: &World) -> Thread {
    call!(world.codex.thread_start().sandbox(Sandbox::ReadOnly)).unwrap()
}

fn ran(world: &World, file: &str) -> bool {
    world.harness.workspace().join(file).exists()
}

fn commands(replies: impl IntoIterator<Item = Reply>) -> (World, Thread) {
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = read_only(&world);
    (world, thread)
}

/// Without a handler.
fn changes(replies: impl IntoIterator<Item = Reply>) -> (World, Thread) {
    let harness = AppServerHarness::builder().model(PATCHING_MODEL);
    let harness = harness.start().unwrap();
    harness.responses().enqueue_all(replies);
    let world = World::start(harness, |builder| builder);
    let thread = read_only(&world);
    (world, thread)
}

#[test]
fn a_command_comes_with_its_item_after_the_start_of_the_item() {
    let (world, thread) = commands(escalated("touch proof"));
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let mut seen: Vec<String> = Vec::new();
    while let Some(event) = wait!(turn.next()) {
        let event = event.unwrap();
        seen.push(event.method().to_owned());
        let Some(approval) = event.approval() else {
            continue;
        };
        assert_eq!(seen[seen.len() - 2..], ["item/started", event.method()]);
        let raw: Value = serde_json::from_str(event.raw()).unwrap();
        assert_eq!(raw["method"], "item/commandExecution/requestApproval");
        assert!(matches!(
            event.notification(),
            ServerNotification::Unrecognized(_)
        ));
        let ApprovalSubject::Command(subject) = approval.subject() else {
            panic!("{:?}", approval.subject())
        };
        let argv = subject.argv().unwrap();
        assert_eq!(argv.last().map(String::as_str), Some("touch proof"));
        assert_eq!(approval.reason(), Some("it has to be"));
        assert_eq!(approval.cwd(), world.harness.workspace().to_str());
        assert_eq!(approval.thread_id(), Some(thread.id().as_str()));
        assert_eq!(approval.turn_id(), Some(turn.id().as_str()));
        let Some(ThreadItem::CommandExecution(item)) = approval.item() else {
            panic!("{:?}", approval.item())
        };
        assert_eq!(Some(item.id.as_str()), approval.item_id());
        assert_eq!(item.command, subject.line);
        assert!(approval.is_pending());
        approval.accept().unwrap();
        assert!(!approval.is_pending());
        assert!(matches!(
            approval.decline(),
            Err(Error::ApprovalResolved { .. })
        ));
    }
    let result = wait!(turn.run()).unwrap();
    assert_eq!(command(&result.items).exit_code, Some(0));
    assert!(ran(&world, "proof"));
}

#[test]
fn every_decision_about_a_command_has_its_effect() {
    use CommandExecutionStatus::{Completed, Declined};
    for (decision, status, of_turn) in [
        (Decision::Accept, Completed, TurnStatus::Completed),
        (Decision::AcceptForSession, Completed, TurnStatus::Completed),
        (Decision::AcceptAlways, Completed, TurnStatus::Completed),
        (Decision::Decline, Declined, TurnStatus::Completed),
        (Decision::Cancel, Declined, TurnStatus::Interrupted),
    ] {
        let replies = [escalated("touch proof"), escalated("touch proof")];
        let (world, thread) = commands(replies.into_iter().flatten());
        let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
        let result = read(&mut turn, |approval| approval.decide(decision).unwrap());
        assert_eq!(command(&result.items).status, status, "{decision}");
        assert_eq!(result.status, of_turn, "{decision}");
        assert_eq!(ran(&world, "proof"), decision.is_accepting(), "{decision}");
        if !decision.is_accepting() {
            continue;
        }
        // The same again.
        let mut turn = call!(thread.turn("again").approvals_in_stream()).unwrap();
        let mut asked = 0;
        read(&mut turn, |approval| {
            asked += 1;
            approval.decline().unwrap();
        });
        let expected = usize::from(decision == Decision::Accept);
        assert_eq!(asked, expected, "{decision}");
        let rules = world.harness.codex_home().join("rules/default.rules");
        let always = decision == Decision::AcceptAlways;
        assert_eq!(rules.exists(), always, "{decision}");
    }
}

#[test]
fn a_change_of_files_comes_with_its_diff() {
    use PatchApplyStatus::{Completed, Declined};
    for (decision, status, of_turn) in [
        (Decision::Accept, Completed, TurnStatus::Completed),
        (Decision::AcceptForSession, Completed, TurnStatus::Completed),
        (Decision::AcceptAlways, Completed, TurnStatus::Completed),
        (Decision::Decline, Declined, TurnStatus::Completed),
        (Decision::Cancel, Declined, TurnStatus::Interrupted),
    ] {
        let (world, thread) = changes(patching(&adding("new.txt", "one")));
        let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
        let mut asked = 0;
        let result = read(&mut turn, |approval| {
            let ApprovalSubject::FileChange(subject) = approval.subject() else {
                panic!("{:?}", approval.subject())
            };
            let changes = subject.changes.expect("the changes are known");
            assert_eq!(changes.len(), 1);
            assert!(changes[0].path.ends_with("new.txt"));
            assert!(changes[0].diff.contains("one"), "{}", changes[0].diff);
            assert!(matches!(approval.item(), Some(ThreadItem::FileChange(_))));
            approval.decide(decision).unwrap();
            asked += 1;
        });
        assert_eq!(asked, 1);
        assert_eq!(result.status, of_turn, "{decision}");
        if decision != Decision::Cancel {
            assert_eq!(file_change(&result.items).status, status, "{decision}");
        }
        assert_eq!(ran(&world, "new.txt"), decision.is_accepting());
    }
}

/// The permission that the model was told of, for a decision.
fn granted(decide: impl FnMut(Approval)) -> Value {
    let world = World::start(occasions::permissions().start(), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    read(&mut turn, decide);
    let told = told(world.harness.responses().requests().last().unwrap());
    serde_json::from_str(&told).unwrap()
}

#[test]
fn permissions_are_granted_as_requested_or_not_at_all() {
    for decision in [
        Decision::Accept,
        Decision::AcceptForSession,
        Decision::AcceptAlways,
        Decision::Decline,
        Decision::Cancel,
    ] {
        let told = granted(|approval| {
            let ApprovalSubject::Permissions(requested) = approval.subject() else {
                panic!("{:?}", approval.subject())
            };
            assert!(requested.network.is_some());
            assert_eq!(approval.reason(), Some("to fetch something"));
            approval.decide(decision).unwrap();
        });
        let network = &told["permissions"]["network"]["enabled"];
        assert_eq!(network == true, decision.is_accepting(), "{told}");
        let expected = match decision {
            Decision::AcceptForSession | Decision::AcceptAlways => "session",
            _ => "turn",
        };
        assert_eq!(told["scope"], expected, "{decision}");
    }
    let told = granted(|approval| {
        let wrong = "item/fileChange/requestApproval";
        let decline = codex_client::types::FileChangeRequestApprovalResponse::new(
            codex_client::types::FileChangeApprovalDecision::Decline,
        );
        let error = approval.respond::<methods::ItemFileChangeRequestApproval>(&decline);
        assert!(error.unwrap_err().to_string().contains(wrong));
        let nothing = PermissionsRequestApprovalResponse::new(GrantedPermissionProfile::new());
        approval
            .respond::<methods::ItemPermissionsRequestApproval>(&nothing)
            .unwrap();
    });
    assert_eq!(told["permissions"]["network"], Value::Null);
}

#[test]
fn a_dropped_approval_is_declined() {
    let (world, thread) = commands(escalated("touch proof"));
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let mut kept = Vec::new();
    let result = read(&mut turn, |approval| {
        kept.push(approval.to_request());
        let clone = approval.clone();
        drop(approval);
        assert!(clone.is_pending(), "its clone is the same approval");
    });
    assert_eq!(kept.len(), 1);
    assert_eq!(
        command(&result.items).status,
        CommandExecutionStatus::Declined
    );
    assert_eq!(result.status, TurnStatus::Completed);
    assert!(!ran(&world, "proof"));
}

#[test]
fn an_interrupted_turn_needs_no_decision() {
    let (world, thread) = commands(escalated("touch proof"));
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let approval = next_approval(&mut turn);
    call!(turn.interrupt()).unwrap();
    let result = wait!(turn.run()).unwrap();
    assert_eq!(result.status, TurnStatus::Interrupted);
    // It is resolved by a message after the end of the turn: the answer to another request is later.
    call!(thread.read()).unwrap();
    assert!(!approval.is_pending());
    let error = approval.accept().unwrap_err();
    assert!(matches!(error, Error::ApprovalResolved { .. }), "{error}");
    assert!(!ran(&world, "proof"));
}

/// How a turn with approvals in its stream is left.
type Leave = fn(TurnHandle) -> TurnResult;

fn without_reading(turn: TurnHandle) -> TurnResult {
    let control = turn.control();
    let mut other = control.stream().unwrap();
    drop(turn);
    wait!(other.run()).unwrap()
}

fn with_an_unread_approval(turn: TurnHandle) -> TurnResult {
    let control = turn.control();
    let mut other = control.stream().unwrap();
    // The other stream sees the item, after which the request comes.
    loop {
        let event = wait!(other.next()).unwrap().unwrap();
        let ServerNotification::ItemStarted(started) = event.notification() else {
            continue;
        };
        if matches!(started.item, ThreadItem::CommandExecution(_)) {
            break;
        }
    }
    drop(turn);
    wait!(other.run()).unwrap()
}

fn by_running(mut turn: TurnHandle) -> TurnResult {
    wait!(turn.run()).unwrap()
}

fn by_reading_text(mut turn: TurnHandle) -> TurnResult {
    let mut texts = turn.text_deltas();
    for text in std::iter::from_fn(|| wait!(texts.next())) {
        text.unwrap();
    }
    wait!(turn.run()).unwrap()
}

fn by_leaving_each(mut turn: TurnHandle) -> TurnResult {
    read(&mut turn, Approval::leave_to_handler)
}

/// All ways to start a turn with approvals in its stream, and not to decide in it.
const LEAVE: [(&str, Leave); 5] = [
    ("dropped without reading", without_reading),
    ("dropped with an unread approval", with_an_unread_approval),
    ("only run", by_running),
    ("only the text is read", by_reading_text),
    ("left one by one", by_leaving_each),
];

#[test]
fn approvals_that_are_not_read_are_left_to_the_handler() {
    for (how, leave) in LEAVE {
        for accepts in [true, false] {
            let asked = Seen::default();
            let harness = harness_with(escalated("touch proof"));
            let world = World::start(harness, |builder| {
                builder.handler(deciding(accepts, &asked))
            });
            let thread = read_only(&world);
            let turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
            let result = leave(turn);
            assert_eq!(result.status, TurnStatus::Completed, "{how}");
            assert_eq!(asked.all().len(), 1, "{how}");
            assert_eq!(ran(&world, "proof"), accepts, "{how}");
        }
    }
}

#[test]
fn approvals_that_are_not_read_are_declined_without_a_handler() {
    for (how, leave) in LEAVE {
        let (world, thread) = commands(escalated("touch proof"));
        let turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
        let result = leave(turn);
        assert_eq!(result.status, TurnStatus::Completed, "{how}");
        assert!(!ran(&world, "proof"), "{how}");
    }
}

#[test]
fn a_handler_has_the_item_of_a_change() {
    let harness = AppServerHarness::builder().model(PATCHING_MODEL);
    let harness = harness.start().unwrap();
    let replies = harness.responses();
    replies.enqueue_all(patching(&adding("new.txt", "one")));
    let seen = Seen::default();
    let world = World::start(harness, |builder| {
        builder.handler(super::seeing_changes(&seen))
    });
    let thread = read_only(&world);
    let result = call!(thread.run("go")).unwrap();
    let [Some(ThreadItem::FileChange(change))] = &seen.all()[..] else {
        panic!("{:?}", seen.all())
    };
    assert_eq!(change.changes, file_change(&result.items).changes);
    assert!(ran(&world, "new.txt"));
}

/// One cell of the table of approval modes.
struct Cell {
    /// The mode of the thread; unset where `None`.
    thread: Option<ApprovalMode>,
    /// The mode of the turn; unset where `None`.
    turn: Option<ApprovalMode>,
    /// True if the connection has a handler, which accepts.
    handler: bool,
    configured: &'static str,
    /// The stream is asked; it accepts.
    is_asked: bool,
    /// The command runs in a later turn without approvals in its stream.
    runs_later: bool,
}

const NEVER: &str = r#"approval_policy = "never""#;
const ON_REQUEST: &str = r#"approval_policy = "on-request""#;

#[rustfmt::skip]
const TABLE: &[Cell] = &[
    // Who asks for the approvals in the stream is asked, with any mode of the thread...
    Cell { thread: None, turn: None, handler: false, configured: "", is_asked: true, runs_later: false },
    Cell { thread: None, turn: None, handler: true, configured: "", is_asked: true, runs_later: true },
    Cell { thread: None, turn: None, handler: false, configured: NEVER, is_asked: true, runs_later: false },
    Cell { thread: Some(ApprovalMode::AutoReview), turn: None, handler: false, configured: "", is_asked: true, runs_later: false },
    Cell { thread: Some(ApprovalMode::AskClient), turn: None, handler: false, configured: ON_REQUEST, is_asked: true, runs_later: false },
    Cell { thread: Some(ApprovalMode::DenyAll), turn: None, handler: false, configured: "", is_asked: true, runs_later: false },
    Cell { thread: Some(ApprovalMode::DenyAll), turn: None, handler: true, configured: "", is_asked: true, runs_later: true },
    Cell { thread: Some(ApprovalMode::Inherit), turn: None, handler: false, configured: NEVER, is_asked: true, runs_later: false },
    Cell { thread: Some(ApprovalMode::Inherit), turn: None, handler: false, configured: ON_REQUEST, is_asked: true, runs_later: false },
    // ...unless the turn has a mode of its own.
    Cell { thread: None, turn: Some(ApprovalMode::DenyAll), handler: true, configured: "", is_asked: false, runs_later: false },
    Cell { thread: None, turn: Some(ApprovalMode::AskClient), handler: false, configured: NEVER, is_asked: true, runs_later: false },
];

#[test]
fn who_asks_for_approvals_in_the_stream_is_asked() {
    for cell in TABLE {
        let shown = format!(
            "{:?}, turn {:?}, handler {}, configured {:?}",
            cell.thread, cell.turn, cell.handler, cell.configured
        );
        let harness = AppServerHarness::builder().config(cell.configured);
        let harness = harness.start().unwrap();
        let replies = [escalated("touch proof"), escalated("touch later")];
        harness
            .responses()
            .enqueue_all(replies.into_iter().flatten());
        let by_handler = Seen::default();
        let world = World::start(harness, |builder| {
            if cell.handler {
                builder.handler(deciding(true, &by_handler))
            } else {
                builder
            }
        });
        let mut thread = world.codex.thread_start().sandbox(Sandbox::ReadOnly);
        if let Some(mode) = cell.thread {
            thread = thread.approval_mode(mode);
        }
        let thread = call!(thread).unwrap();
        let mut turn = thread.turn("go").approvals_in_stream();
        if let Some(mode) = cell.turn {
            turn = turn.approval_mode(mode);
        }
        let mut turn = call!(turn).unwrap();
        let mut asked: Vec<ApprovalRequest> = Vec::new();
        read(&mut turn, |approval| {
            asked.push(approval.to_request());
            approval.accept().unwrap();
        });
        assert_eq!(asked.len(), usize::from(cell.is_asked), "asked: {shown}");
        assert_eq!(ran(&world, "proof"), cell.is_asked, "runs: {shown}");
        assert!(by_handler.all().is_empty(), "the stream answers: {shown}");
        call!(thread.run("later")).unwrap();
        assert_eq!(ran(&world, "later"), cell.runs_later, "later: {shown}");
        assert_eq!(
            !by_handler.all().is_empty(),
            cell.runs_later,
            "later: {shown}"
        );
    }
}

#[test]
fn without_approvals_in_the_stream_nothing_changes() {
    // The reviewer of the runtime is asked for a thread without a mode, not the client.
    let world = World::start(AppServerHarness::start().unwrap(), |builder| builder);
    let [call, done] = escalated("touch proof");
    world.harness.responses().respond_with(move |request| {
        let format = &request.body_json()["text"]["format"];
        let is_review = format["schema"]["properties"].get("outcome").is_some();
        Some(match request.tool_output("call") {
            _ if is_review => Reply::assistant(json!({ "outcome": "deny" }).to_string()),
            Some(_) => done.clone(),
            None => call.clone(),
        })
    });
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut turn = call!(thread.turn("go")).unwrap();
    let result = read(&mut turn, |approval| panic!("{approval:?}"));
    assert_eq!(result.status, TurnStatus::Completed);
    assert!(!ran(&world, "proof"));
}

#[test]
fn approvals_of_a_sub_agent_come_in_the_stream_of_its_caller() {
    let world = World::start(AppServerHarness::start().unwrap(), |builder| builder);
    let [call, done] = escalated("touch proof");
    let agent = |id: &str, tool: &str, arguments: Value| {
        let namespace = "multi_agent_v1";
        let call = events::namespaced_function_call(id, namespace, tool, &arguments);
        Reply::new().event(call)
    };
    world.harness.responses().respond_with(move |request| {
        let is_parent = request.body_json().to_string().contains("the parent");
        let spawned = request.tool_output("spawn").and_then(Value::as_str);
        Some(match (is_parent, spawned) {
            (true, _) if request.tool_output("wait").is_some() => Reply::assistant("both done"),
            (true, Some(spawned)) => {
                let spawned: Value = serde_json::from_str(spawned).unwrap();
                agent(
                    "wait",
                    "wait_agent",
                    json!({ "targets": [spawned["agent_id"]] }),
                )
            }
            (true, None) => agent("spawn", "spawn_agent", json!({ "message": "the child" })),
            (false, _) if request.tool_output("call").is_some() => done.clone(),
            (false, _) => call.clone(),
        })
    });
    let thread = read_only(&world);
    let mut turn = call!(thread.turn("the parent").approvals_in_stream()).unwrap();
    let mut threads = Vec::new();
    let result = read(&mut turn, |approval| {
        threads.push(approval.thread_id().unwrap().to_owned());
        assert!(matches!(
            approval.item(),
            Some(ThreadItem::CommandExecution(_))
        ));
        approval.accept().unwrap();
    });
    assert_eq!(threads.len(), 1);
    assert_ne!(threads[0], thread.id().as_str());
    assert_eq!(result.final_response.as_deref(), Some("both done"));
    assert!(ran(&world, "proof"));
}
