//! Dumps of other runtimes generate as well: items that a dump lacks are not required.
//!
//! Whole dumps of other versions are tried by hand (`generate-types --schema`); here they are
//! represented by the pinned one with a part removed.

use std::collections::BTreeSet;

use codegen::{Inputs, Output};
use insta::assert_snapshot;

use crate::dump::{INPUTS, OUTPUT};

#[test]
fn a_runtime_without_anything_experimental() {
    let inputs = Inputs {
        experimental: INPUTS.stable.clone(),
        typescript: None,
        ..INPUTS.clone()
    };
    let output = codegen::generate(&inputs).unwrap_or_else(|error| panic!("{error}"));
    let inventory = &output.inventory;
    assert!(!inventory.client_requests.is_empty());
    assert!(
        inventory
            .client_requests
            .iter()
            .all(|entry| !entry.experimental)
    );
    assert!(inventory.types.iter().all(|entry| !entry.experimental));
}

#[test]
fn a_dump_without_typescript_generates_with_a_notice() {
    let inputs = Inputs {
        typescript: None,
        ..INPUTS.clone()
    };
    let output = codegen::generate(&inputs).unwrap_or_else(|error| panic!("{error}"));
    assert_snapshot!(output.notices.join("\n"));
    // The order of fields is lost, and some are spelled as the schema's writer does.
    assert_eq!(fields(&output), fields(&OUTPUT));
    assert!(OUTPUT.notices.is_empty());
}

/// An older runtime lacks options that the builders of today offer.
#[test]
fn unreviewed_runtime_without_an_offered_field_generates() {
    let without = |text: &str| {
        let text = text.replace("\"serviceName\"", "\"nameOfService\"");
        text.replace("\"thread/fork\"", "\"thread/spoon\"")
    };
    let inputs = Inputs {
        experimental: without(&INPUTS.experimental),
        stable: without(&INPUTS.stable),
        typescript: None,
        unreviewed_runtime: true,
        ..INPUTS.clone()
    };
    let output = codegen::generate(&inputs).unwrap_or_else(|error| panic!("{error}"));
    let notices = output.notices.join("\n");
    assert!(notices.contains("`service_name` is no longer"), "{notices}");
    assert!(
        notices.contains("(thread/fork): the method is no longer"),
        "{notices}"
    );
    let mut files = output.tree.iter();
    let (_, builders) = files
        .find(|(path, _)| path.ends_with("generated/nonblocking/builders/codex.rs"))
        .unwrap();
    assert!(!builders.contains("service_name"));
    assert!(!builders.contains("ThreadForkBuilder"));
    assert!(builders.contains("ThreadStartBuilder"));
}

/// Every field by its type, in the spelling that all styles have in common.
fn fields(output: &Output) -> BTreeSet<(String, String)> {
    let types = output.inventory.types.iter();
    let fields = types.flat_map(|entry| {
        let fields = entry.fields.iter();
        fields.map(|field| {
            (
                entry.name.clone(),
                field.wire.replace('_', "").to_lowercase(),
            )
        })
    });
    fields.collect()
}
