//! Values that must never be printed.

use codex_types::{ThreadItem, ThreadTurnsListResponse, rpc};
use serde_json::{Value, json};

use crate::codec::Codec;
use crate::generated::codecs::CODECS;
use crate::instances::report;
use crate::schema::DEFINITIONS;
use crate::schema::generate::{Presence, instances};
use crate::schema::sites::{Role, Site, Step, part_mut, sites};

const CANARY: &str = "c4n4ry";

/// Ends of names that mean a secret, without regard to case and punctuation.
const SECRET: &[&str] = &[
    "token",
    "apikey",
    "accesskey",
    "accesskeyid",
    "secret",
    "password",
    "pairingcode",
    "usercode",
];

/// Names that end like a secret and are none.
const HARMLESS: &[&str] = &["cancellationtoken"];

/// Fields that hold secrets under a harmless name.
const PLACES: &[(&str, &str)] = &[
    ("CommandExecParams", "env"),
    ("ConfigEdit", "value"),
    ("ConfigValueWriteParams", "value"),
    ("ExecLocalShellAction", "env"),
    ("McpServerElicitationRequestResponse", "content"),
    ("OtlpHttpOtelExporter", "headers"),
    ("ProcessSpawnParams", "env"),
    ("ThreadForkParams", "config"),
    ("ThreadResumeParams", "config"),
    ("ThreadStartParams", "config"),
    ("ToolRequestUserInputAnswer", "answers"),
];

fn full(name: &str) -> Vec<Value> {
    let all = instances(name).into_iter();
    all.filter(|(presence, _)| *presence == Presence::Full)
        .map(|(_, value)| value)
        .collect()
}

fn is_secret(site: &Site) -> bool {
    let Some(Step::Key(key)) = site.path.last() else {
        return false;
    };
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    let name = letters.collect::<String>().to_ascii_lowercase();
    site.role == Role::Text
        && SECRET.iter().any(|secret| name.ends_with(secret))
        && !HARMLESS.contains(&name.as_str())
}

/// The debug text of a model that holds the canary, if the text contains it.
fn leak(codec: &Codec, value: &Value) -> Option<String> {
    let done = codec.round_trip_text(&value.to_string());
    let done = done.unwrap_or_else(|error| panic!("{}: {error}\n{value}", codec.name));
    assert!(
        done.text.contains(CANARY),
        "the canary is in {}",
        codec.name
    );
    let leaks = done.debug.contains(CANARY);
    leaks.then(|| format!("{}: {}", codec.name, done.debug))
}

#[test]
fn no_secret_is_printed() {
    let mut leaks = Vec::new();
    let mut count = 0;
    for codec in CODECS {
        let Some(schema) = DEFINITIONS.get(codec.name) else {
            continue;
        };
        for value in full(codec.name) {
            for site in sites(schema, &value).iter().filter(|site| is_secret(site)) {
                let mut value = value.clone();
                *part_mut(&mut value, &site.path) = json!(CANARY);
                leaks.extend(leak(codec, &value));
                count += 1;
            }
        }
    }
    assert!(count > 20, "only {count} secrets");
    assert!(leaks.is_empty(), "of {count}: {}", report(&leaks));
}

#[test]
fn no_secret_under_a_harmless_name_is_printed() {
    for (name, field) in PLACES {
        for mut value in full(name) {
            value[field] = match &value[field] {
                Value::Object(_) => json!({ "KEY": CANARY }),
                Value::Array(_) => json!([CANARY]),
                _ => json!(CANARY),
            };
            assert_eq!(leak(Codec::named(name), &value), None);
        }
    }
}

#[test]
fn keys_of_secret_maps_are_printed() {
    for (name, field) in [
        ("ThreadStartParams", "config"),
        ("CommandExecParams", "env"),
    ] {
        let mut value = full(name).pop().unwrap();
        value[field] = json!({ "PATH_KEY": CANARY });
        let codec = Codec::named(name);
        let debug = codec.round_trip_text(&value.to_string()).unwrap().debug;
        assert!(debug.contains(r#"{"PATH_KEY": [redacted]}"#), "{debug}");
    }
}

/// Secrets of the wrong type: the error must not contain them.
const MALFORMED: &[&str] = &[
    "4711471147",
    "-4711471147",
    "4711471147.5",
    r#"["4711471147"]"#,
    "[4711471147]",
    r#"{"key":4711471147}"#,
];

/// The errors of a model whose value at a place is malformed.
fn errors<'a>(
    codec: &'a Codec,
    value: &'a Value,
    path: &'a [Step],
) -> impl Iterator<Item = String> {
    MALFORMED.iter().filter_map(move |malformed| {
        let mut value = value.clone();
        *part_mut(&mut value, path) = malformed.parse().expect("JSON");
        let error = codec.round_trip_text(&value.to_string()).err()?;
        Some(format!("{}: {error}", codec.name))
    })
}

#[test]
fn no_error_prints_a_malformed_secret() {
    let mut said = Vec::new();
    for codec in CODECS {
        let Some(schema) = DEFINITIONS.get(codec.name) else {
            continue;
        };
        for value in full(codec.name) {
            for site in sites(schema, &value).iter().filter(|site| is_secret(site)) {
                said.extend(errors(codec, &value, &site.path));
            }
        }
    }
    for (name, field) in PLACES {
        for value in full(name) {
            let path = [Step::Key((*field).to_owned())];
            said.extend(errors(Codec::named(name), &value, &path));
        }
    }
    assert!(said.len() > 100, "only {} errors", said.len());
    let leaks: Vec<_> = said
        .into_iter()
        .filter(|error| error.contains("4711"))
        .collect();
    assert!(leaks.is_empty(), "{}", report(&leaks));
}

/// Unknown fields are unclassified.
#[test]
fn no_unknown_value_is_printed() {
    for codec in CODECS {
        let Some(schema) = DEFINITIONS.get(codec.name) else {
            continue;
        };
        for mut value in full(codec.name) {
            let root = sites(schema, &value)
                .into_iter()
                .find(|site| site.path.is_empty());
            if root.is_some_and(|site| matches!(site.role, Role::Object(_))) {
                value["notYetKnown"] = json!({ "a": CANARY });
                assert_eq!(leak(codec, &value), None);
            }
        }
    }
}

/// What this version does not recognize may be a secret.
#[test]
fn nothing_unrecognized_is_printed() {
    let error = json!({"code": 1, "message": "m", "data": {"a": CANARY}});
    let error: rpc::ErrorObject = serde_json::from_value(error).unwrap();
    let item = json!({"type": "notYetKnown", "id": "i", "a": CANARY});
    let item: ThreadItem = serde_json::from_value(item).unwrap();
    let list = json!({"data": [{"id": 5, "a": CANARY}], "nextCursor": null});
    let list: ThreadTurnsListResponse = serde_json::from_value(list).unwrap();
    let malformed = list.data.malformed();
    assert_eq!(malformed.len(), 1);
    let message = json!({"method": "not/yet/known", "params": {"a": CANARY}}).to_string();
    let message = rpc::ServerMessage::parse(&message).unwrap();
    let response = json!({"id": 1, "result": {"a": CANARY}}).to_string();
    let answer = rpc::ClientMessage::parse(&response).unwrap();
    let response = rpc::ServerMessage::parse(&response).unwrap();
    for printed in [
        format!("{error:?}"),
        format!("{item:?}"),
        format!("{malformed:?} {list:?}"),
        format!("{message:?}"),
        format!("{response:?} {answer:?}"),
    ] {
        assert!(!printed.contains(CANARY), "{printed}");
    }
}
