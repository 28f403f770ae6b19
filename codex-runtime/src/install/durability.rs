//! What is renamed into place is on the disk before.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use hmac_sha512::Hash;

use super::Installer;
use crate::disk::record::{Step, take};
use crate::{Environment, Pin, Target};

const MANIFEST: &str =
    r#"{"layoutVersion":1,"version":"1.2.3","entrypoint":"bin/codex","pathDir":"tools"}"#;

fn archive() -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let vendor = "package/vendor/x86_64-unknown-linux-musl";
    for (path, content) in [
        ("package/package.json".to_owned(), "{}"),
        (format!("{vendor}/codex-package.json"), MANIFEST),
        (format!("{vendor}/bin/codex"), "#!/bin/sh\n"),
        (format!("{vendor}/tools/rg"), "#!/bin/sh\n"),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(content.len() as u64);
        let added = builder.append_data(&mut header, path, content.as_bytes());
        added.unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// A folder, and everything in it.
fn everything(folder: &Path, found: &mut Vec<PathBuf>) {
    found.push(folder.to_path_buf());
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            everything(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

#[test]
fn files_and_folders_are_on_the_disk_before_the_rename() {
    let sandbox = tempfile::tempdir().unwrap();
    let bytes = archive();
    let file = sandbox.path().join("archive.tgz");
    fs::write(&file, &bytes).unwrap();
    let digest = base64::engine::general_purpose::STANDARD.encode(Hash::hash(&bytes));
    let pin = Pin::parse(&format!(
        "version = '1.2.3'\npackage = 'name'\n[targets.linux-x64]\nversion = '1.2.3'\n\
         triple = 'x86_64-unknown-linux-musl'\nintegrity = 'sha512-{digest}'\n"
    ));
    let environment = Environment::empty().with_runtime_dir(sandbox.path().join("root"));
    let mut installer = Installer::new(&environment).unwrap();
    installer = installer
        .with_target(Target::LinuxX64)
        .with_pin(pin.unwrap());
    installer.archive = Some(file);
    // Again, over a damaged installation.
    for _ in 0..2 {
        take();
        let runtime = installer.install(&mut |_: &crate::Step| {}).unwrap();
        check(&installer, &take());
        fs::write(runtime.binary(), "").unwrap();
    }
}

fn check(installer: &Installer, steps: &[Step]) {
    let (folder, tree) = (installer.folder(), installer.beside("tmp").join("tree"));
    let renamed = Step::Renamed(tree.clone(), folder.clone());
    let renamed = steps.iter().position(|step| *step == renamed).unwrap();
    let synced = |path: &Path| {
        let is_it = |step: &Step| match step {
            Step::Synced(synced) => synced == path,
            // Written under another name.
            Step::Renamed(from, to) => to == path && steps.contains(&Step::Synced(from.clone())),
        };
        steps[..renamed].iter().rposition(is_it)
    };
    let mut found = Vec::new();
    everything(&folder, &mut found);
    assert_eq!(found.len(), 11, "{found:?}");
    for path in found {
        let before = tree.join(path.strip_prefix(&folder).unwrap());
        let at = synced(&before).unwrap_or_else(|| panic!("{} is not written", path.display()));
        if path.is_dir() {
            // After everything in it, so that no entry is missing.
            for entry in fs::read_dir(&path).unwrap() {
                let entry = synced(&before.join(entry.unwrap().file_name()));
                assert!(entry.unwrap() < at, "{} has later entries", path.display());
            }
        }
    }
    let root = Step::Synced(installer.at.root.clone());
    assert!(
        steps[renamed..].contains(&root),
        "the rename is not written"
    );
}
