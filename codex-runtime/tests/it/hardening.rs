//! Installing where others have been: links, foreign owners, exchanged binaries, killed
//! installers, and a package manager that misbehaves.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use codex_runtime::{Environment, Error, Installer, Pin, Runtime, RuntimeSource, Step};

use crate::fake::{FOLDER, Sandbox, TRIPLE, archive, names, package, quiet, script};

const LOCK: &str = "1.2.3-linux-x64.lock";
const WORK: &str = "1.2.3-linux-x64.tmp";

/// A sandbox with an installation in it.
fn installed() -> (Sandbox, Installer, Runtime) {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    let installer = sandbox.installer(&archive);
    let runtime = installer.install(&mut quiet()).unwrap();
    (sandbox, installer, runtime)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().mode() & 0o7777
}

/// A folder of an uninvolved user.
fn precious(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.path("precious");
    fs::create_dir_all(folder.join("inner")).unwrap();
    fs::write(folder.join("inner/file"), "precious").unwrap();
    folder
}

#[test]
fn a_work_folder_that_is_a_link_is_not_followed() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    let precious = precious(&sandbox);
    fs::create_dir_all(sandbox.root()).unwrap();
    symlink(&precious, sandbox.root().join(WORK)).unwrap();
    sandbox.installer(&archive).install(&mut quiet()).unwrap();
    assert_eq!(
        fs::read_to_string(precious.join("inner/file")).unwrap(),
        "precious"
    );
    assert_eq!(names(&precious), ["inner"]);
    assert_eq!(sandbox.installed_names(), [FOLDER, LOCK]);
}

#[test]
fn links_in_the_work_folder_are_removed_and_not_followed() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    let precious = precious(&sandbox);
    let pinned = precious.join("a.tgz");
    fs::write(&pinned, &archive).unwrap();
    let work = sandbox.root().join(WORK);
    fs::create_dir_all(work.join("download")).unwrap();
    symlink(&precious, work.join("linked")).unwrap();
    symlink(&pinned, work.join("download/a.tgz")).unwrap();
    sandbox.installer(&archive).install(&mut quiet()).unwrap();
    assert_eq!(
        sandbox.npm_calls().len(),
        1,
        "no link is taken as an archive"
    );
    assert_eq!(names(&precious), ["a.tgz", "inner"]);
    assert_eq!(sandbox.installed_names(), [FOLDER, LOCK]);
}

#[test]
fn work_folder_and_lock_of_others_are_rejected() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    let (work, lock) = (sandbox.root().join(WORK), sandbox.root().join(LOCK));
    let rejects = |path: &Path| {
        let error = sandbox.installer(&archive).install(&mut quiet());
        let error = error.unwrap_err();
        assert!(matches!(error, Error::NotTrusted { .. }), "{error:?}");
        assert!(error.to_string().contains(path.to_str().unwrap()));
    };
    fs::create_dir_all(&work).unwrap();
    set_mode(&work, 0o777);
    rejects(&work);
    fs::remove_dir(&work).unwrap();
    File::create(&lock).unwrap();
    set_mode(&lock, 0o666);
    rejects(&lock);
    fs::remove_file(&lock).unwrap();
    symlink(precious(&sandbox).join("inner/file"), &lock).unwrap();
    rejects(&lock);
    fs::remove_file(&lock).unwrap();
    sandbox.installer(&archive).install(&mut quiet()).unwrap();
}

/// Everything of which the owner could exchange what is run: the binary, the folder of tools that is
/// put on `PATH`, and all folders above them.
fn trusted(sandbox: &Sandbox, runtime: &Runtime) -> Vec<PathBuf> {
    let binaries = runtime.binary().ancestors();
    let mut paths: Vec<PathBuf> = binaries
        .take_while(|path| path.starts_with(sandbox.root()))
        .map(Path::to_path_buf)
        .collect();
    assert_eq!(paths.len(), 6, "{paths:?}");
    paths.push(runtime.path_dir().unwrap().to_path_buf());
    paths
}

#[test]
fn world_writable_folders_are_rejected() {
    let (sandbox, installer, runtime) = installed();
    for path in trusted(&sandbox, &runtime) {
        let before = mode(&path);
        set_mode(&path, before | 0o002);
        for error in [
            installer.installed().unwrap_err(),
            installer.install(&mut quiet()).unwrap_err(),
        ] {
            assert!(matches!(error, Error::NotTrusted { .. }), "{error:?}");
            let text = error.to_string();
            assert!(text.contains(path.to_str().unwrap()), "{text}");
            assert!(text.contains("written to by every user"), "{text}");
        }
        set_mode(&path, before);
        assert!(installer.installed().unwrap().is_some());
    }
}

#[test]
fn world_writable_folders_above_are_rejected() {
    let (sandbox, installer, _) = installed();
    let above = sandbox.root().parent().unwrap().to_path_buf();
    let before = mode(&above);
    for (added, is_trusted) in [(0o002, false), (0o1002, true)] {
        set_mode(&above, before | added);
        let found = [
            installer.installed().map(drop),
            installer.install(&mut quiet()).map(drop),
        ];
        set_mode(&above, before);
        for found in found {
            match found {
                Ok(()) => assert!(is_trusted),
                Err(error) => {
                    assert!(
                        matches!(error, Error::NotTrusted { .. }) && !is_trusted,
                        "{error:?}"
                    );
                    let text = error.to_string();
                    assert!(text.contains(above.to_str().unwrap()), "{text}");
                }
            }
        }
    }
}

#[test]
fn folders_of_other_users_are_rejected() {
    if !rustix::process::geteuid().is_root() {
        // Only root can change the owner of files; for others, all files here are their own.
        return;
    }
    let (sandbox, installer, runtime) = installed();
    for path in trusted(&sandbox, &runtime) {
        chown(&path, Some(12345), None).unwrap();
        let error = installer.install(&mut quiet()).unwrap_err();
        assert!(matches!(error, Error::NotTrusted { .. }), "{error:?}");
        assert!(error.to_string().contains("12345"), "{error}");
        chown(&path, Some(0), None).unwrap();
    }
}

#[test]
fn linked_installation_is_rejected() {
    let (sandbox, installer, _) = installed();
    let folder = sandbox.root().join(FOLDER);
    let elsewhere = sandbox.path("elsewhere");
    fs::rename(&folder, &elsewhere).unwrap();
    symlink(&elsewhere, &folder).unwrap();
    let error = installer.installed().unwrap_err();
    assert!(error.to_string().contains("is a link"), "{error}");
}

/// Replaces the content, and makes the times look as before.
fn exchange(binary: &Path, content: &[u8]) {
    let modified = binary.metadata().unwrap().modified().unwrap();
    fs::write(binary, content).unwrap();
    let file = File::options().write(true).open(binary).unwrap();
    file.set_modified(modified).unwrap();
}

#[test]
fn an_exchanged_binary_is_found_and_repaired() {
    let (_sandbox, installer, runtime) = installed();
    let binary = runtime.binary();
    let original = fs::read(binary).unwrap();
    let mut same_size = original.clone();
    *same_size.last_mut().unwrap() = b'#';
    for content in [&b""[..], b"#!/bin/sh\necho other\n", &same_size] {
        exchange(binary, content);
        let error = installer.installed().unwrap_err();
        assert!(matches!(error, Error::BrokenPackage { .. }), "{error:?}");
        assert!(error.to_string().contains("bin/codex"), "{error}");
        assert_eq!(installer.install(&mut quiet()).unwrap(), runtime);
        assert_eq!(fs::read(binary).unwrap(), original);
        installer.verify().unwrap();
    }
}

#[test]
fn record_that_leads_outside_is_none() {
    let (sandbox, installer, runtime) = installed();
    let note = sandbox.root().join(FOLDER).join("installed-files.json");
    let text = fs::read_to_string(&note).unwrap();
    for leads in ["../../", "/"] {
        let elsewhere = text.replacen("\"path\": \"", &format!("\"path\": \"{leads}"), 1);
        assert_ne!(elsewhere, text);
        fs::write(&note, elsewhere).unwrap();
        assert_eq!(installer.installed().unwrap(), None);
        assert_eq!(installer.install(&mut quiet()).unwrap(), runtime);
        installer.verify().unwrap();
    }
}

#[test]
fn work_folder_is_private() {
    let sandbox = Sandbox::new();
    let found = sandbox.path("mode");
    sandbox.npm(&format!("stat -c %a .. > '{}'; exit 1", found.display()));
    let error = sandbox.installer(&package()).install(&mut quiet());
    assert!(matches!(error, Err(Error::DownloadFailed { .. })));
    assert_eq!(fs::read_to_string(found).unwrap().trim(), "700");
}

#[test]
fn an_untouched_content_with_other_times_is_accepted() {
    let (sandbox, installer, runtime) = installed();
    let content = fs::read(runtime.binary()).unwrap();
    fs::remove_file(runtime.binary()).unwrap();
    fs::write(runtime.binary(), content).unwrap();
    set_mode(runtime.binary(), 0o755);
    let note = sandbox.root().join(FOLDER).join("installed-files.json");
    let before = fs::read_to_string(&note).unwrap();
    assert_eq!(installer.installed().unwrap(), Some(runtime.clone()));
    assert_eq!(
        fs::read_to_string(&note).unwrap(),
        before,
        "locating writes nothing"
    );
    assert_eq!(installer.install(&mut quiet()).unwrap(), runtime);
    assert_ne!(fs::read_to_string(&note).unwrap(), before);
    assert_eq!(sandbox.npm_calls().len(), 1);
}

#[test]
fn verifying_reads_every_file() {
    let (sandbox, installer, runtime) = installed();
    let verified = installer.verify().unwrap();
    assert!(verified.bytes > 0);
    let tool = runtime.path_dir().unwrap().join("rg");
    let original = fs::read(&tool).unwrap();
    fs::write(&tool, "#!/bin/sh\n#").unwrap();
    let error = installer.verify().unwrap_err().to_string();
    assert!(error.contains("codex-path/rg"), "{error}");
    fs::remove_file(&tool).unwrap();
    assert!(installer.verify().is_err());
    fs::write(&tool, original).unwrap();
    installer.verify().unwrap();
    // What a process leaves that is killed while it updates the record.
    let unfinished = sandbox.root().join(FOLDER).join("installed-files.json.new");
    fs::write(unfinished, "{").unwrap();
    installer.verify().unwrap();
    fs::write(sandbox.root().join(FOLDER).join("stranger"), "").unwrap();
    let error = installer.verify().unwrap_err().to_string();
    assert!(error.contains("stranger"), "{error}");
    let nothing = Sandbox::new().installer(&package()).verify().unwrap_err();
    assert!(matches!(nothing, Error::NotInstalled { .. }), "{nothing:?}");
}

#[test]
fn leftovers_of_a_killed_installer_are_always_removed() {
    let (sandbox, installer, runtime) = installed();
    fs::create_dir_all(sandbox.root().join(WORK).join("tree/half")).unwrap();
    // An installation that is running has the lock, and what is there is its own.
    let lock = File::create(sandbox.root().join(LOCK)).unwrap();
    fs4::FileExt::lock(&lock).unwrap();
    assert_eq!(installer.install(&mut quiet()).unwrap(), runtime);
    assert!(sandbox.root().join(WORK).exists());
    drop(lock);
    assert_eq!(installer.install(&mut quiet()).unwrap(), runtime);
    assert_eq!(sandbox.installed_names(), [FOLDER, LOCK]);
}

#[test]
fn leftovers_are_removed_after_waiting_for_another_installation() {
    let (sandbox, installer, runtime) = installed();
    let (folder, aside) = (sandbox.root().join(FOLDER), sandbox.path("aside"));
    let lock = File::create(sandbox.root().join(LOCK)).unwrap();
    fs4::FileExt::lock(&lock).unwrap();
    fs::rename(&folder, &aside).unwrap();
    fs::create_dir_all(sandbox.root().join(WORK).join("tree/half")).unwrap();
    let mut lock = Some(lock);
    // The other one ends while this one waits.
    let waiting = &mut |step: &Step| {
        assert_eq!(*step, Step::Waiting);
        fs::rename(&aside, &folder).unwrap();
        lock = None;
    };
    assert_eq!(installer.install(waiting).unwrap(), runtime);
    assert_eq!(sandbox.installed_names(), [FOLDER, LOCK]);
}

#[test]
fn a_lock_that_is_never_released_is_an_error() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm_serving(&archive);
    fs::create_dir_all(sandbox.root()).unwrap();
    let lock = File::create(sandbox.root().join(LOCK)).unwrap();
    fs4::FileExt::lock(&lock).unwrap();
    let mut steps = Vec::new();
    let installer = sandbox.installer(&archive);
    let error = installer
        .with_lock_limit(Duration::from_millis(200))
        .install(&mut |step: &Step| steps.push(step.clone()))
        .unwrap_err();
    assert!(matches!(error, Error::LockTimedOut { .. }), "{error:?}");
    assert!(error.to_string().contains(LOCK), "{error}");
    assert_eq!(steps, [Step::Waiting]);
}

#[test]
fn modes_are_masked() {
    let sandbox = Sandbox::new();
    let vendor = format!("package/vendor/{TRIPLE}");
    let archive = archive(&[
        (&format!("{vendor}/path/"), 0o777, ""),
        (&format!("{vendor}/codex/codex"), 0o6777, "#!/bin/sh\n"),
        (&format!("{vendor}/path/notes"), 0o666, "notes"),
    ]);
    sandbox.npm_serving(&archive);
    let runtime = sandbox.installer(&archive).install(&mut quiet()).unwrap();
    assert_eq!(mode(runtime.binary()), 0o755);
    assert_eq!(mode(&runtime.path_dir().unwrap().join("notes")), 0o644);
    assert_eq!(mode(runtime.path_dir().unwrap()), 0o755);
    assert_eq!(mode(&sandbox.root().join(FOLDER)), 0o755);
}

#[test]
fn only_a_regular_file_is_an_archive() {
    for delivery in ["ln -s ../../../served a.tgz", "mkfifo a.tgz", "mkdir a.tgz"] {
        let sandbox = Sandbox::new();
        let archive = package();
        fs::write(sandbox.path("served"), &archive).unwrap();
        sandbox.npm(delivery);
        let error = sandbox.installer(&archive).install(&mut quiet());
        let error = error.unwrap_err();
        assert!(matches!(error, Error::DownloadFailed { .. }), "{error:?}");
    }
}

/// A named pipe would be waited for, and a device never ends.
#[test]
fn only_a_regular_file_is_an_archive_of_the_users() {
    let sandbox = Sandbox::new();
    let archive = package();
    let pipe = sandbox.path("pipe.tgz");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let folder = sandbox.path("folder.tgz");
    fs::create_dir(&folder).unwrap();
    for path in [&*pipe, &*folder, Path::new("/dev/zero")] {
        let environment = Environment::empty()
            .with_runtime_dir(sandbox.root())
            .with_npm("/nowhere/npm")
            .with_runtime_archive(path);
        let installer = Installer::new(&environment)
            .unwrap()
            .with_target(codex_runtime::Target::LinuxX64)
            .with_pin(crate::fake::pin(&archive));
        let error = installer.install(&mut quiet()).unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(source, "it is not a regular file", "{error}");
    }
}

/// Returns true if the process with this PID runs.
#[cfg(target_os = "linux")]
fn is_running(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default();
    !state.is_empty() && !state.trim_start().starts_with(['Z', 'X'])
}

#[cfg(target_os = "linux")]
#[test]
fn the_children_of_npm_end_with_it() {
    for (last, succeeds) in [("", true), ("wait", false)] {
        let sandbox = Sandbox::new();
        let archive = package();
        let served = sandbox.path("served");
        fs::write(&served, &archive).unwrap();
        let file = sandbox.path("child");
        sandbox.npm(&format!(
            "cp '{}' a.tgz; setsid sleep 1000 & echo $! > '{}'; {last}",
            served.display(),
            file.display()
        ));
        let installer = sandbox.installer(&archive);
        let installer = installer.with_download_limit(Duration::from_secs(2));
        assert_eq!(installer.install(&mut quiet()).is_ok(), succeeds);
        let child = fs::read_to_string(file).unwrap();
        let begin = Instant::now();
        while is_running(&child) {
            assert!(begin.elapsed() < Duration::from_secs(60), "{child}");
            std::thread::yield_now();
        }
    }
}

#[test]
fn the_output_of_npm_is_bounded() {
    let sandbox = Sandbox::new();
    let archive = package();
    sandbox.npm("head -c 50000000 /dev/zero | tr '\\0' 'x' | tee /dev/stderr; exit 1");
    let error = sandbox.installer(&archive).install(&mut quiet());
    let text = error.unwrap_err().to_string();
    assert!(text.len() < 64 * 1024, "{}", text.len());
}

#[test]
fn a_pin_cannot_name_what_leads_elsewhere() {
    let pin = |package: &str, version: &str, triple: &str| {
        let integrity = crate::fake::integrity(b"x");
        Pin::parse(&format!(
            "version = '1.2.3'\npackage = '{package}'\n[targets.linux-x64]\n\
             version = '{version}'\ntriple = '{triple}'\nintegrity = '{integrity}'\n"
        ))
    };
    pin("@scope/name", "1.2.3-linux-x64", TRIPLE).unwrap();
    for triple in ["../../elsewhere", "/etc", "a/b", "", ".", "-x", "a b"] {
        let error = pin("@scope/name", "1.2.3", triple).unwrap_err().to_string();
        assert!(error.contains("targets.linux-x64.triple"), "{error}");
    }
    for package in ["--global", "a b", "", "file:x"] {
        assert!(pin(package, "1.2.3", TRIPLE).is_err(), "{package}");
    }
    for version in ["latest x", "../1", ""] {
        assert!(pin("name", version, TRIPLE).is_err(), "{version}");
    }
}

#[test]
fn an_archive_of_the_users_is_installed_without_npm() {
    let sandbox = Sandbox::new();
    let archive = package();
    let file = sandbox.path("runtime.tgz");
    fs::write(&file, &archive).unwrap();
    let installer = |file: &Path| {
        let environment = Environment::empty()
            .with_runtime_dir(sandbox.root())
            .with_npm("/nowhere/npm")
            .with_runtime_archive(file);
        Installer::new(&environment)
            .unwrap()
            .with_target(codex_runtime::Target::LinuxX64)
            .with_pin(crate::fake::pin(&archive))
    };
    let wrong = sandbox.path("wrong.tgz");
    fs::write(&wrong, "wrong").unwrap();
    let error = installer(&wrong).install(&mut quiet()).unwrap_err();
    assert!(matches!(error, Error::WrongArchive { .. }), "{error:?}");
    assert!(wrong.exists());
    installer(&file).install(&mut quiet()).unwrap();
    installer(&file).verify().unwrap();
    assert!(file.exists());
    assert_eq!(sandbox.installed_names(), [FOLDER, LOCK]);
}

#[test]
fn a_missing_runtime_names_the_codex_on_the_search_path() {
    let sandbox = Sandbox::new();
    let other = script(&sandbox.path("bin/codex"), "echo codex-cli 0.1.0");
    let environment = sandbox.environment();
    let error = codex_runtime::locate(&RuntimeSource::Pinned, &environment).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("runtime::install()") && !text.contains("xtask"),
        "{text}"
    );
    let environment = environment.with_search_path(sandbox.path("bin"));
    let error = codex_runtime::locate(&RuntimeSource::Pinned, &environment).unwrap_err();
    assert!(
        error.to_string().contains(other.to_str().unwrap()),
        "{error}"
    );
}
