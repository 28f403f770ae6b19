//! Installing: what is refused, with which error, and that nothing of it is kept.

use std::fs;
use std::time::Duration;

use codex_runtime::{Environment, Error, Installer, Target};

use crate::fake::{self, FOLDER, MANIFEST, Sandbox, TRIPLE, archive, integrity, package, quiet};

fn failure(sandbox: &Sandbox, archive: &[u8]) -> Error {
    sandbox
        .installer(archive)
        .install(&mut quiet())
        .unwrap_err()
}

/// Nothing that looks like an installation, and no archive, is left behind.
fn assert_nothing_kept(sandbox: &Sandbox) {
    assert!(!sandbox.root().join(FOLDER).exists());
    let work = sandbox.root().join("1.2.3-linux-x64.tmp");
    if work.exists() {
        assert_eq!(fake::names(&work), Vec::<String>::new());
    }
}

#[test]
fn a_missing_npm_is_named() {
    let sandbox = Sandbox::new();
    let error = failure(&sandbox, &package());
    assert!(matches!(error, Error::NpmMissing { .. }), "{error:?}");
    assert!(error.to_string().contains("Node.js"), "{error}");
    assert_nothing_kept(&sandbox);
}

#[test]
fn the_codes_npm_prints_become_errors() {
    for code in ["E404", "ETARGET"] {
        let error = npm_failing_with(code);
        assert!(
            matches!(&error, Error::PackageNotFound { package, .. } if package == "@scope/name@1.2.3-linux-x64"),
            "{error:?}"
        );
        assert!(error.to_string().contains("registry"), "{error}");
    }
    assert!(matches!(npm_failing_with("ENOSPC"), Error::NoSpace { .. }));
    assert!(matches!(
        npm_failing_with("EACCES"),
        Error::PermissionDenied { .. }
    ));
    let error = npm_failing_with("ECONNREFUSED");
    assert!(matches!(error, Error::DownloadFailed { .. }), "{error:?}");
    assert!(
        error.to_string().contains("npm error code ECONNREFUSED"),
        "{error}"
    );
}

fn npm_failing_with(code: &str) -> Error {
    let sandbox = Sandbox::new();
    sandbox.npm(&format!("echo 'npm error code {code}' >&2; exit 1"));
    let error = failure(&sandbox, &package());
    assert_nothing_kept(&sandbox);
    error
}

#[test]
fn an_npm_that_writes_nothing_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.npm("echo done");
    let error = failure(&sandbox, &package());
    assert!(error.to_string().contains("wrote no archive"), "{error}");
}

#[test]
fn an_npm_that_hangs_is_stopped() {
    let sandbox = Sandbox::new();
    sandbox.npm("exec sleep 600");
    let installer = sandbox
        .installer(&package())
        .with_download_limit(Duration::from_millis(100));
    let error = installer.install(&mut quiet()).unwrap_err();
    assert!(matches!(error, Error::DownloadTimedOut { .. }), "{error:?}");
    assert_nothing_kept(&sandbox);
}

#[test]
fn wrong_archive_is_rejected_with_both_hashes() {
    let sandbox = Sandbox::new();
    let pinned = package();
    let served = archive(&[("package/x", 0o644, "x")]);
    sandbox.npm_serving(&served);
    let error = failure(&sandbox, &pinned);
    assert!(
        matches!(error, Error::IntegrityMismatch { .. }),
        "{error:?}"
    );
    let message = error.to_string();
    assert!(
        message.contains(&integrity(&pinned)) && message.contains(&integrity(&served)),
        "{message}"
    );
    assert_nothing_kept(&sandbox);
}

#[test]
fn an_archive_cannot_write_outside_its_folder() {
    for path in [
        "package/../../outside",
        "../outside",
        "/tmp/codex-runtime-outside",
    ] {
        let sandbox = Sandbox::new();
        let archive = archive(&[(path, 0o644, "x")]);
        sandbox.npm_serving(&archive);
        let error = failure(&sandbox, &archive);
        assert!(
            matches!(&error, Error::UnsafeArchive { entry, .. } if entry == path),
            "{error:?}"
        );
        assert!(!sandbox.root().join(FOLDER).exists());
        assert!(!sandbox.root().join("outside").exists());
    }
}

#[test]
fn link_in_an_archive_is_rejected() {
    let sandbox = Sandbox::new();
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::fast(),
    ));
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder
        .append_link(&mut header, "package/link", "/etc")
        .unwrap();
    let archive = builder.into_inner().unwrap().finish().unwrap();
    sandbox.npm_serving(&archive);
    let error = failure(&sandbox, &archive);
    assert!(matches!(error, Error::UnsafeArchive { .. }), "{error:?}");
}

#[test]
fn a_package_without_a_usable_binary_is_not_installed() {
    let vendor = format!("package/vendor/{TRIPLE}");
    let manifest = format!("{vendor}/codex-package.json");
    let binary = format!("{vendor}/bin/codex");
    for entries in [
        vec![("package/package.json", 0o644, "{}")],
        vec![(manifest.as_str(), 0o644, MANIFEST)],
        vec![(manifest.as_str(), 0o644, MANIFEST), (&binary, 0o644, "")],
        vec![(manifest.as_str(), 0o644, "{"), (&binary, 0o755, "")],
        vec![
            (manifest.as_str(), 0o644, r#"{"entrypoint":"../../escape"}"#),
            (&binary, 0o755, ""),
        ],
    ] {
        let sandbox = Sandbox::new();
        let archive = archive(&entries);
        sandbox.npm_serving(&archive);
        let error = failure(&sandbox, &archive);
        assert!(
            matches!(
                error,
                Error::BrokenPackage { .. }
                    | Error::BinaryMissing { .. }
                    | Error::NotExecutable { .. }
            ),
            "{error:?}"
        );
        assert!(!sandbox.root().join(FOLDER).exists());
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.root(), "a file in the way").unwrap();
    let error = failure(&sandbox, &package());
    assert!(
        matches!(&error, Error::Io { path, .. } if *path == sandbox.root()),
        "{error:?}"
    );
}

#[test]
fn a_target_the_pin_lacks_is_an_error() {
    let sandbox = Sandbox::new();
    let installer = sandbox
        .installer(&package())
        .with_target(Target::Win32Arm64);
    let error = installer.install(&mut quiet()).unwrap_err();
    assert!(matches!(error, Error::TargetNotPinned { .. }), "{error:?}");
}

#[test]
fn no_folder_at_all_is_an_error() {
    let error = Installer::new(&Environment::empty()).unwrap_err();
    assert!(error.to_string().contains("CODEX_RUNTIME_DIR"), "{error}");
}
