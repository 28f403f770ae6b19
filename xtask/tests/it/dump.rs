//! Reading dumps in every layout they come in.

use std::fs;
use std::path::Path;

use xtask::dump::{Dump, EXPERIMENTAL, STABLE};

fn put(base: &Path, path: &str, contents: &str) {
    let path = base.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, contents).unwrap();
}

fn bundles(base: &Path) {
    put(base, STABLE, "stable");
    put(base, EXPERIMENTAL, "experimental");
}

#[test]
fn typescript_is_read_from_either_folder_and_may_be_absent() {
    for folder in ["ts/experimental", "typescript"] {
        let base = tempfile::tempdir().unwrap();
        bundles(base.path());
        assert_eq!(Dump::read(base.path()).unwrap().typescript, None);
        put(base.path(), &format!("{folder}/v2/Thread.ts"), "thread");
        put(base.path(), &format!("{folder}/index.ts"), "index");
        put(base.path(), &format!("{folder}/notes.md"), "not TypeScript");
        let dump = Dump::read(base.path()).unwrap();
        assert_eq!(
            (dump.stable.as_str(), dump.experimental.as_str()),
            ("stable", "experimental")
        );
        let files: Vec<(String, String)> = dump.typescript.unwrap().into_iter().collect();
        let expected = [("index.ts", "index"), ("v2/Thread.ts", "thread")];
        assert_eq!(
            files,
            expected.map(|(path, text)| (path.to_owned(), text.to_owned()))
        );
    }
}

#[test]
fn a_missing_bundle_is_named_with_the_way_to_get_one() {
    let base = tempfile::tempdir().unwrap();
    put(base.path(), STABLE, "stable");
    let error = Dump::read(base.path()).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("experimental") && message.contains("runtime dump"),
        "{message}"
    );
}

#[test]
fn an_empty_typescript_folder_is_not_mistaken_for_none() {
    let base = tempfile::tempdir().unwrap();
    bundles(base.path());
    fs::create_dir(base.path().join("typescript")).unwrap();
    let error = Dump::read(base.path()).unwrap_err();
    assert!(error.to_string().contains("typescript"), "{error}");
}
