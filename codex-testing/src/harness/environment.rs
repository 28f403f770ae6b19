//! The environment variables the runtime gets: next to nothing of the caller's.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::folders::Folders;

/// Variables that a program needs to run at all, and to print in the locale of its user.
const INHERITED: [&str; 7] = [
    "COMSPEC",
    "LANG",
    "LC_ALL",
    "PATH",
    "PATHEXT",
    "SYSTEMROOT",
    "WINDIR",
];

/// The environment of a runtime in these folders. In particular it has no proxies, which
/// would stand between the runtime and the mock model, and no credentials.
pub(super) fn isolated(folders: &Folders, path_dir: Option<&Path>) -> BTreeMap<OsString, OsString> {
    let inherited = INHERITED
        .iter()
        .filter_map(|name| Some((OsString::from(name), env::var_os(name)?)));
    let mut environment: BTreeMap<_, _> = inherited.collect();
    let mut set = |name: &str, value: OsString| environment.insert(name.into(), value);
    set("CODEX_HOME", folders.codex_home().into());
    for name in ["HOME", "USERPROFILE"] {
        set(name, folders.home().into());
    }
    for name in ["TMPDIR", "TEMP", "TMP"] {
        set(name, folders.temporary().into());
    }
    set("CODEX_APP_SERVER_DISABLE_MANAGED_CONFIG", "1".into());
    set("RUST_LOG", "warn".into());
    if let Some(path) = path_dir.and_then(with_path_dir) {
        set("PATH", path);
    }
    environment
}

/// The search path with the runtime's helper tools in front. `None` when it cannot be written,
/// as with a folder whose name contains the separator.
fn with_path_dir(path_dir: &Path) -> Option<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).filter(|folder| folder != path_dir);
    let all: Vec<PathBuf> = std::iter::once(path_dir.to_path_buf())
        .chain(folders)
        .collect();
    env::join_paths(all).ok()
}
