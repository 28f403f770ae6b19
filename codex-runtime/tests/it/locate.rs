//! Finding: the order of the sources, and that a broken answer never falls through.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use codex_runtime::{
    Environment, Error, Pin, Runtime, RuntimeOrigin, RuntimeSource, VersionPolicy, locate,
};

use crate::fake::{MANIFEST, Sandbox, package, pin, script};

#[test]
fn auto_prefers_codex_bin() {
    let sandbox = Sandbox::new();
    let binary = script(&sandbox.path("codex"), "");
    let environment = sandbox.environment().with_codex_bin(&binary);
    let runtime = locate(&RuntimeSource::Auto, &environment).unwrap();
    assert_eq!(runtime.binary(), binary);
    assert_eq!(runtime.origin(), RuntimeOrigin::CodexBin);
    assert_eq!(runtime.path_dir(), None);
}

#[test]
fn auto_without_an_installation_ignores_path() {
    let sandbox = Sandbox::new();
    script(&sandbox.path("bin/codex"), "");
    let environment = sandbox.environment().with_search_path(sandbox.path("bin"));
    for source in [RuntimeSource::Auto, RuntimeSource::Pinned] {
        let error = locate(&source, &environment).unwrap_err();
        assert!(matches!(error, Error::NotInstalled { .. }), "{error:?}");
        let message = error.to_string();
        for hint in [
            "Codex::builder().install(Install::IfMissing)",
            "codex_client::runtime::install()",
            "codex_runtime::install()",
            "CODEX_BIN",
        ] {
            assert!(message.contains(hint), "{message}");
        }
    }
}

#[test]
fn codex_on_path_is_named_with_its_version_and_its_use() {
    let sandbox = Sandbox::new();
    let environment = sandbox.environment().with_search_path(sandbox.path("bin"));
    let other = || {
        let error = locate(&RuntimeSource::Auto, &environment).unwrap_err();
        let message = error.to_string();
        let Error::NotInstalled { on_path, .. } = error else {
            panic!("{error}");
        };
        (on_path, message)
    };
    assert_eq!(other().0, None);
    for (body, version, words) in [
        (
            "echo codex-cli 0.98.7",
            Some("0.98.7"),
            "codex 0.98.7 is on PATH",
        ),
        ("echo nonsense", None, "codex is on PATH"),
        ("exit 3", None, "codex is on PATH"),
        ("exec sleep 600", None, "codex is on PATH"),
    ] {
        let binary = script(&sandbox.path("bin/codex"), body);
        let (found, message) = other();
        let found = found.unwrap();
        assert_eq!(found.binary, binary);
        let reported = found.version.map(|version| version.to_string());
        assert_eq!(reported.as_deref(), version);
        let binary = binary.display();
        for part in [
            words.to_owned(),
            format!("CODEX_BIN={binary}"),
            format!(".binary(\"{binary}\")"),
            ".runtime(RuntimeSource::Path)".to_owned(),
        ] {
            assert!(message.contains(&part), "{message}");
        }
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn an_environment_may_have_a_pin_of_its_own() {
    let sandbox = Sandbox::new();
    let archive = package();
    let environment = sandbox.environment().with_pin(pin(&archive));
    let error = locate(&RuntimeSource::Pinned, &environment).unwrap_err();
    assert!(error.to_string().contains("codex runtime 1.2.3"), "{error}");
}

#[test]
fn pinned_ignores_codex_bin() {
    let sandbox = Sandbox::new();
    let binary = script(&sandbox.path("codex"), "");
    let environment = sandbox.environment().with_codex_bin(binary);
    let error = locate(&RuntimeSource::Pinned, &environment).unwrap_err();
    assert!(matches!(error, Error::NotInstalled { .. }), "{error:?}");
}

#[test]
fn a_broken_codex_bin_is_an_error_that_names_it() {
    let sandbox = Sandbox::new();
    let environment = sandbox.environment().with_codex_bin(sandbox.path("absent"));
    let error = locate(&RuntimeSource::Auto, &environment).unwrap_err();
    assert!(matches!(error, Error::BinaryMissing { .. }), "{error:?}");
    assert!(error.to_string().contains("CODEX_BIN"), "{error}");
}

#[test]
fn a_binary_has_to_be_an_executable_file() {
    let sandbox = Sandbox::new();
    let environment = Environment::empty();
    let find = |name: &str| locate(&RuntimeSource::Binary(sandbox.path(name)), &environment);

    let binary = script(&sandbox.path("codex"), "");
    assert_eq!(find("codex").unwrap().origin(), RuntimeOrigin::Explicit);
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o644)).unwrap();
    let error = find("codex").unwrap_err();
    assert!(matches!(error, Error::NotExecutable { .. }), "{error:?}");
    assert!(error.to_string().contains("chmod"), "{error}");
    fs::create_dir(sandbox.path("folder")).unwrap();
    assert!(matches!(
        find("folder").unwrap_err(),
        Error::BinaryMissing { .. }
    ));
}

#[test]
fn path_is_searched_only_on_request() {
    let sandbox = Sandbox::new();
    let binary = script(&sandbox.path("bin/codex"), "");
    let environment = sandbox.environment().with_search_path(sandbox.path("bin"));
    let runtime = locate(&RuntimeSource::Path, &environment).unwrap();
    assert_eq!(runtime.binary(), binary);
    assert_eq!(runtime.origin(), RuntimeOrigin::SearchPath);

    for environment in [
        sandbox.environment(),
        sandbox
            .environment()
            .with_search_path(sandbox.path("empty")),
    ] {
        let error = locate(&RuntimeSource::Path, &environment).unwrap_err();
        assert!(matches!(error, Error::NotOnPath), "{error:?}");
    }
}

#[test]
fn an_explicit_binary_inside_a_package_brings_its_helpers() {
    let sandbox = Sandbox::new();
    let binary = script(&sandbox.path("package/bin/codex"), "");
    script(&sandbox.path("package/codex-path/rg"), "");
    fs::write(sandbox.path("package/codex-package.json"), MANIFEST).unwrap();
    let runtime = locate(&RuntimeSource::Binary(binary), &Environment::empty()).unwrap();
    assert_eq!(
        runtime.path_dir(),
        Some(sandbox.path("package/codex-path").as_path())
    );

    let other = script(&sandbox.path("package/bin/other"), "");
    let runtime = locate(&RuntimeSource::Binary(other), &Environment::empty()).unwrap();
    assert_eq!(runtime.path_dir(), None);
}

#[test]
fn the_version_is_read_from_what_the_binary_prints() {
    let sandbox = Sandbox::new();
    let version = |body: &str| sandbox.codex(body).version();
    assert_eq!(
        version("echo codex-cli 0.170.0-alpha.3")
            .unwrap()
            .to_string(),
        "0.170.0-alpha.3"
    );
    for body in [
        "echo hello",
        "echo codex-cli 1.2.3; echo broken >&2; exit 3",
    ] {
        let error = version(body).unwrap_err();
        assert!(
            matches!(error, Error::VersionUnreadable { .. }),
            "{error:?}"
        );
    }
    assert!(
        version("echo 'libfoo is missing' >&2; exit 127")
            .unwrap_err()
            .to_string()
            .contains("libfoo")
    );
}

#[test]
fn silent_binary_is_stopped() {
    let sandbox = Sandbox::new();
    let runtime = sandbox.codex("exec sleep 600");
    let error = runtime
        .version_within(Duration::from_millis(100))
        .unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
}

#[test]
fn a_binary_that_is_not_a_program_is_named() {
    let sandbox = Sandbox::new();
    let binary = script(&sandbox.path("codex"), "");
    fs::write(&binary, [0_u8, 1, 2]).unwrap();
    let runtime = locate(
        &RuntimeSource::Binary(binary.clone()),
        &Environment::empty(),
    )
    .unwrap();
    let error = runtime.version().unwrap_err();
    assert!(
        matches!(&error, Error::Start { binary: named, .. } if *named == binary),
        "{error:?}"
    );
}

fn reporting(sandbox: &Sandbox, version: &str) -> Runtime {
    sandbox.codex(&format!("echo codex-cli {version}"))
}

#[test]
fn the_policy_decides_about_another_version() {
    let sandbox = Sandbox::new();
    let runtime = reporting(&sandbox, "0.1.0");
    assert_eq!(runtime.check_version(VersionPolicy::Ignore).unwrap(), None);
    let mismatch = runtime.check_version(VersionPolicy::Warn).unwrap().unwrap();
    assert!(
        mismatch
            .to_string()
            .contains("0.1.0, older than the pinned"),
        "{mismatch}"
    );
    let error = runtime.check_version(VersionPolicy::Refuse).unwrap_err();
    assert!(matches!(error, Error::WrongVersion(_)), "{error:?}");
    assert!(error.to_string().contains("install"), "{error}");

    let newer = reporting(&sandbox, "99.0.0")
        .check_version(VersionPolicy::Warn)
        .unwrap()
        .unwrap();
    assert!(newer.to_string().contains("newer"), "{newer}");
}

#[test]
fn the_pinned_version_passes_every_policy() {
    let sandbox = Sandbox::new();
    let runtime = reporting(&sandbox, &Pin::current().version().to_string());
    for policy in [
        VersionPolicy::Ignore,
        VersionPolicy::Warn,
        VersionPolicy::Refuse,
    ] {
        assert_eq!(runtime.check_version(policy).unwrap(), None);
    }
}
