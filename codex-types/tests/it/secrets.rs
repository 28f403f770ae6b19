//! What must never be printed.

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

/// The debug text of a model that holds the canary, if it says so.
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

/// Nobody has classified what nobody knows.
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
