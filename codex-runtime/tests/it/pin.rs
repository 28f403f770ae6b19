//! The pin file and the platforms it covers.

use codex_runtime::{Error, Pin, Target};

#[test]
fn the_compiled_in_pin_covers_every_target() {
    let pin = Pin::current();
    let targets: Vec<&str> = pin.archives().map(|(target, _)| target.as_str()).collect();
    let expected = [
        "linux-x64",
        "linux-arm64",
        "darwin-x64",
        "darwin-arm64",
        "win32-x64",
        "win32-arm64",
    ];
    assert_eq!(targets, expected);
    for (target, archive) in pin.archives() {
        assert_eq!(archive.version(), format!("{}-{target}", pin.version()));
    }
}

#[test]
fn every_supported_platform_has_its_target() {
    for (os, arch, name) in [
        ("linux", "x86_64", "linux-x64"),
        ("linux", "aarch64", "linux-arm64"),
        ("macos", "x86_64", "darwin-x64"),
        ("macos", "aarch64", "darwin-arm64"),
        ("windows", "x86_64", "win32-x64"),
        ("windows", "aarch64", "win32-arm64"),
    ] {
        let target = Target::from_os_and_arch(os, arch).unwrap();
        assert_eq!(target.to_string(), name);
        Pin::current().archive(target).unwrap();
    }
}

#[test]
fn unsupported_platform_error_has_a_remedy() {
    let error = Target::from_os_and_arch("freebsd", "riscv64").unwrap_err();
    assert!(
        matches!(error, Error::UnsupportedPlatform { .. }),
        "{error:?}"
    );
    let message = error.to_string();
    assert!(
        message.contains("freebsd") && message.contains("CODEX_BIN"),
        "{message}"
    );
}

fn pin(target: &str, integrity: &str) -> Result<Pin, Error> {
    Pin::parse(&format!(
        "version = '1.2.3'\npackage = 'p'\n[targets.{target}]\nversion = '1'\ntriple = 't'\nintegrity = '{integrity}'\n"
    ))
}

#[test]
fn a_malformed_pin_names_the_place() {
    for (target, integrity, expected) in [
        ("linux-x64", "sha512-AAAA", "targets.linux-x64.integrity"),
        ("linux-x64", "sha1-AAAA", "targets.linux-x64.integrity"),
        ("beos-x64", "sha512-AAAA", "beos-x64"),
    ] {
        let error = pin(target, integrity).unwrap_err();
        assert!(matches!(error, Error::InvalidPin { .. }), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_target_outside_the_pin_is_an_error() {
    let integrity = Pin::current()
        .archive(Target::LinuxX64)
        .unwrap()
        .integrity()
        .to_owned();
    let pin = pin("linux-x64", &integrity).unwrap();
    let error = pin.archive(Target::DarwinX64).unwrap_err();
    assert!(error.to_string().contains("darwin-x64"), "{error}");
}
