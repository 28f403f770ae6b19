//! Decoding is independent of the order of keys.

use std::collections::BTreeSet;

use codex_types::rpc::ServerMessage;
use serde_json::{Map, Value, json};

use crate::recordings::{Sender, sessions};

/// The first message of each form that was recorded: its method and its keys.
fn messages() -> Vec<Map<String, Value>> {
    let mut forms = BTreeSet::new();
    let mut messages = Vec::new();
    let records = sessions("0.169.0").into_iter().flatten();
    for record in records.filter(|record| record.sender == Sender::Server) {
        let message: Map<String, Value> = serde_json::from_str(&record.text).expect("an object");
        let method = message.get("method").map(Value::to_string);
        let keys: Vec<String> = message.keys().cloned().collect();
        if forms.insert((method, keys)) {
            messages.push(message);
        }
    }
    messages
}

/// The message, and what it could be taken for when one of its parts is read first.
fn variants(message: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let with = |key: &str, value: Value| {
        let mut changed = message.clone();
        changed.insert(key.to_owned(), value);
        changed
    };
    let mut asked_in_vain = with("id", json!(7));
    asked_in_vain.insert("params".to_owned(), json!({ "unheard": [] }));
    let mut told = message.clone();
    told.remove("id");
    vec![
        message.clone(),
        with("id", json!("seven")),
        with("params", json!({})),
        asked_in_vain,
        told,
    ]
}

fn orders(keys: &[String]) -> Vec<Vec<String>> {
    let Some((first, rest)) = keys.split_first() else {
        return vec![Vec::new()];
    };
    let inserted = |order: Vec<String>| {
        (0..keys.len()).map(move |at| {
            let mut order = order.clone();
            order.insert(at, first.clone());
            order
        })
    };
    orders(rest).into_iter().flat_map(inserted).collect()
}

fn text(message: &Map<String, Value>, order: &[String]) -> String {
    let entry = |key: &String| format!("{}:{}", json!(key), message[key]);
    let entries: Vec<String> = order.iter().map(entry).collect();
    format!("{{{}}}", entries.join(","))
}

#[test]
fn the_order_of_keys_changes_nothing() {
    let mut read = 0;
    for message in messages().iter().flat_map(variants) {
        let keys: Vec<String> = message.keys().cloned().collect();
        let mut expected: Option<(String, String)> = None;
        for order in orders(&keys) {
            let text = text(&message, &order);
            let seen = format!("{:?}", ServerMessage::parse(&text));
            let (first, as_first) = expected.get_or_insert_with(|| (text.clone(), seen.clone()));
            assert_eq!(*as_first, seen, "\n{first}\n{text}");
            read += 1;
        }
    }
    assert!(read > 2000, "only {read} texts");
}
