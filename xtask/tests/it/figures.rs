//! The figures in the README: those of `docs/figures.md`, and no others.

use std::fs;

use xtask::workspace_root;

fn text(path: &str) -> String {
    fs::read_to_string(workspace_root().join(path)).unwrap()
}

/// The median of a row below a title.
#[track_caller]
fn figure(title: &str, row: &str) -> f64 {
    let text = text("docs/figures.md");
    let section = text.split("\n## ").find(|it| it.starts_with(title));
    let prefix = format!("| {row} | ");
    let value = section.and_then(|section| {
        let row = section.lines().find_map(|line| line.strip_prefix(&prefix));
        row?.split(' ').next()
    });
    value
        .unwrap_or_else(|| panic!("{title}: {row}"))
        .parse()
        .unwrap()
}

#[track_caller]
fn assert_quoted(sentence: &str) {
    let readme = text("README.md");
    assert!(readme.contains(sentence), "the README lacks: {sentence}");
}

#[test]
fn readme_quotes_the_costs_of_events() {
    let micros = |row| {
        format!(
            "{:.2} µs",
            figure("Client CPU per streamed event", row) / 1000.0
        )
    };
    let [own, blocking] = ["async", "blocking"].map(micros);
    let [codes, sdk] = ["codes", "sdk"].map(micros);
    assert_quoted(&format!(
        "| client CPU per streamed event | {own}, blocking {blocking} | not measured | {codes} | {sdk} |"
    ));
}

#[test]
fn readme_quotes_the_speed_of_decoding() {
    let title = "Decoding a recorded notification";
    let ratio = figure(title, "value") / figure(title, "typed");
    assert_quoted(&format!(
        "decoding\n  is {ratio:.1} times as fast as `serde_json::Value`"
    ));
}

#[test]
fn readme_quotes_the_costs_of_building() {
    let seconds = |name: &str| {
        let title = "Building the crate alone, CPU";
        let [debug, release] =
            ["debug", "release"].map(|profile| figure(title, &format!("{name} {profile}")));
        format!("{debug:.0} / {release:.0}")
    };
    let [own, codes, sdk] = ["models", "codex-codes", "codex-app-server-sdk"].map(seconds);
    assert_quoted(&format!(
        "| building the models, CPU seconds, debug / release | {own} | | {codes} | {sdk}, most responses untyped |"
    ));
}

#[test]
fn readme_quotes_the_costs_of_requests() {
    let micros = |row| {
        let title = "Client CPU per request, one after the other";
        format!("{:.0} µs", figure(title, row) / 1000.0)
    };
    let [own, blocking, codes] = ["async", "blocking", "codes"].map(micros);
    assert_quoted(&format!(
        "| client CPU per request, one after the other | {own}, blocking {blocking} | not measured | {codes} | not measured |"
    ));
}

#[test]
fn readme_quotes_the_number_of_crates() {
    let count = |name| figure("Crates in the tree, itself included", name);
    let [own, blocking] = ["codex-client", "codex-client blocking"].map(count);
    let [codes, sdk] = ["codex-codes", "codex-app-server-sdk"].map(count);
    assert_quoted(&format!(
        "| crates in the tree | {own}, blocking {blocking} | | {codes} | {sdk} |"
    ));
}
