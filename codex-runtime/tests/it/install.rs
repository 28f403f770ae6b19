//! Installing: what is left in the folder after success, interruption and a race.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Barrier, mpsc};

use codex_runtime::{Error, RuntimeOrigin, Step};

use crate::fake::{FOLDER, Sandbox, TRIPLE, archive, package, quiet};

const LOCK: &str = "1.2.3-linux-x64.lock";
const WORK: &str = "1.2.3-linux-x64.tmp";

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
fn second_installation_waits_with_a_notice() {
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
