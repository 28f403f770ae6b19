//! The fixtures of this crate's tests, and the code emitted for them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use codegen::fixtures::{Fixture, document, emitted, message, messages};
use serde_json::Value;

/// The folders of the emitted models: those that the server initiates, and the others.
pub(crate) const GENERATED: [&str; 2] = [
    "codex-types-core/src/generated",
    "codex-types/src/generated",
];

/// The texts of all fixtures, by their names.
pub(crate) fn texts() -> BTreeMap<String, String> {
    let files = fs::read_dir(folder("fixtures")).unwrap();
    let paths = files.map(|entry| entry.unwrap().path());
    let texts = paths.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    });
    texts.collect()
}

/// Reads the fixture of a construct.
pub(crate) fn read(construct: &str) -> Fixture {
    Fixture::parse(&texts()[construct]).unwrap()
}

/// A fixture of definitions, of which the server sends one in a notification.
pub(crate) fn told(name: &str, definitions: &Value) -> Fixture {
    Fixture::sent(&[name], &[], definitions)
}

/// A folder of this crate's tests.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}
