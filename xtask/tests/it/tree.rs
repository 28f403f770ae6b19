//! The files of this workspace: links, snapshots, copies of the licences.

use std::fs;

use xtask::{links, snapshots, workspace_root};

/// The files with an ending, but for what is built and what is hidden.
pub(crate) fn files(ending: &str) -> Vec<String> {
    let root = workspace_root();
    let mut found = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    open.push(path);
                }
            } else if name.ends_with(ending) {
                let file = path.strip_prefix(&root).unwrap().to_str().unwrap();
                found.push(file.replace('\\', "/"));
            }
        }
    }
    assert!(!found.is_empty(), "there is no *{ending}");
    found.sort();
    found
}

#[test]
fn links_of_documents_lead_somewhere() {
    let root = workspace_root();
    let broken: Vec<String> = files(".md")
        .iter()
        .flat_map(|file| links::broken(&root, file).unwrap())
        .collect();
    assert!(
        broken.is_empty(),
        "links that lead nowhere:\n{}",
        broken.join("\n")
    );
}

#[test]
fn every_snapshot_belongs_to_a_test() {
    let root = workspace_root();
    let orphans: Vec<String> = files(".snap")
        .iter()
        .filter_map(|file| snapshots::orphaned(&root, file).unwrap())
        .collect();
    assert!(
        orphans.is_empty(),
        "snapshots to remove:\n{}",
        orphans.join("\n")
    );
}

/// A package holds only what is in its folder, so that each folder has the licences.
#[test]
fn every_published_crate_has_the_licenses_of_the_workspace() {
    let root = workspace_root();
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let original = fs::read(root.join(license)).unwrap();
        for folder in [
            "codex-types",
            "codex-types-core",
            "codex-runtime",
            "codex-client",
            "codex-exec",
            "codex-testing",
        ] {
            let copy = root.join(folder).join(license);
            assert_eq!(fs::read(&copy).unwrap(), original, "{}", copy.display());
        }
    }
}

/// The lines of the hand-written sources of the client below a folder.
fn lines_of_client(folder: &str) -> Vec<String> {
    let root = workspace_root();
    let prefix = format!("codex-client/src/{folder}");
    let sources = files(".rs").into_iter();
    sources
        .filter(|file| file.starts_with(&prefix) && !file.contains("/generated/"))
        .flat_map(|file| {
            let text = fs::read_to_string(root.join(file)).unwrap();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// Neither crate depends on the other, nor on one that this belongs in.
#[test]
fn both_runners_make_the_same_schemas() {
    let [client, exec] = ["codex-client/src/shared/structured", "codex-exec/src"]
        .map(|folder| fs::read(workspace_root().join(folder).join("output_schema.rs")).unwrap());
    assert!(client == exec, "the two files `output_schema.rs` differ");
}

#[test]
fn the_blocking_api_is_a_thin_layer() {
    let lines = lines_of_client("blocking/");
    let lines = lines.iter().filter(|line| !line.trim().is_empty()).count();
    assert!(
        (1..=1300).contains(&lines),
        "{lines} lines; put flows into `nonblocking`"
    );
}

#[test]
fn features_of_the_client_are_decided_per_module() {
    let lines = lines_of_client("");
    let decisions = lines.iter().filter(|line| {
        let attribute = line
            .trim_start()
            .trim_start_matches("#!")
            .trim_start_matches('#');
        attribute.starts_with("[cfg") && line.contains("feature = ")
    });
    let decisions = decisions.count();
    assert!(
        (1..=30).contains(&decisions),
        "{decisions} lines decide by a feature; one for a module is enough"
    );
}
