//! The two lists of jobs, and the documents that name them.

use std::fs;

use xtask::ci::Job;
use xtask::workspace_root;

/// The commands of `.ci/run`, in order.
fn script_commands() -> Vec<String> {
    let script = fs::read_to_string(workspace_root().join(".ci/run")).unwrap();
    script
        .lines()
        .filter(|line| line.contains("run cargo "))
        .map(|line| line.replacen("run cargo ", "cargo ", 1))
        .collect()
}

#[test]
fn the_script_and_the_command_run_the_same_jobs() {
    let jobs: Vec<&str> = Job::EACH
        .into_iter()
        .filter(|job| job.is_in_script())
        .filter_map(Job::command_line)
        .collect();
    assert_eq!(script_commands(), jobs);
}

/// They say why as well.
#[test]
fn the_script_and_the_contributing_guide_name_the_other_jobs() {
    let other = Job::EACH.into_iter().filter(|job| !job.is_in_script());
    let other: Vec<&str> = other
        .filter_map(Job::command_line)
        .filter_map(|line| line.strip_prefix("cargo xtask ci "))
        .collect();
    assert!(!other.is_empty());
    for (file, begin, end) in [
        (".ci/run", "Left to the workflows", "set -euo"),
        ("CONTRIBUTING.md", "more run in the", "`runtimes` and"),
    ] {
        let text = fs::read_to_string(workspace_root().join(file)).unwrap();
        let (_, text) = text.split_once(begin).unwrap();
        let (text, _) = text.split_once(end).unwrap();
        let named: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
        let missing = other.iter().find(|job| !named.contains(job));
        assert_eq!(missing, None, "{file}");
    }
}

#[cfg(unix)]
#[test]
fn the_script_is_executable() {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(workspace_root().join(".ci/run")).unwrap();
    assert_ne!(metadata.permissions().mode() & 0o111, 0);
}
