//! Installing: what is left in the folder after success, failure, interruption and a race.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Barrier, mpsc};
use std::time::Duration;

use codex_runtime::{Environment, Error, Installer, RuntimeOrigin, Step, Target};

use crate::fake::{self, MANIFEST, Sandbox, TRIPLE, archive, integrity, package, quiet};

const FOLDER: &str = "1.2.3-linux-x64";
const LOCK: &str = "1.2.3-linux-x64.lock";
const WORK: &str = "1.2.3-linux-x64.tmp";

fn failure(sandbox: &Sandbox, archive: &[u8]) -> Error {
    sandbox
        .installer(archive)
        .install(&mut quiet())
        .unwrap_err()
}

/// Nothing that looks like an installation, and no archive, is left behind.
fn assert_nothing_kept(sandbox: &Sandbox) {
    assert!(!sandbox.root().join(FOLDER).exists());
    let work = sandbox.root().join(WORK);
    if work.exists() {
        assert_eq!(fake::names(&work), Vec::<String>::new());
    }
}

#[test]
fn an_installation_is_complete_and_leaves_nothing_else() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    let runtime = sandbox.installer(&archive).install(&mut quiet()).unwrap();

    let vendor = sandbox.root().join(FOLDER).join("vendor").join(TRIPLE);
    assert_eq!(runtime.binary(), vendor.join("bin/codex"));
    assert_eq!(
        runtime.path_dir(),
        Some(vendor.join("codex-path").as_path())
    );
    assert_eq!(runtime.origin(), RuntimeOrigin::Pinned);
    assert_eq!(runtime.version().unwrap().to_string(), "1.2.3");
    assert_eq!(sandbox.installed_names(), [FOLDER, LOCK]);

    let mode = |name: &str| vendor.join(name).metadata().unwrap().permissions().mode() & 0o111;
    assert_ne!(mode("bin/codex"), 0);
    assert_ne!(mode("codex-path/rg"), 0);
    assert_eq!(mode("codex-package.json"), 0);
}

#[test]
fn npm_is_asked_by_package_name_in_an_empty_folder() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    sandbox.installer(&archive).install(&mut quiet()).unwrap();
    let calls = sandbox.npm_calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].0, "0");
    assert!(
        calls[0].1.starts_with("pack @scope/name@1.2.3-linux-x64 "),
        "{calls:?}"
    );
}

#[test]
fn an_installed_runtime_needs_no_npm() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    let installer = sandbox.installer(&archive);
    let first = installer.install(&mut quiet()).unwrap();
    fs::remove_file(sandbox.path("npm")).unwrap();
    assert_eq!(installer.install(&mut quiet()).unwrap(), first);
    assert_eq!(installer.installed().unwrap(), Some(first));
}

#[test]
fn the_steps_are_reported_in_order_and_to_the_end() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    let mut steps = Vec::new();
    sandbox
        .installer(&archive)
        .install(&mut |step: &Step| steps.push(step.clone()))
        .unwrap();

    let size = archive.len() as u64;
    assert!(
        matches!(&steps[0], Step::Downloading { package, .. } if package == "@scope/name@1.2.3-linux-x64")
    );
    assert!(steps.iter().any(|step| matches!(step, Step::Verifying { done, total, .. } if *done == size && *total == size)));
    assert!(
        matches!(steps.last(), Some(Step::Unpacking { done, total, .. }) if *done == size && *total == size)
    );
}

#[test]
fn the_old_layout_is_understood() {
    let sandbox = Sandbox::new();
    let archive = archive(&[
        (
            &format!("package/vendor/{TRIPLE}/codex/codex"),
            0o755,
            "#!/bin/sh\n",
        ),
        (
            &format!("package/vendor/{TRIPLE}/path/rg"),
            0o755,
            "#!/bin/sh\n",
        ),
    ]);
    sandbox.npm_serving(&archive);
    let runtime = sandbox.installer(&archive).install(&mut quiet()).unwrap();
    assert!(runtime.binary().ends_with("codex/codex"));
    assert!(runtime.path_dir().unwrap().ends_with("path"));
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
fn a_foreign_archive_is_refused_with_both_hashes_and_not_kept() {
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
fn a_link_in_an_archive_is_refused() {
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
fn an_interrupted_run_is_cleaned_up_and_its_archive_reused() {
    let sandbox = Sandbox::new();
    let archive = package();
    let work = sandbox.root().join(WORK);
    fs::create_dir_all(work.join("tree/vendor")).unwrap();
    fs::write(work.join("tree/vendor/half"), "half").unwrap();
    fs::create_dir_all(work.join("download")).unwrap();
    fs::write(work.join("download/a.tgz"), &archive).unwrap();
    sandbox.npm("exit 1");

    sandbox.installer(&archive).install(&mut quiet()).unwrap();
    assert_eq!(sandbox.npm_calls(), []);
    assert_eq!(sandbox.installed_names(), [FOLDER, LOCK]);
    assert!(!sandbox.root().join(FOLDER).join("vendor/half").exists());
}

#[test]
fn a_half_downloaded_archive_is_fetched_again() {
    let sandbox = Sandbox::new();
    let archive = package();
    let work = sandbox.root().join(WORK);
    fs::create_dir_all(work.join("download")).unwrap();
    fs::write(work.join("download/a.tgz"), &archive[..archive.len() / 2]).unwrap();
    fs::write(work.join("stray"), "stray").unwrap();
    sandbox.npm_serving(&archive);

    sandbox.installer(&archive).install(&mut quiet()).unwrap();
    assert_eq!(sandbox.npm_calls().len(), 1);
    assert_eq!(sandbox.installed_names(), [FOLDER, LOCK]);
}

#[test]
fn a_changed_pin_makes_the_installation_count_no_more() {
    let sandbox = Sandbox::new();
    let first = package();
    sandbox.npm_serving(&first);
    sandbox.installer(&first).install(&mut quiet()).unwrap();

    let second = archive(&[(
        &format!("package/vendor/{TRIPLE}/codex/codex"),
        0o755,
        "#!/bin/sh\n",
    )]);
    let installer = sandbox.installer(&second);
    assert_eq!(installer.installed().unwrap(), None);
    sandbox.npm_serving(&second);
    let runtime = installer.install(&mut quiet()).unwrap();
    assert!(runtime.binary().ends_with("codex/codex"));
    assert_eq!(sandbox.installed_names(), [FOLDER, LOCK]);
}

#[test]
fn a_damaged_installation_is_reported_and_replaced() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    let installer = sandbox.installer(&archive);
    let runtime = installer.install(&mut quiet()).unwrap();
    fs::remove_file(runtime.binary()).unwrap();
    let error = installer.installed().unwrap_err();
    assert!(matches!(error, Error::BinaryMissing { .. }), "{error:?}");
    assert_eq!(installer.install(&mut quiet()).unwrap(), runtime);
}

#[test]
fn simultaneous_installations_download_once() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    let barrier = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let installer = sandbox.installer(&archive);
                barrier.wait();
                installer.install(&mut quiet()).unwrap();
            });
        }
    });
    assert_eq!(sandbox.npm_calls().len(), 1);
    assert_eq!(sandbox.installed_names(), [FOLDER, LOCK]);
}

/// The lock is the system's, so a handle of this test stands for another process.
#[test]
fn a_second_installation_waits_for_the_first_and_says_so() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    fs::create_dir_all(sandbox.root()).unwrap();
    let lock = fs::File::create(sandbox.root().join(LOCK)).unwrap();
    fs4::FileExt::lock(&lock).unwrap();

    let (sender, steps) = mpsc::channel();
    let installer = sandbox.installer(&archive);
    let second = std::thread::spawn(move || {
        installer.install(&mut |step: &Step| sender.send(step.clone()).unwrap())
    });
    assert_eq!(steps.recv().unwrap(), Step::Waiting);
    assert_eq!(sandbox.npm_calls(), []);
    drop(lock);
    second.join().unwrap().unwrap();
    assert_eq!(sandbox.installed_names(), [FOLDER, LOCK]);
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
