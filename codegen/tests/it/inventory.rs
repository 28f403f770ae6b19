//! The generation from the pinned runtime's dump is complete.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use codegen::{Inventory, MessageEntry};
use insta::assert_snapshot;
use serde_json::Value;

use crate::dump::{INPUTS, OUTPUT};
use crate::fixture::GENERATED;

fn inventory() -> &'static Inventory {
    &OUTPUT.inventory
}

/// The names that a dump defines, with acronyms spelled as in Rust.
fn defined(document: &str) -> BTreeSet<String> {
    let document: Value = serde_json::from_str(document).unwrap();
    let root = document["definitions"].as_object().unwrap();
    let v2 = root["v2"].as_object().unwrap().keys();
    let names = root.keys().filter(|name| *name != "v2").chain(v2);
    names.map(|name| name.replace("OAuth", "Oauth")).collect()
}

fn stability(experimental: bool) -> &'static str {
    if experimental {
        "experimental"
    } else {
        "stable"
    }
}

#[test]
fn types() {
    assert_snapshot!(inventory().lines());
}

/// The values that are kept out of logs; a new entry is a decision about a new field.
#[test]
fn secrets() {
    let mut text = String::new();
    for entry in &inventory().types {
        for field in entry.fields.iter().filter(|field| field.secret) {
            writeln!(text, "{}.{}", entry.name, field.wire).unwrap();
        }
    }
    assert_snapshot!(text);
}

#[test]
fn methods() {
    let (client, server) = (&inventory().client_requests, &inventory().server_requests);
    let client = lines("client requests", client);
    assert_snapshot!(client + &lines("server requests", server));
}

#[test]
fn notifications() {
    let inventory = inventory();
    let server = lines("server notifications", &inventory.server_notifications);
    let client = lines("client notifications", &inventory.client_notifications);
    assert_snapshot!(server + &client);
}

fn lines(title: &str, messages: &[MessageEntry]) -> String {
    let mut text = format!("# {title}\n");
    for entry in messages {
        line(entry, &mut text);
    }
    text
}

fn line(entry: &MessageEntry, text: &mut String) {
    let params = entry.params.as_deref().unwrap_or_default();
    let mark = if entry.params_optional { "?" } else { "" };
    write!(text, "{} = {}({params}{mark})", entry.method, entry.name).unwrap();
    if let Some(response) = &entry.response {
        write!(text, " -> {response}").unwrap();
    }
    write!(text, ", {}", stability(entry.experimental)).unwrap();
    if !entry.routes.is_empty() {
        write!(text, " [{}]", entry.routes.join(", ")).unwrap();
    }
    text.push('\n');
}

/// The methods of a union of messages in a document.
fn methods_of(document: &str, union: &str) -> BTreeSet<String> {
    let document: Value = serde_json::from_str(document).unwrap();
    let branches = document["definitions"][union]["oneOf"].as_array().unwrap();
    let methods = branches
        .iter()
        .map(|it| it["properties"]["method"]["enum"][0].clone());
    methods
        .map(|method| method.as_str().unwrap().to_owned())
        .collect()
}

/// The notifications that are on the wire and in no union.
const UNLISTED: [&str; 2] = ["rawResponse/completed", "rawResponseItem/completed"];

#[test]
fn messages_and_their_stability_are_those_of_the_dump() {
    let inventory = inventory();
    for (union, messages) in [
        ("ClientRequest", &inventory.client_requests),
        ("ServerRequest", &inventory.server_requests),
        ("ServerNotification", &inventory.server_notifications),
        ("ClientNotification", &inventory.client_notifications),
    ] {
        let listed = messages
            .iter()
            .filter(|it| !UNLISTED.contains(&it.method.as_str()));
        let all: BTreeSet<_> = listed.clone().map(|it| it.method.clone()).collect();
        assert_eq!(all, methods_of(&INPUTS.experimental, union));
        let stable = listed.filter(|it| !it.experimental);
        let stable: BTreeSet<_> = stable.map(|it| it.method.clone()).collect();
        assert_eq!(stable, methods_of(&INPUTS.stable, union));
    }
    let notifications = &inventory.server_notifications;
    for method in UNLISTED {
        assert!(
            notifications
                .iter()
                .any(|it| it.method == method && it.experimental)
        );
    }
    let names = defined(&INPUTS.stable);
    for entry in &inventory.types {
        if names.contains(&entry.name) {
            assert!(!entry.experimental, "{}", entry.name);
        }
    }
}

/// The printed fields whose names are similar to those of secrets; a new entry is the decision that
/// its value may be printed.
#[test]
fn secret_candidates() {
    assert_snapshot!(inventory().secret_candidates.join("\n"));
}

#[test]
fn no_row_of_a_table_is_left_over() {
    assert!(OUTPUT.stale_rows.is_empty(), "{:?}", OUTPUT.stale_rows);
}

#[test]
fn every_request_has_a_response_that_is_a_type() {
    let inventory = inventory();
    let types: BTreeSet<&str> = inventory.types.iter().map(|t| t.name.as_str()).collect();
    let requests = inventory
        .client_requests
        .iter()
        .chain(&inventory.server_requests);
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in requests {
        let response = entry.response.as_deref().unwrap();
        assert!(types.contains(response), "{} -> {response}", entry.method);
        *users.entry(response).or_default() += 1;
    }
    let shared: Vec<_> = users.iter().filter(|(_, users)| **users > 1).collect();
    assert_eq!(shared, [(&"ConfigWriteResponse", &2)]);
    let defined = defined(&INPUTS.experimental);
    let responses = defined.iter().filter(|name| name.ends_with("Response"));
    let responses: BTreeSet<_> = responses.map(String::as_str).collect();
    let unused: Vec<_> = responses
        .difference(&users.into_keys().collect())
        .copied()
        .collect();
    assert_eq!(unused, ["JSONRPCResponse"]);
}

#[test]
fn every_definition_is_a_type_or_has_a_reason_to_be_none() {
    let inventory = inventory();
    let defined = defined(&INPUTS.experimental);
    let types: BTreeSet<&str> = inventory.types.iter().map(|t| t.name.as_str()).collect();
    let mut text = String::new();
    for (name, reason) in &inventory.left_out {
        let reason = reason.unwrap_or_else(|| {
            panic!(
                "`{name}` got no type: no message leads to it; \
                 give the reason in codegen/src/protocol/exclusions.rs"
            )
        });
        writeln!(text, "{name}: {reason}").unwrap();
    }
    assert_snapshot!(text);
    for name in &defined {
        let is_left_out = inventory.left_out.contains_key(name);
        assert_ne!(types.contains(name.as_str()), is_left_out, "{name}");
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    for (path, contents) in OUTPUT.tree.iter() {
        // Tables with a line per method or type are data.
        let is_table = TABLES.iter().any(|table| path.ends_with(table));
        let lines = contents.lines().count();
        assert!(
            is_table || lines <= 1800,
            "{path} has {lines} lines: split its domain in codegen/src/passes/modules.rs"
        );
    }
}

const TABLES: &[&str] = &[
    "definitions.json",
    "json_schema.rs",
    "codecs.rs",
    "calls.rs",
    "generated/protocol.rs",
];

#[test]
fn the_files_of_types_are_the_modules_of_the_inventory() {
    let modules: BTreeSet<&str> = inventory()
        .types
        .iter()
        .map(|t| t.module.as_str())
        .collect();
    for module in modules {
        let paths = GENERATED.map(|folder| format!("{folder}/{module}.rs"));
        let is_there = paths.iter().any(|path| OUTPUT.tree.get(path).is_some());
        assert!(is_there, "{paths:?}");
    }
}
