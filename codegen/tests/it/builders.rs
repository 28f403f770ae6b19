//! The client's builders offer the reviewed options, and no others.

use codegen::{Inputs, Output};

use crate::dump::INPUTS;

/// The pinned dump with a text replaced.
fn with(from: &str, to: &str) -> Result<Output, codegen::Error> {
    assert!(INPUTS.experimental.contains(from));
    codegen::generate(&Inputs {
        experimental: INPUTS.experimental.replace(from, to),
        stable: INPUTS.stable.replace(from, to),
        typescript: None,
        ..INPUTS.clone()
    })
}

fn builders(output: &Output) -> String {
    let mut files = output.tree.iter();
    let file = files.find(|(path, _)| path.ends_with("generated/nonblocking/builders/codex.rs"));
    file.map(|(_, text)| text.to_owned()).unwrap_or_default()
}

#[test]
fn a_field_that_vanishes_fails_the_generation() {
    let error = with("\"serviceName\"", "\"nameOfService\"")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`ThreadStartBuilder` (thread/start)"),
        "{error}"
    );
    assert!(
        error.contains("`service_name` is no longer in the protocol"),
        "{error}"
    );
}

#[test]
fn all_removed_fields_are_reported_at_once() {
    let dump = INPUTS.experimental.replace("\"searchTerm\"", "\"sought\"");
    let error = codegen::generate(&Inputs {
        experimental: dump.replace("\"serviceName\"", "\"nameOfService\""),
        typescript: None,
        ..INPUTS.clone()
    });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("`service_name` is no longer"), "{error}");
    assert!(error.contains("`search_term` is no longer"), "{error}");
}

#[test]
fn unreviewed_field_changes_no_builder() {
    let output = with(
        "\"serviceName\": {",
        "\"brandNew\": {\"type\": \"string\"}, \"serviceName\": {",
    );
    let output = output.unwrap_or_else(|error| panic!("{error}"));
    assert!(!builders(&output).contains("brand_new"));
    let told =
        |notice: &String| notice.contains("`ThreadStartBuilder`") && notice.contains("brand_new");
    assert!(output.notices.iter().any(told), "{:?}", output.notices);
}
