//! Values made from the schema itself, for every model.

use serde_json::Value;

use crate::codec::Codec;
use crate::generated::codecs::CODECS;
use crate::schema::generate::{Presence, instances};
use crate::schema::{DEFINITIONS, validator};

/// Models without a definition: names for ids that the schema calls plain strings.
const IDS: &[&str] = &["ItemId", "LoginId", "TurnId"];

/// Definitions without a model: maps that their owners keep among their unknown fields.
const MAPS: &[&str] = &["AppLinksConfig", "AppToolsConfig"];

fn modeled() -> impl Iterator<Item = &'static Codec> {
    CODECS.iter().filter(|codec| !IDS.contains(&codec.name))
}

#[test]
fn every_definition_has_a_model() {
    let missing: Vec<_> = DEFINITIONS
        .keys()
        .filter(|name| !MAPS.contains(&name.as_str()))
        .filter(|name| !CODECS.iter().any(|codec| codec.name == *name))
        .collect();
    assert!(missing.is_empty(), "no model: {missing:?}");
    for codec in modeled() {
        assert!(DEFINITIONS.contains_key(codec.name), "{}", codec.name);
    }
}

#[test]
fn valid_values_are_read_and_written_unchanged() {
    let mut count = 0;
    let mut faults = Vec::new();
    for codec in modeled() {
        for (presence, value) in instances(codec.name) {
            faults.extend(fault(codec, presence, &value));
            count += 1;
        }
    }
    assert!(count > 25_000, "only {count} values were tried");
    assert!(faults.is_empty(), "{count} values: {}", report(&faults));
}

fn fault(codec: &Codec, presence: Presence, value: &Value) -> Option<String> {
    let name = codec.name;
    let done = match codec.round_trip_text(&value.to_string()) {
        Ok(done) => done,
        Err(error) => return Some(format!("{name}, {presence:?}: {error}\n  {value}")),
    };
    let written: Value = serde_json::from_str(&done.text).expect("a model writes JSON");
    if &written != value {
        return Some(format!(
            "{name}, {presence:?}: changed\n  {value}\n  {written}"
        ));
    }
    (!done.is_stable).then(|| format!("{name}, {presence:?}: not equal to itself\n  {value}"))
}

/// The generator of the values and the corrected definitions are judged by a library.
#[test]
fn written_values_are_valid() {
    let mut faults = Vec::new();
    for codec in modeled() {
        let validator = validator(codec.name);
        for (presence, value) in instances(codec.name) {
            let Ok(written) = codec.round_trip(&value) else {
                continue; // The other test tells.
            };
            if let Err(error) = validator.validate(&written) {
                let name = codec.name;
                faults.push(format!("{name}, {presence:?}: {error}\n  {written}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", report(&faults));
}

/// The number of faults and the first of them.
pub(crate) fn report(faults: &[String]) -> String {
    let first: Vec<&str> = faults.iter().take(20).map(String::as_str).collect();
    format!("{} faults\n{}", faults.len(), first.join("\n"))
}
