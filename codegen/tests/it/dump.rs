//! The dump in `schema/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use codegen::{Inputs, Output};

/// The dump of the pinned runtime.
pub(crate) static INPUTS: LazyLock<Inputs> = LazyLock::new(|| {
    let root = root().join("schema");
    let read = |flavor: &str| {
        let path = format!("{flavor}/codex_app_server_protocol.schemas.json");
        fs::read_to_string(root.join(path)).unwrap()
    };
    let mut typescript = BTreeMap::new();
    let folder = root.join("ts/experimental");
    read_folder(&folder, &folder, &mut typescript);
    Inputs {
        stable: read("stable"),
        experimental: read("experimental"),
        typescript: Some(typescript),
        runtime_version: version(&fs::read_to_string(root.join("provenance.toml")).unwrap()),
        unreviewed_runtime: false,
        history: Some(fs::read_to_string(root.join("history.json")).unwrap()),
    }
});

/// The files generated from it.
pub(crate) static OUTPUT: LazyLock<Output> =
    LazyLock::new(|| codegen::generate(&INPUTS).unwrap_or_else(|error| panic!("{error}")));

/// The version in the provenance of the dump.
fn version(provenance: &str) -> String {
    let mut lines = provenance.lines();
    let version = lines.find_map(|line| line.strip_prefix("runtime_version = "));
    version.unwrap().trim_matches('"').to_owned()
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read_folder(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(root, &path, files);
        } else {
            let steps = path.strip_prefix(root).unwrap().iter();
            let steps: Vec<_> = steps.map(|step| step.to_str().unwrap()).collect();
            files.insert(steps.join("/"), fs::read_to_string(&path).unwrap());
        }
    }
}
