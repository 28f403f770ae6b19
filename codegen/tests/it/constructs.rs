//! One fixture per construct of the schema, with the emitted code.
//!
//! The target `emitted` compiles each file and passes a value through it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use codegen::fixtures::EMITTED;
use similar::TextDiff;

use crate::dump;
use crate::fixture::texts;

#[test]
fn emitted_code_is_fresh() {
    let tree =
        codegen::fixtures::emit(&texts(), &|_, _| false).unwrap_or_else(|error| panic!("{error}"));
    let mut stale = String::new();
    for (path, emitted) in tree.iter() {
        let found = fs::read_to_string(dump::root().join(path)).unwrap_or_default();
        if found != emitted {
            let diff = TextDiff::from_lines(&found, emitted);
            writeln!(stale, "{path}:\n{}", diff.unified_diff()).unwrap();
        }
    }
    assert!(
        stale.is_empty(),
        "stale files; run `cargo xtask generate-types`\n{stale}"
    );
}

macro_rules! constructs {
    ($($construct:ident)*) => {
        const CONSTRUCTS: &[&str] = &[$(stringify!($construct)),*];
    };
}

for_each_construct!(constructs);

#[test]
fn every_fixture_is_compiled() {
    let fixtures: BTreeSet<String> = texts().into_keys().collect();
    let constructs = CONSTRUCTS.iter().map(|&name| name.to_owned());
    let others = ["messages", "mutants"].map(str::to_owned);
    assert_eq!(fixtures, constructs.chain(others).collect());
}

#[test]
fn fixture_in_another_module_is_rejected() {
    let fixture =
        r#"{ "server": ["TurnBook"], "definitions": { "TurnBook": { "type": "object" } } }"#;
    let fixtures = [("turn".to_owned(), fixture.to_owned())].into();
    let error = codegen::fixtures::emit(&fixtures, &|_, _| false)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("codegen/tests/fixtures/turn.json#/definitions/TurnBook"),
        "{error}"
    );
    let tree = codegen::fixtures::emit(&texts(), &|_, _| false).unwrap();
    assert_eq!(tree.roots(), [EMITTED]);
}
