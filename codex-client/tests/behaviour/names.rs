//! The tables in the README name tests that exist.

use std::path::Path;

/// All the code of the crate, tests included.
fn code(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&code(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
    all
}

#[test]
fn every_named_test_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code = code(&root.join("tests")) + &code(&root.join("src"));
    let readme = std::fs::read_to_string(root.join("tests/README.md")).unwrap();
    let quoted = readme.split('`').skip(1).step_by(2);
    let names: Vec<&str> = quoted.filter(|name| name.split("::").count() > 2).collect();
    assert!(names.len() > 100, "the tables were found");
    let is_missing = |name: &&&str| {
        let test = name.rsplit("::").next().unwrap_or_default();
        !["()", "<F: Face>()"]
            .iter()
            .any(|rest| code.contains(&format!("fn {test}{rest}")))
    };
    let missing: Vec<_> = names.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
