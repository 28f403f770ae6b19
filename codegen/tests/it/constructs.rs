//! One fixture per construct of the schema, with the emitted code.
//!
//! The target `emitted` compiles each file and passes a value through it.

use std::collections::BTreeSet;
use std::fs;

use codegen::Inputs;

use crate::fixture::{Fixture, assert_emitted, document, emitted, folder, generate};

#[track_caller]
fn check(construct: &str) {
    let output = generate(&Fixture::read(construct));
    assert_emitted(&format!("{construct}.rs"), &emitted(&output, "common"));
}

macro_rules! constructs {
    ($($construct:ident)*) => {
        const CONSTRUCTS: &[&str] = &[$(stringify!($construct)),*];

        $(
            #[test]
            fn $construct() {
                check(stringify!($construct));
            }
        )*
    };
}

for_each_construct!(constructs);

/// The files that make up the emitted protocol, beside the models of its types.
const MESSAGES: &[&str] = &[
    "client_notification",
    "client_request",
    "client_response",
    "common",
    "methods",
    "notifications",
    "registry",
    "server_notification",
    "server_request",
    "server_response",
];

#[test]
fn messages() {
    let definitions = Fixture::read("messages").definitions().clone();
    let inputs = Inputs {
        stable: document(&definitions),
        experimental: document(&definitions),
        runtime_version: String::from("0.0.0"),
        ..Inputs::default()
    };
    let output = codegen::generate(&inputs).unwrap();
    for file in MESSAGES {
        assert_emitted(&format!("messages/{file}.rs"), &emitted(&output, file));
    }
}

#[test]
fn every_file_belongs_to_a_construct() {
    let mut expected: BTreeSet<String> = CONSTRUCTS.iter().map(|&name| name.to_owned()).collect();
    expected.insert("messages".to_owned());
    assert_eq!(stems("fixtures", "json"), expected);
    // Hand-written files.
    let tests = ["main", "mutants", "prelude", "protocol", "values"];
    expected.extend(tests.map(str::to_owned));
    assert_eq!(stems("emitted", "rs"), expected);
}

fn stems(name: &str, extension: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder(name)).unwrap();
    let paths = files.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}
