//! Versions that are named in one place: the toolchain, and the commits of the workflows' actions.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use xtask::workspace_root;

use crate::tree::files;

#[derive(Deserialize)]
struct ToolchainFile {
    toolchain: Toolchain,
}

#[derive(Deserialize)]
struct Toolchain {
    channel: String,
}

/// `1.95` of `1.95.0`, as prose names it.
fn release() -> String {
    let text = fs::read_to_string(workspace_root().join("rust-toolchain.toml")).unwrap();
    let file: ToolchainFile = toml::from_str(&text).unwrap();
    let (release, _patch) = file.toolchain.channel.rsplit_once('.').unwrap();
    release.to_owned()
}

fn workflows() -> Vec<PathBuf> {
    let folder = workspace_root().join(".github/workflows");
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_toolchain_is_named_in_one_place() {
    let root = workspace_root();
    let documents = files(".md").into_iter().map(|file| root.join(file));
    let release = release();
    let naming: Vec<PathBuf> = documents
        .chain(workflows())
        .filter(|path| fs::read_to_string(path).unwrap().contains(&release))
        .collect();
    assert!(
        naming.is_empty(),
        "only rust-toolchain.toml names Rust {release}: {naming:?}"
    );
}

/// The commit is what runs; the version beside it is for people and dependabot.
#[test]
fn actions_are_pinned_to_commits() {
    let mut found = 0;
    for path in workflows() {
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| line.contains("uses: ")) {
            let (_, commit) = line.split_once('@').unwrap_or_default();
            let (commit, version) = commit.split_once(" # v").unwrap_or_default();
            let is_commit = commit.len() == 40 && commit.chars().all(|it| it.is_ascii_hexdigit());
            assert!(
                is_commit && !version.is_empty(),
                "{}: {line}",
                path.display()
            );
            found += 1;
        }
    }
    assert!(found > 0, "there are no workflows");
}
