//! The crates that a program builds together with the client.

use std::collections::BTreeSet;
use std::process::Command;

use xtask::workspace_root;

/// The crates in the tree of the client on Linux, itself included.
fn tree(features: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "codex-client"])
        .args(["--edges", "normal", "--target", "x86_64-unknown-linux-gnu"])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(features)
        .current_dir(workspace_root())
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{problem}");
    let tree = String::from_utf8(output.stdout).unwrap();
    let crates = tree.lines().map(|line| line.trim_end_matches(" (*)"));
    let crates = crates.filter(|name| !name.is_empty());
    crates.map(str::to_owned).collect()
}

#[test]
fn tree_of_the_client_is_small_and_has_no_proc_macros() {
    for (features, most) in [
        ([].as_slice(), 40),
        (&["--no-default-features", "--features", "blocking"], 30),
    ] {
        let tree = tree(features);
        assert!(tree.len() <= most, "{}: {tree:#?}", tree.len());
        let is_macro = |name: &&String| name.ends_with("(proc-macro)");
        assert_eq!(tree.iter().find(is_macro), None);
    }
}

#[test]
fn derives_of_a_feature_are_recognized() {
    let tree = tree(&["--features", "view"]);
    assert!(tree.iter().any(|name| name.ends_with("(proc-macro)")));
}
