//! The dump in `schema/`, for the tests of this crate.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::TypeScript;
use crate::Inputs;
use crate::bundle::{self, Bundle};

/// The JSON of the dump.
pub(crate) fn inputs() -> Inputs {
    let read = |flavor: &str| {
        let file = format!("{flavor}/codex_app_server_protocol.schemas.json");
        std::fs::read_to_string(root().join(file)).unwrap()
    };
    Inputs {
        stable: read("stable"),
        experimental: read("experimental"),
        ..Inputs::default()
    }
}

/// The JSON of the dump, with its fixups and without TypeScript's corrections.
pub(crate) fn bundle() -> Bundle {
    let mut problems = Vec::new();
    let mut bundle = bundle::read(&inputs(), &mut problems).unwrap();
    problems.extend(bundle.settle());
    assert!(problems.is_empty(), "{problems:?}");
    bundle
}

/// The files of the TypeScript dump by path.
pub(crate) fn files() -> BTreeMap<String, String> {
    let root = root().join("ts/experimental");
    let mut files = BTreeMap::new();
    read_folder(&root, &root, &mut files);
    files
}

/// The TypeScript dump.
pub(crate) fn typescript() -> TypeScript {
    TypeScript::parse(&files()).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema")
}

fn read_folder(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(root, &path, files);
        } else {
            let steps = path.strip_prefix(root).unwrap().iter();
            let steps: Vec<_> = steps.map(|step| step.to_str().unwrap()).collect();
            files.insert(steps.join("/"), std::fs::read_to_string(&path).unwrap());
        }
    }
}
