//! The rules about empty fields that no dump states, against recorded messages of the pinned
//! runtime.

use std::fs;

use codegen::evidence::{Evidence, Part, Recorded, observe, session};
use serde_json::json;

use crate::dump::{INPUTS, root};

fn corpus() -> Vec<Recorded> {
    let folder = root().join("codex-types/tests/corpus/recorded");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let sessions = files.iter().map(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        session(name, &fs::read_to_string(file).unwrap()).unwrap()
    });
    sessions.flatten().collect()
}

fn evidence() -> Evidence {
    observe(&INPUTS, &corpus()).unwrap()
}

#[test]
fn no_recorded_message_contradicts_a_rule() {
    let evidence = evidence();
    assert_eq!(evidence.contradictions(), [""; 0]);
    // So many fields were seen empty, and agree.
    assert!(evidence.fields.len() > 100, "{}", evidence.fields.len());
}

#[test]
fn each_rule_has_a_message_that_proves_it() {
    let evidence = evidence();
    assert!(evidence.unproved().is_empty(), "{:?}", evidence.unproved());
    let rows = evidence.of_rows().into_iter();
    let rows = rows.map(|(row, place)| format!("{row}: {}", place.unwrap_or("by its siblings")));
    insta::assert_snapshot!(rows.collect::<Vec<_>>().join("\n"));
}

#[test]
fn rule_that_is_missing_or_wrong_is_found() {
    // Omitted where TypeScript has `null`, and vice versa.
    let message = |value: serde_json::Value| Recorded {
        place: "here:1".to_owned(),
        method: "config/read".to_owned(),
        part: Part::Result,
        value,
    };
    let wrong = json!({ "config": {}, "origins": {}, "layers": null });
    let found = observe(&INPUTS, &[message(wrong)])
        .unwrap()
        .contradictions();
    let expected = "`ConfigReadResponse.layers` at here:1: add the row";
    assert!(found.iter().any(|it| it.starts_with(expected)), "{found:?}");
    let both = [json!({ "layers": null }), json!({})].map(message);
    let found = observe(&INPUTS, &both).unwrap().contradictions();
    assert!(found[0].contains("in both forms"), "{found:?}");
    assert!(Evidence::default().unproved().len() > 5);
}
