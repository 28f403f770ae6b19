//! Rules on requests of each kind, and the ways around them.

use codex_types::rpc;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use super::{ApprovalPolicy, Approve};
use crate::shared::approval::{ApprovalRequest, Decision};

fn request(method: &str, mut params: Value) -> ApprovalRequest {
    let ids = json!({"threadId": "t", "turnId": "x", "itemId": "i", "startedAtMs": 1});
    for (name, id) in ids.as_object().unwrap() {
        params[name] = id.clone();
    }
    let message = json!({"method": method, "params": params});
    let request = rpc::decode(&to_raw_value(&message).unwrap()).unwrap();
    ApprovalRequest::new(request).expect("an approval")
}

fn command(line: &str) -> ApprovalRequest {
    request(
        "item/commandExecution/requestApproval",
        json!({"command": line, "cwd": "/work", "kind": "command"}),
    )
}

fn host(host: &str) -> ApprovalRequest {
    let target = json!({"host": host, "protocol": "https"});
    request(
        "item/commandExecution/requestApproval",
        json!({"command": "curl x", "networkApprovalContext": target}),
    )
}

/// Changes of files of the legacy form, which has them in the request.
fn changes(changes: &Value) -> ApprovalRequest {
    let params = json!({"conversationId": "t", "callId": "i", "fileChanges": changes});
    request("applyPatchApproval", params)
}

fn adding(path: &str) -> ApprovalRequest {
    changes(&json!({path: {"type": "add", "content": "x"}}))
}

fn decided(policy: &ApprovalPolicy, request: &ApprovalRequest) -> Option<Decision> {
    policy.decide(request).map(|it| it.decision)
}

fn accepts(rule: &Approve, request: &ApprovalRequest) -> bool {
    decided(&rule.clone().else_ask(), request) == Some(Decision::Accept)
}

#[test]
fn whole_words_of_commands_are_compared() {
    let rule = Approve::command(["git", "status"]);
    for line in ["git status", "/bin/bash -lc 'git status -s'"] {
        assert!(accepts(&rule, &command(line)), "{line}");
    }
    for line in [
        "git statusx",
        "git",
        "/bin/bash -lc 'git status; rm x'",
        "/bin/bash -lc 'git status && rm x'",
        "/bin/bash -lc 'git' status",
        "/tmp/git status",
        "xgit status",
        "echo git status",
        "git 'status",
        "",
    ] {
        assert!(!accepts(&rule, &command(line)), "{line}");
    }
    assert!(!accepts(&Approve::command([""; 0]), &command("ls")));
}

#[test]
fn commands_with_more_than_a_command_are_not_covered() {
    let rule = Approve::command(["git"]);
    let asking = |extra: Value| {
        let mut params = json!({"command": "git status", "kind": "command"});
        for (name, value) in extra.as_object().unwrap() {
            params[name] = value.clone();
        }
        request("item/commandExecution/requestApproval", params)
    };
    assert!(accepts(&rule, &asking(json!({}))));
    let network = json!({"network": {"enabled": true}});
    for extra in [
        json!({"additionalPermissions": network}),
        json!({"kind": "writeStdin"}),
        json!({"kind": "of a later runtime"}),
        json!({"networkApprovalContext": {"host": "x", "protocol": "https"}}),
    ] {
        let request = asking(extra.clone());
        assert!(!accepts(&rule, &request), "{extra}");
        assert!(!accepts(&rule.clone().not(), &request), "not: {extra}");
    }
}

#[test]
fn hosts_are_compared_as_a_whole() {
    let exact = Approve::host("crates.io");
    let below = Approve::host("*.Crates.io");
    for (name, by_exact, by_below) in [
        ("crates.io", true, false),
        ("CRATES.io.", true, false),
        ("static.crates.io", false, true),
        ("a.b.crates.io", false, true),
        ("evilcrates.io", false, false),
        ("crates.io.evil.com", false, false),
        (".crates.io", false, false),
        ("", false, false),
    ] {
        assert_eq!(accepts(&exact, &host(name)), by_exact, "{name}");
        assert_eq!(accepts(&below, &host(name)), by_below, "{name}");
    }
    assert!(!accepts(&exact, &command("crates.io")));
}

#[cfg(unix)]
#[test]
fn paths_are_in_a_folder_after_links_are_resolved() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let (inside, outside) = (folder.join("inside"), folder.join("outside"));
    std::fs::create_dir_all(inside.join("sub")).unwrap();
    std::fs::create_dir_all(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
    std::os::unix::fs::symlink(outside.join("none"), inside.join("dangling")).unwrap();
    let rule = Approve::path_in(&inside);
    let at = |path: &str| adding(inside.join(path).to_str().unwrap());
    for path in ["new.txt", "sub/new.txt", "sub/deep/new.txt", "./new.txt"] {
        assert!(accepts(&rule, &at(path)), "{path}");
    }
    for path in [
        "../outside/x",
        "sub/../../outside/x",
        "sub/../x",
        "link/new.txt",
        "dangling",
    ] {
        assert!(!accepts(&rule, &at(path)), "{path}");
    }
    let beside = format!("{}-beside/x", inside.display());
    assert!(!accepts(&rule, &adding(&beside)));
    assert!(!accepts(&rule, &adding("inside/new.txt")), "relative");
    assert!(!accepts(
        &Approve::path_in("/does/not/exist"),
        &adding("/does/not/exist/x")
    ));
    // All of several changes, and the target of a move.
    let ok = inside.join("a").display().to_string();
    let bad = outside.join("b").display().to_string();
    let add = json!({"type": "add", "content": "x"});
    let both = changes(&json!({ok.clone(): add.clone(), bad.clone(): add}));
    assert!(!accepts(&rule, &both));
    let moved = json!({"type": "update", "unified_diff": "x", "move_path": bad});
    assert!(!accepts(&rule, &changes(&json!({ok: moved}))));
    assert!(!accepts(&rule, &changes(&json!({}))));
}

#[test]
fn a_change_whose_item_is_unknown_is_not_covered() {
    let unknown = request("item/fileChange/requestApproval", json!({}));
    assert!(!accepts(&Approve::path_in("/"), &unknown));
    assert!(!accepts(&Approve::path_in("/").not(), &unknown));
    let root = request("item/fileChange/requestApproval", json!({"grantRoot": "/"}));
    assert!(!accepts(&Approve::path_in("/"), &root));
}

#[test]
fn combinators_approve_nothing_that_does_not_apply() {
    let git = || Approve::command(["git"]);
    let push = || Approve::command(["git", "push"]);
    let careful = git().and(push().not());
    assert!(accepts(&careful, &command("git status")));
    assert!(!accepts(&careful, &command("git push")));
    assert!(!accepts(&careful, &command("ls")));
    // `not` applies to single commands only.
    assert!(accepts(&push().not(), &command("ls")));
    assert!(!accepts(&push().not(), &command("bash -c 'ls; git push'")));
    assert!(!accepts(&push().not(), &host("x")));
    let either = git().or(Approve::host("x"));
    assert!(accepts(&either, &host("x")) && accepts(&either, &command("git")));
    assert!(
        !accepts(&either.clone().not(), &host("y")),
        "git does not apply"
    );
    assert!(!accepts(&git().and(Approve::host("x")), &host("x")));
}

#[test]
fn what_no_rule_covers_is_asked_or_declined() {
    let rule = Approve::command(["git"]);
    let ask = rule
        .clone()
        .else_ask()
        .decline(Approve::command(["git", "push"]));
    let ask = ask.decline(Approve::host("evil.com"));
    assert_eq!(decided(&ask, &command("git log")), Some(Decision::Accept));
    assert_eq!(decided(&ask, &command("git push")), Some(Decision::Decline));
    assert_eq!(decided(&ask, &host("evil.com")), Some(Decision::Decline));
    assert_eq!(decided(&ask, &command("ls")), None);
    let policy = rule.named("only git").else_decline();
    let decision = policy.decide(&command("git log")).unwrap();
    assert_eq!(&*decision.rule, "only git");
    let decision = policy.decide(&command("ls")).unwrap();
    assert_eq!(
        (decision.decision, &*decision.rule),
        (Decision::Decline, "no rule")
    );
}

#[test]
fn a_rule_that_panics_declines() {
    let policy = Approve::when(|_| panic!("a defect")).else_ask();
    assert_eq!(decided(&policy, &command("ls")), Some(Decision::Decline));
}

#[test]
fn the_working_directory_is_compared_like_a_path() {
    let folder = std::env::temp_dir().canonicalize().unwrap();
    let at = |cwd: &str| {
        let params = json!({"command": "git log", "cwd": cwd});
        request("item/commandExecution/requestApproval", params)
    };
    let rule = Approve::command(["git"]).and(Approve::cwd_in(&folder));
    assert!(accepts(&rule, &at(folder.to_str().unwrap())));
    assert!(!accepts(&rule, &at("/")));
    assert!(!accepts(&rule, &at(&format!("{}/..", folder.display()))));
}
