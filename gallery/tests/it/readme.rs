//! The list of programs is complete, and its commands are those of `demo`.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn every_program_is_listed_and_has_a_demonstration() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let help = Command::new(env!("CARGO_BIN_EXE_demo"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let mut programs = 0;
    for entry in fs::read_dir(folder.join("src/bin")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(readme.contains(&format!("(src/bin/{name})")), "{name}");
        if name != "demo" {
            assert!(help.contains(&format!("- {name}:")), "{name}: {help}");
            programs += 1;
        }
    }
    assert_eq!(programs, 6);
}
