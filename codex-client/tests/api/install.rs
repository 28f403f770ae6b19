//! The installation of the runtime by the builder: from an archive of a package that runs the real
//! runtime.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, thread};

use codex_client::runtime::{self, Environment, Installer, Pin, RuntimeSource, Step, Target};
use codex_client::{Codex, CodexBuilder, Error, Install, Launch, blocking};
use codex_testing::{AppServerHarness, Reply};
use tempfile::TempDir;

use crate::support::harness_with;

const LIMIT: Duration = Duration::from_secs(60);
const TRIPLE: &str = "some-triple";

/// An archive, and a folder to install it to.
struct Place {
    folder: TempDir,
    environment: Environment,
}

impl Place {
    /// With a package that runs the runtime of a harness.
    fn new(harness: &AppServerHarness) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let archive = pack(folder.path(), harness.runtime().binary());
        let environment = Environment::empty()
            .with_runtime_dir(folder.path().join("root"))
            .with_npm(folder.path().join("no-npm"))
            .with_runtime_archive(archive);
        // The pin needs the hash, which an attempt with another one reveals.
        let unknown = environment.clone().with_pin(pin(&"A".repeat(86)));
        let error = Installer::new(&unknown).unwrap();
        let error = error.install(&mut |_: &Step| {}).unwrap_err();
        let runtime::Error::WrongArchive { actual, .. } = error else {
            panic!("{error}");
        };
        let hash = actual.trim_start_matches("sha512-");
        let environment = environment.with_pin(pin(hash.trim_end_matches('=')));
        Self {
            folder,
            environment,
        }
    }

    fn launch(&self, harness: &AppServerHarness) -> Launch {
        harness
            .launch()
            .runtime(RuntimeSource::Auto)
            .environment(self.environment.clone())
    }

    fn builder(&self, harness: &AppServerHarness) -> CodexBuilder {
        Codex::builder()
            .launch(self.launch(harness))
            .install(Install::IfMissing)
    }

    fn installed(&self) -> Option<PathBuf> {
        let installer = Installer::new(&self.environment).unwrap();
        let installed = installer.installed().unwrap();
        installed.map(|runtime| runtime.binary().to_path_buf())
    }
}

fn pin(hash: &str) -> Pin {
    let target = Target::current().unwrap();
    let text = format!(
        "version = '1.2.3'\npackage = '@scope/name'\n[targets.{target}]\n\
         version = '1.2.3-here'\ntriple = '{TRIPLE}'\nintegrity = 'sha512-{hash}=='\n"
    );
    Pin::parse(&text).unwrap()
}

fn pack(folder: &Path, real: &Path) -> PathBuf {
    let vendor = folder.join("package/vendor").join(TRIPLE);
    fs::create_dir_all(vendor.join("bin")).unwrap();
    fs::create_dir(vendor.join("codex-path")).unwrap();
    let manifest =
        r#"{"layoutVersion":1,"version":"1.2.3","entrypoint":"bin/codex","pathDir":"codex-path"}"#;
    fs::write(vendor.join("codex-package.json"), manifest).unwrap();
    script(
        &vendor.join("bin/codex"),
        &format!("exec '{}' \"$@\"", real.display()),
    );
    script(&vendor.join("codex-path/rg"), "exit 1");
    let archive = folder.join("archive.tgz");
    let mut tar = Command::new("tar");
    tar.arg("czf").arg(&archive).arg("package");
    assert!(tar.current_dir(folder).status().unwrap().success());
    archive
}

fn script(path: &Path, body: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

type Steps = Arc<Mutex<Vec<Step>>>;

/// Collects the steps, and waits at the first one for a message.
fn collecting(steps: &Steps, go_on: Receiver<()>) -> impl Fn(&Step) + Send + Sync + use<> {
    let (steps, go_on) = (Arc::clone(steps), Mutex::new(Some(go_on)));
    move |step| {
        steps.lock().unwrap().push(step.clone());
        if let Some(go_on) = go_on.lock().unwrap().take() {
            go_on.recv_timeout(LIMIT).unwrap();
        }
    }
}

fn assert_whole(steps: &Steps) {
    let steps = steps.lock().unwrap();
    let is_whole = |done: u64, total: u64| done == total && total > 0;
    let verified = |step: &Step| matches!(step, Step::Verifying { done, total, .. } if is_whole(*done, *total));
    let unpacked = |step: &Step| matches!(step, Step::Unpacking { done, total, .. } if is_whole(*done, *total));
    assert!(steps.iter().any(verified), "{steps:?}");
    assert!(steps.iter().any(unpacked), "{steps:?}");
}

#[tokio::test]
async fn missing_runtime_is_installed_without_blocking_the_executor() {
    let harness = harness_with([Reply::assistant("installed")]);
    let place = Place::new(&harness);
    let steps = Steps::default();
    let (send, go_on) = channel();
    let builder = place.builder(&harness);
    let build = builder.install_progress(collecting(&steps, go_on)).build();
    // On one thread: it can only be sent while the installation is awaited.
    let sent = tokio::spawn(async move { send.send(()).unwrap() });
    let codex = build.await.unwrap();
    sent.await.unwrap();
    assert_whole(&steps);
    assert!(place.installed().is_some());
    let thread = codex.thread_start().await.unwrap();
    let result = thread.run("hello").await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("installed"));
    // The next one finds it, and reports nothing.
    steps.lock().unwrap().clear();
    let (_send, never) = channel();
    let builder = place.builder(&harness);
    let builder = builder.install_progress(collecting(&steps, never));
    builder.build().await.unwrap();
    assert_eq!(steps.lock().unwrap().len(), 0);
}

#[test]
fn missing_runtime_is_installed_for_the_blocking_api() {
    let harness = harness_with([Reply::assistant("installed")]);
    let place = Place::new(&harness);
    let steps = Steps::default();
    let (send, go_on) = channel();
    send.send(()).unwrap();
    let codex = blocking::Codex::builder()
        .launch(place.launch(&harness))
        .install(Install::IfMissing)
        .install_progress(collecting(&steps, go_on))
        .build()
        .unwrap();
    assert_whole(&steps);
    let thread = codex.thread_start().call().unwrap();
    let result = thread.run("hello").call().unwrap();
    assert_eq!(result.final_response.as_deref(), Some("installed"));
}

#[tokio::test]
async fn installation_continues_without_the_future_that_waits_for_it() {
    let harness = harness_with([]);
    let place = Place::new(&harness);
    let steps = Steps::default();
    let (send, go_on) = channel();
    let builder = place.builder(&harness);
    let build = builder.install_progress(collecting(&steps, go_on)).build();
    let build = tokio::spawn(build);
    while steps.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    build.abort();
    assert!(build.await.unwrap_err().is_cancelled());
    assert_eq!(place.installed(), None);
    send.send(()).unwrap();
    // Waits for the lock of the other one, if that is not yet through.
    place.builder(&harness).build().await.unwrap();
    assert!(place.installed().is_some());
}

#[tokio::test]
async fn only_the_pinned_runtime_is_installed_and_only_if_asked() {
    let harness = harness_with([]);
    let place = Place::new(&harness);
    let launch = place.launch(&harness);
    let error = Codex::builder().launch(launch).build().await.unwrap_err();
    let Error::Runtime(missing) = &error else {
        panic!("{error}");
    };
    assert!(matches!(**missing, runtime::Error::NotInstalled { .. }));
    assert!(error.to_string().contains("Install::IfMissing"), "{error}");
    let named = place.environment.clone();
    let named = named.with_codex_bin(harness.runtime().binary());
    for launch in [
        place.launch(&harness).environment(named),
        place.launch(&harness).binary(harness.runtime().binary()),
    ] {
        let builder = Codex::builder().launch(launch).install(Install::IfMissing);
        builder.build().await.unwrap();
        assert_eq!(place.installed(), None);
    }
}

#[tokio::test]
async fn failed_installation_is_the_error_of_the_builder() {
    let harness = harness_with([]);
    let place = Place::new(&harness);
    let archive = place.folder.path().join("archive.tgz");
    fs::write(&archive, "something else").unwrap();
    let error = place.builder(&harness).build().await.unwrap_err();
    assert!(
        error.to_string().contains("CODEX_RUNTIME_ARCHIVE"),
        "{error}"
    );
    // The user's archive is left alone, and nothing is installed.
    assert_eq!(fs::read_to_string(&archive).unwrap(), "something else");
    assert_eq!(place.installed(), None);
}

#[test]
fn two_builders_install_once() {
    let harness = harness_with([]);
    let place = Arc::new(Place::new(&harness));
    let launch = place.launch(&harness);
    let steps = Steps::default();
    let build = |launch: Launch| {
        let (send, go_on) = channel();
        send.send(()).unwrap();
        let builder = blocking::Codex::builder().launch(launch);
        let builder = builder.install(Install::IfMissing);
        let builder = builder.install_progress(collecting(&steps, go_on));
        thread::spawn(move || builder.build().map(drop))
    };
    let builds = [build(launch.clone()), build(launch)];
    for build in builds {
        build.join().unwrap().unwrap();
    }
    let steps = steps.lock().unwrap();
    let begun = |step: &&Step| matches!(step, Step::Unpacking { done, total, .. } if done == total);
    assert!(steps.iter().filter(begun).count() >= 1);
    let verified = |step: &&Step| matches!(step, Step::Verifying { done: 0, .. });
    assert_eq!(steps.iter().filter(verified).count(), 1, "{steps:?}");
}
