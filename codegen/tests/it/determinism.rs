//! The same dump results in the same bytes, independent of the order of its JSON.

use codegen::{Inputs, Output};
use serde_json::{Map, Value};

use crate::dump::{INPUTS, OUTPUT};

fn generate(inputs: &Inputs) -> Output {
    codegen::generate(inputs).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn assert_same(output: &Output) {
    for ((path, contents), (expected_path, expected)) in output.tree.iter().zip(OUTPUT.tree.iter())
    {
        assert_eq!(path, expected_path);
        assert!(contents == expected, "{path} differs");
    }
    assert_eq!(output.tree.len(), OUTPUT.tree.len());
    assert_eq!(output.inventory, OUTPUT.inventory);
}

#[test]
fn generation_is_repeatable() {
    assert_same(&generate(&INPUTS));
}

#[test]
fn generation_ignores_the_order_of_keys() {
    let turned = |text: &str| {
        let value: Value = serde_json::from_str(text).unwrap();
        let mut written = String::new();
        write_turned(&value, &mut written);
        assert_eq!(
            serde_json::from_str::<Value>(&written).unwrap()["title"],
            value["title"]
        );
        assert_ne!(written, value.to_string());
        written
    };
    assert_same(&generate(&Inputs {
        stable: turned(&INPUTS.stable),
        experimental: turned(&INPUTS.experimental),
        ..INPUTS.clone()
    }));
}

/// Writes JSON with the keys of every object and the names of every `required` in reverse. These
/// are the only sets: the order of alternatives and of an enumeration's values is the order in
/// which they are emitted.
fn write_turned(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => write_members(members, text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_turned(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

fn write_members(members: &Map<String, Value>, text: &mut String) {
    text.push('{');
    for (index, (name, value)) in members.iter().rev().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&Value::from(name.as_str()).to_string());
        text.push(':');
        match value {
            Value::Array(names) if name == "required" => {
                let names: Vec<_> = names.iter().rev().cloned().collect();
                text.push_str(&Value::from(names).to_string());
            }
            other => write_turned(other, text),
        }
    }
    text.push('}');
}
