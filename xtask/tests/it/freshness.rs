//! Writing and checking a plan: what changes on disk, and what never does.

use std::fs;
use std::path::Path;

use codegen::FileTree;
use tempfile::TempDir;
use xtask::freshness::{Drift, check, write};

use crate::{assert_same, snapshot};

const FILES: [(&str, &str); 3] = [
    ("out/generated/a.rs", "a\n"),
    ("out/generated/deep/b.rs", "b1\nb2\nb3\n"),
    ("out/generated/mod.rs", "mod a;\n"),
];

fn plan() -> FileTree {
    let mut plan = FileTree::with_roots(["out/generated"]);
    for (path, contents) in FILES {
        plan.insert(path, contents);
    }
    plan
}

fn fresh() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &plan()).unwrap();
    folder
}

fn put(base: &Path, path: &str, contents: &str) {
    let path = base.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, contents).unwrap();
}

/// The result of a check, after proving that it changed nothing.
fn drift(base: &Path, plan: &FileTree) -> Drift {
    let before = snapshot(base);
    let drift = check(base, plan).unwrap();
    assert_same(&snapshot(base), &before);
    drift
}

#[test]
fn written_files_are_fresh() {
    let folder = fresh();
    assert!(drift(folder.path(), &plan()).is_empty());
    let paths: Vec<String> = snapshot(folder.path()).into_keys().collect();
    assert_eq!(paths, FILES.map(|(path, _)| path));
}

#[test]
fn a_second_write_touches_nothing() {
    let folder = fresh();
    let modified = || {
        fs::metadata(folder.path().join(FILES[0].0))
            .unwrap()
            .modified()
            .unwrap()
    };
    let before = modified();
    let written = write(folder.path(), &plan()).unwrap();
    assert!(
        written.written.is_empty() && written.removed.is_empty(),
        "{written:?}"
    );
    assert_eq!(modified(), before);
}

#[test]
fn every_kind_of_drift_is_named_with_a_diff_and_the_fix() {
    let folder = fresh();
    put(folder.path(), "out/generated/deep/b.rs", "b1\nEDITED\nb3\n");
    put(folder.path(), "out/generated/stray.rs", "");
    fs::remove_file(folder.path().join("out/generated/a.rs")).unwrap();

    let drift = drift(folder.path(), &plan());
    assert_eq!(drift.missing, ["out/generated/a.rs"]);
    assert_eq!(drift.extra, ["out/generated/stray.rs"]);
    assert_eq!(drift.changed.len(), 1);
    assert_eq!(
        drift.to_string(),
        "generated files are not fresh: 1 missing, 1 stale, 1 extra\n\
         missing: out/generated/a.rs\n\
         stale: out/generated/deep/b.rs\n\
         extra: out/generated/stray.rs\n\
         \n\
         --- out/generated/deep/b.rs (checked in)\n\
         +++ out/generated/deep/b.rs (fresh)\n\
         @@ -1,3 +1,3 @@\n \
         b1\n\
         -EDITED\n\
         +b2\n \
         b3\n\
         \n\
         run `cargo xtask generate-types` and commit the result"
    );
}

#[test]
fn write_fixes_every_kind_of_drift() {
    let folder = fresh();
    put(folder.path(), "out/generated/deep/b.rs", "edited");
    put(folder.path(), "out/generated/gone/stray.rs", "");
    put(folder.path(), "out/hand_written.rs", "mine");
    fs::remove_file(folder.path().join("out/generated/a.rs")).unwrap();

    let written = write(folder.path(), &plan()).unwrap();
    assert_eq!(
        written.written,
        ["out/generated/a.rs", "out/generated/deep/b.rs"]
    );
    assert_eq!(written.removed, ["out/generated/gone/stray.rs"]);
    assert!(drift(folder.path(), &plan()).is_empty());
    assert!(!folder.path().join("out/generated/gone").exists());
    assert_eq!(
        fs::read_to_string(folder.path().join("out/hand_written.rs")).unwrap(),
        "mine"
    );
}

#[test]
fn a_write_that_cannot_finish_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "out/generated/a.rs", "old");
    put(folder.path(), "out/generated/stray.rs", "");
    // The last file of the plan cannot be written.
    put(folder.path(), "out/generated/mod.rs/in_the_way", "");
    let before = snapshot(folder.path());

    let error = write(folder.path(), &plan()).unwrap_err();
    assert!(
        error.to_string().contains("out/generated/mod.rs"),
        "{error:#}"
    );
    assert_same(&snapshot(folder.path()), &before);
    assert!(!folder.path().join("out/generated/deep").exists());
}

#[test]
fn leftovers_of_a_killed_write_are_removed() {
    let folder = fresh();
    put(folder.path(), "out/generated/.a.rs.new", "half");
    assert_eq!(
        drift(folder.path(), &plan()).extra,
        ["out/generated/.a.rs.new"]
    );
    write(folder.path(), &plan()).unwrap();
    assert!(drift(folder.path(), &plan()).is_empty());
}

#[test]
fn long_diff_is_truncated_with_a_notice() {
    let folder = tempfile::tempdir().unwrap();
    let lines = |text: &str| format!("{text}\n").repeat(500);
    put(folder.path(), "file.rs", &lines("old"));
    let mut plan = FileTree::default();
    plan.insert("file.rs", lines(&"new".repeat(200)));
    let report = drift(folder.path(), &plan).to_string();
    assert!(
        report.contains("more lines of this diff not shown"),
        "{report}"
    );
    assert!(report.lines().count() < 60, "{report}");
    assert!(
        report.lines().all(|line| line.chars().count() < 300),
        "{report}"
    );
}

#[test]
fn formatting_of_json_is_reported_as_drift() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "x.schemas.json", "{\"b\": 1, \"a\": 2}");
    let mut plan = FileTree::default();
    plan.insert("x.schemas.json", "{\n  \"a\": 2,\n  \"b\": 1\n}");
    let report = drift(folder.path(), &plan).to_string();
    assert!(
        report.contains("the same JSON, written differently"),
        "{report}"
    );
}

#[test]
fn contents_that_are_not_text_are_stale() {
    let folder = fresh();
    fs::write(folder.path().join("out/generated/a.rs"), [0xff, 0xfe]).unwrap();
    assert_eq!(
        drift(folder.path(), &plan()).changed[0].path,
        "out/generated/a.rs"
    );
}

#[cfg(unix)]
#[test]
fn links_modes_and_empty_folders_are_drift() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = fresh();
    let root = folder.path();
    let executable = root.join("out/generated/a.rs");
    fs::set_permissions(&executable, fs::Permissions::from_mode(0o755)).unwrap();
    let linked = root.join("out/generated/deep/b.rs");
    fs::rename(&linked, root.join("elsewhere.rs")).unwrap();
    symlink(root.join("elsewhere.rs"), &linked).unwrap();
    fs::create_dir_all(root.join("out/generated/empty/within")).unwrap();

    let report = drift(root, &plan()).to_string();
    for part in [
        "out/generated/a.rs is executable",
        "out/generated/deep/b.rs is a link",
        "extra: out/generated/empty/within/",
    ] {
        assert!(report.contains(part), "no `{part}` in:\n{report}");
    }
    write(root, &plan()).unwrap();
    assert!(drift(root, &plan()).is_empty());
    assert!(fs::symlink_metadata(&linked).unwrap().is_file());
    assert!(!root.join("out/generated/empty").exists());
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_a_link_is_drift() {
    let folder = fresh();
    let root = folder.path();
    fs::rename(root.join("out/generated"), root.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(root.join("elsewhere"), root.join("out/generated")).unwrap();
    let report = check(root, &plan()).unwrap().to_string();
    assert!(report.contains("is reached through a link"), "{report}");
}

#[test]
fn a_generated_file_where_none_should_be_is_found() {
    let folder = fresh();
    let mark = "// @generated by `cargo xtask generate-types`; do not edit by hand.\n";
    put(folder.path(), "src/copy.rs", mark);
    put(folder.path(), "src/own.rs", "// by hand\n");
    put(folder.path(), "target/copy.rs", mark);
    let strays = xtask::strays::strays(folder.path(), &plan()).unwrap();
    assert_eq!(strays, ["src/copy.rs"]);
}

#[test]
fn staging_of_a_killed_run_is_removed() {
    let folder = fresh();
    put(folder.path(), ".generate-types/out/generated/a.rs", "half");
    put(folder.path(), "out/generated/a.rs", "edited");
    write(folder.path(), &plan()).unwrap();
    assert!(drift(folder.path(), &plan()).is_empty());
    assert!(!folder.path().join(xtask::freshness::STAGING).exists());
}
