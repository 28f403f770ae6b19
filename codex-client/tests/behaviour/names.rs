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
        "types" => vec![format!("tests/it/{module}.rs")],
        _ => vec![
            format!("tests/{binary}/{module}.rs"),
            format!("tests/{binary}/scenarios/{module}.rs"),
        ],
    };
    let root = Path::new(ROOT);
    let root = match binary {
        "kit" => root.join("../codex-testing"),
        "exec" => root.join("../codex-exec"),
        "types" => root.join("../codex-types"),
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

/// The tables of the tests.
fn tables() -> String {
    std::fs::read_to_string(Path::new(ROOT).join("tests/README.md")).unwrap()
}

/// The section of a document with this heading, without those below it.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, rest) = document.split_once(&format!("\n{heading}\n")).unwrap();
    rest.split_once("\n## ")
        .map_or(rest, |(section, _)| section)
}

/// The cells of a table, without its head.
fn cells(section: &str) -> Vec<Vec<&str>> {
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// The sentences of a list, without the labels in front.
fn sentences(section: &str) -> Vec<String> {
    let list = section
        .split("\n\n")
        .find(|part| part.trim_start().starts_with("- "));
    let points = format!("\n{}", list.unwrap().trim());
    let points = points.split("\n- ").skip(1).map(|point| {
        let words: Vec<&str> = point.split_whitespace().collect();
        let point = words.join(" ");
        let (_, text) = point.rsplit_once(".** ").unwrap();
        text.trim_end_matches('.').to_owned()
    });
    let sentences = points.flat_map(|point| {
        let sentences = point.split(". ").map(|sentence| format!("{sentence}."));
        sentences.collect::<Vec<_>>()
    });
    sentences.collect()
}

/// The promises of the README: its sentences, and its table of platforms as far as it is tested.
fn promises() -> Vec<String> {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("../README.md")).unwrap();
    let guarantees = section(&readme, "## Guarantees");
    let mut promises = sentences(guarantees);
    for row in cells(guarantees) {
        promises.push(format!("Linux: {}: {}", row[0], row[1]));
    }
    promises
}

#[test]
fn every_promise_has_its_tests() {
    let tables = tables();
    let rows = cells(section(&tables, "### Promises"));
    let named: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    let promises = promises();
    assert!(promises.len() > 20, "{promises:#?}");
    let missing: Vec<_> = promises
        .iter()
        .filter(|it| !named.contains(&it.as_str()))
        .collect();
    assert!(missing.is_empty(), "no row has {missing:#?}");
    let stale: Vec<_> = named
        .iter()
        .filter(|it| !promises.contains(&(**it).to_owned()))
        .collect();
    assert!(stale.is_empty(), "the README does not have {stale:#?}");
    for row in &rows {
        let mut tests = row[1].split('`').skip(1).step_by(2).peekable();
        assert!(tests.peek().is_some(), "{row:?}");
        assert!(tests.all(exists), "{row:?}");
    }
}

#[test]
fn every_named_test_exists() {
    let readme = tables();
    let quoted = readme.split('`').skip(1).step_by(2);
    let names: Vec<&str> = quoted
        .filter(|name| name.split("::").count() > 2 && !name.contains('*'))
        .collect();
    assert!(names.len() > 150, "the tables were found");
    let missing: Vec<_> = names.iter().filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
