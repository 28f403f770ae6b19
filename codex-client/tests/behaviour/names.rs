//! The tables in the README name tests that exist.

use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The files that can have the tests of a module: its own, or that of its tests. The scenarios of
/// `behaviour` have a folder of their own.
fn files(binary: &str, modules: &[&str]) -> Vec<PathBuf> {
    let module = modules.join("/");
    let parent = modules
        .split_last()
        .map_or(String::new(), |(_, parents)| parents.join("/"));
    let places = match binary {
        "src" => vec![
            format!("src/{module}.rs"),
            format!("src/{module}/tests.rs"),
            format!("src/{parent}.rs"),
        ],
        _ => vec![
            format!("tests/{binary}/{module}.rs"),
            format!("tests/{binary}/scenarios/{module}.rs"),
        ],
    };
    let root = Path::new(ROOT);
    let root = match binary {
        "kit" => root.join("../codex-testing"),
        "exec" => root.join("../codex-exec"),
        _ => root.to_owned(),
    };
    places.into_iter().map(|place| root.join(place)).collect()
}

/// Returns whether there is a test with this path, `binary::module::test`.
fn exists(name: &str) -> bool {
    let segments: Vec<&str> = name.split("::").collect();
    let [binary, modules @ .., test] = &segments[..] else {
        return false;
    };
    let beginnings = ["()", "<M: Mode>()", "<A: Api>()"].map(|rest| format!("fn {test}{rest}"));
    files(binary, modules).iter().any(|file| {
        let code = std::fs::read_to_string(file).unwrap_or_default();
        beginnings.iter().any(|beginning| code.contains(beginning))
    })
}

#[test]
fn every_named_test_exists() {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("tests/README.md")).unwrap();
    let quoted = readme.split('`').skip(1).step_by(2);
    let names: Vec<&str> = quoted
        .filter(|name| name.split("::").count() > 2 && !name.contains('*'))
        .collect();
    assert!(names.len() > 150, "the tables were found");
    let missing: Vec<_> = names.iter().filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
