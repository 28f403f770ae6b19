//! The commands as a person runs them: output and exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use xtask::workspace_root;

use crate::{Snapshot, assert_same, snapshot};

fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The workspace has the same files.
fn assert_checked_in(files: &Snapshot) {
    let checked_in = files
        .keys()
        .map(|path| (path.clone(), fs::read(workspace_root().join(path)).unwrap()))
        .collect();
    assert_same(files, &checked_in);
}

/// `generate-types` from the checked-in schema into a folder.
fn generate(out: &Path, extra: &[&str]) -> Output {
    let schema = workspace_root().join("schema");
    let mut arguments = vec![
        "generate-types",
        "--schema",
        schema.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    arguments.extend(extra);
    xtask(&arguments)
}

#[test]
fn a_check_of_the_workspace_is_silent_and_succeeds() {
    // An installation would be reported.
    assert_eq!(xtask(&["runtime", "install"]).status.code(), Some(0));
    let output = xtask(&["generate-types", "--check"]);
    assert_eq!(
        (text(&output.stdout), text(&output.stderr)),
        (String::new(), String::new())
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn generating_into_a_folder_matches_the_checked_in_files() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(generate(folder.path(), &[]).status.code(), Some(0));
    assert!(!folder.path().join("schema").exists());
    assert_checked_in(&snapshot(folder.path()));
    let output = generate(folder.path(), &["--check"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn a_dump_without_typescript_is_generated_with_a_notice() {
    let folder = tempfile::tempdir().unwrap();
    let schema = folder.path().join("dump");
    for path in [xtask::dump::STABLE, xtask::dump::EXPERIMENTAL] {
        fs::create_dir_all(schema.join(path).parent().unwrap()).unwrap();
        fs::copy(
            workspace_root().join("schema").join(path),
            schema.join(path),
        )
        .unwrap();
    }
    let out = folder.path().join("out");
    let output = xtask(&[
        "generate-types",
        "--schema",
        schema.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("version"),
        "{}",
        text(&output.stderr)
    );
    assert!(
        text(&output.stderr).contains("no TypeScript"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn error_is_printed_and_exits_with_two() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    let output = xtask(&[
        "generate-types",
        "--check",
        "--schema",
        absent.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).starts_with("error: cannot read "),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_dump_of_the_runtime_is_the_checked_in_schema() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("dump");
    let output = xtask(&["runtime", "dump", "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).trim(), out.to_str().unwrap());
    let dumped = xtask::dump::Dump::read(&out).unwrap();
    let checked_in = xtask::dump::Dump::read(&workspace_root().join("schema")).unwrap();
    assert!(
        dumped == checked_in,
        "run `cargo xtask generate-types --check`"
    );
}

#[test]
fn installing_prints_the_path_that_path_prints() {
    let installed = xtask(&["runtime", "install"]);
    assert_eq!(
        installed.status.code(),
        Some(0),
        "{}",
        text(&installed.stderr)
    );
    let path = xtask(&["runtime", "path"]);
    assert_eq!(text(&path.stdout), text(&installed.stdout));
    assert!(Path::new(text(&path.stdout).trim()).is_file());
}

#[test]
fn missing_runtime_error_has_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["runtime", "path"])
        .env_remove("CODEX_BIN")
        .env("CODEX_RUNTIME_DIR", folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("cargo xtask runtime install"),
        "{}",
        text(&output.stderr)
    );
}

/// Runs the command with `CODEX_BIN` naming this file.
fn xtask_with_codex_bin(binary: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .env("CODEX_BIN", binary)
        .output()
        .unwrap()
}

#[test]
fn codex_bin_is_respected_and_a_broken_one_is_named() {
    let binary = std::env::current_exe().unwrap();
    let output = xtask_with_codex_bin(&binary, &["runtime", "path"]);
    assert_eq!(text(&output.stdout).trim(), binary.to_str().unwrap());

    let output = xtask_with_codex_bin(&binary.join("absent"), &["runtime", "path"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("CODEX_BIN"),
        "{}",
        text(&output.stderr)
    );
}

#[cfg(unix)]
#[test]
fn types_are_not_generated_from_another_version_than_the_pinned() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("codex");
    fs::write(&binary, "#!/bin/sh\necho codex-cli 0.1.0\n").unwrap();
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
    let output = xtask_with_codex_bin(&binary, &["generate-types", "--check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("older than the pinned"),
        "{}",
        text(&output.stderr)
    );
}

/// `generate-types` as if another folder were the workspace.
fn generate_in(root: &Path, extra: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("generate-types")
        .args(extra)
        .env("CARGO_MANIFEST_DIR", root.join("xtask"))
        .output()
        .unwrap()
}

/// Makes an empty folder a fresh workspace, lets the test spoil it, and expects the check to
/// report it and to write nothing, and the command it names to fix it.
fn assert_reported_and_fixed(spoil: impl FnOnce(&Path), told: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    assert_eq!(generate_in(root, &[]).status.code(), Some(0));
    let fresh = snapshot(root);
    spoil(root);
    let spoiled = snapshot(root);

    let output = generate_in(root, &["--check"]);
    let report = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{report}");
    for part in told.iter().chain(&["run `cargo xtask generate-types`"]) {
        assert!(report.contains(part), "no `{part}` in:\n{report}");
    }
    assert_same(&snapshot(root), &spoiled);

    assert_eq!(generate_in(root, &[]).status.code(), Some(0));
    assert_same(&snapshot(root), &fresh);
}

#[test]
fn changed_missing_and_extra_files_are_fixed() {
    assert_reported_and_fixed(
        |root| {
            let path = root.join("schema").join(xtask::dump::EXPERIMENTAL);
            let schema = fs::read_to_string(&path).unwrap();
            fs::write(
                path,
                schema.replacen("AbsolutePathBuf", "AbsolutePathBug", 1),
            )
            .unwrap();
            fs::remove_file(root.join("schema/ts/experimental/v2/Thread.ts")).unwrap();
            fs::write(root.join("schema/notes.md"), "mine").unwrap();
        },
        &[
            "1 missing, 1 stale, 1 extra",
            "missing: schema/ts/experimental/v2/Thread.ts",
            "stale: schema/experimental/codex_app_server_protocol.schemas.json",
            "extra: schema/notes.md",
            "-    \"AbsolutePathBug\": {\n+    \"AbsolutePathBuf\": {\n",
        ],
    );
}

#[test]
fn schema_of_another_pin_is_fixed() {
    assert_reported_and_fixed(
        |root| {
            let path = root.join("schema/provenance.toml");
            // Not of its archives: those would be fetched and verified.
            let line = |version: &str| format!("runtime_version = {version:?}");
            let pinned = line(&codex_runtime::Pin::current().version().to_string());
            let provenance = fs::read_to_string(&path).unwrap();
            fs::write(path, provenance.replace(&pinned, &line("0.0.1"))).unwrap();
        },
        &["@openai/codex@0.0.1", "codex-runtime/runtime.toml"],
    );
}

#[test]
fn pin_that_differs_from_its_file_is_fixed() {
    assert_reported_and_fixed(
        |root| {
            let path = root.join("codex-runtime/src/generated/mod.rs");
            let pin = fs::read_to_string(&path).unwrap();
            fs::write(path, pin.replace("sha512-o05", "sha512-p05")).unwrap();
        },
        &[
            "stale: codex-runtime/src/generated/mod.rs",
            "-    (Target::LinuxX64, ",
        ],
    );
}

/// A run that is killed while it writes leaves the old tree or the new one.
#[test]
fn a_killed_run_leaves_the_old_files_or_the_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    assert_eq!(generate(&out, &[]).status.code(), Some(0));
    let new = snapshot(&out);
    let old: Snapshot = new
        .keys()
        .map(|path| (path.clone(), b"old".to_vec()))
        .collect();
    let schema = workspace_root().join("schema");
    for polls in [0, 200, 1_000, 3_000] {
        for (path, contents) in &old {
            fs::write(out.join(path), contents).unwrap();
        }
        let mut run = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args([
                "generate-types",
                "--schema",
                schema.to_str().unwrap(),
                "--out",
            ])
            .arg(&out)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let staging = out.join(xtask::freshness::STAGING);
        while !staging.exists() && run.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        for _ in 0..polls {
            std::thread::yield_now();
        }
        run.kill().unwrap();
        run.wait().unwrap();
        let mut left = snapshot(&out);
        left.retain(|path, _| !path.starts_with(xtask::freshness::STAGING));
        assert!(left == old || left == new, "mixed after {polls} polls");
    }
}

#[cfg(unix)]
#[test]
fn a_binary_that_claims_the_pinned_version_is_not_trusted() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("codex");
    let version = codex_runtime::Pin::current().version().to_string();
    fs::write(&binary, format!("#!/bin/sh\necho codex-cli {version}\n")).unwrap();
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
    let output = xtask_with_codex_bin(&binary, &["generate-types", "--check"]);
    assert_eq!(output.status.code(), Some(2));
    let report = text(&output.stderr);
    assert!(
        report.contains("claims the pinned version, but is not"),
        "{report}"
    );
}
