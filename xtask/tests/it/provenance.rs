//! The provenance of `schema/`, and that it notices every change of what it describes.

use std::fs;

use codex_runtime::{Pin, Target};
use xtask::dump::Dump;
use xtask::generate::check_pin;
use xtask::provenance::{FILE, Provenance, canonical_json};
use xtask::workspace_root;

fn checked_in() -> Dump {
    Dump::read(&workspace_root().join("schema")).unwrap()
}

fn of(dump: &Dump) -> Provenance {
    Provenance::of(Pin::current(), dump).unwrap()
}

#[test]
fn the_checked_in_provenance_is_that_of_the_checked_in_schema() {
    let found = Provenance::read(&workspace_root().join("schema")).unwrap();
    assert_eq!(found, Some(of(&checked_in())));
}

#[test]
fn each_document_has_its_own_hash() {
    let original = checked_in();
    let provenance = of(&original);
    let differing = |changed: &Dump| provenance.differing(changed).unwrap();
    assert!(differing(&original).is_empty());

    let mut changed = original.clone();
    changed.stable = changed.stable.replacen("string", "strinG", 1);
    assert_eq!(
        differing(&changed),
        ["stable/codex_app_server_protocol.schemas.json"]
    );
    let mut changed = original.clone();
    changed.experimental = changed.experimental.replacen("string", "strinG", 1);
    assert_eq!(
        differing(&changed),
        ["experimental/codex_app_server_protocol.schemas.json"]
    );
    let mut changed = original.clone();
    changed
        .typescript
        .as_mut()
        .unwrap()
        .insert("New.ts".to_owned(), String::new());
    assert_eq!(differing(&changed), ["ts/experimental"]);
}

#[test]
fn canonical_json_forgets_order_and_white_space_only() {
    let canonical = canonical_json("{\"b\": [2, 1],\n \"a\": {\"d\": 1, \"c\": 1.0}}").unwrap();
    assert_eq!(canonical, r#"{"a":{"c":1.0,"d":1},"b":[2,1]}"#);
}

/// The current pin with one detail changed.
fn changed_pin(from: &str, to: &str) -> Pin {
    let text = fs::read_to_string(workspace_root().join("codex-runtime/runtime.toml")).unwrap();
    let changed = text.replace(from, to);
    assert_ne!(changed, text);
    Pin::parse(&changed).unwrap()
}

#[test]
fn a_changed_pin_is_drift_before_anything_is_fetched() {
    let root = workspace_root();
    assert!(check_pin(&root, Pin::current()).is_empty());
    let version = Pin::current().version().to_string();
    for pin in [
        changed_pin(&version, "0.0.1"),
        changed_pin("@openai/codex", "@openai/other"),
        changed_pin("sha512-o05", "sha512-p05"),
    ] {
        let report = check_pin(&root, &pin).to_string();
        assert!(report.contains("codex-runtime/runtime.toml"), "{report}");
        assert!(report.contains("cargo xtask generate-types"), "{report}");
    }
}

#[test]
fn every_fact_about_an_archive_of_another_platform_is_pinned() {
    let root = workspace_root();
    let provenance = Provenance::read(&root.join("schema")).unwrap().unwrap();
    assert!(provenance.other_archives(Pin::current()).is_empty());
    let mut archives = Pin::current().archives();
    let (target, archive) = archives
        .find(|(target, _)| *target == Target::Win32Arm64)
        .unwrap();
    let (head, tail) = archive.integrity().split_at("sha512-".len());
    let swapped: String = tail[..1]
        .chars()
        .map(|it| if it == 'A' { 'B' } else { 'A' })
        .collect();
    for (from, to) in [
        (
            archive.integrity(),
            format!("{head}{swapped}{}", &tail[1..]),
        ),
        (archive.version(), format!("{}-x", archive.version())),
        (archive.triple(), format!("{}x", archive.triple())),
    ] {
        let pin = changed_pin(from, &to);
        assert_eq!(provenance.other_archives(&pin), [target], "{to}");
        let report = check_pin(&root, &pin).to_string();
        assert!(report.contains(target.as_str()), "{report}");
    }
}

#[test]
fn a_damaged_provenance_is_drift() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("schema")).unwrap();
    fs::write(
        folder.path().join("schema").join(FILE),
        "runtime_version = 1",
    )
    .unwrap();
    let report = check_pin(folder.path(), Pin::current()).to_string();
    assert!(
        report.contains(FILE) && report.contains("cargo xtask generate-types"),
        "{report}"
    );
}
