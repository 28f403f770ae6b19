//! Valid values with one fault each: the fault is an error that names
//! the place, and unknown parts are kept.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::codec::Codec;
use crate::generated::codecs::CODECS;
use crate::instances::report;
use crate::schema::DEFINITIONS;
use crate::schema::generate::{Presence, instances};
use crate::schema::sites::{Role, Site, Step, part_mut, render, sites};

/// A value with a fault.
struct Mutant {
    value: Value,
    expected: Expected,
}

/// The expected outcome.
#[derive(Debug)]
enum Expected {
    /// It is read and written unchanged.
    Kept,
    /// It is refused, and the error names the place and the fault.
    Refused { path: String, problem: &'static str },
    /// The fault is where alternatives without a tag are distinguished: either of the two.
    KeptOrRefused { path: String },
}

impl Site {
    /// The value with another part at this place.
    fn replaced(&self, value: &Value, part: Value, expected: Expected) -> Mutant {
        let mut value = value.clone();
        *part_mut(&mut value, &self.path) = part;
        Mutant { value, expected }
    }

    fn refused(&self, problem: &'static str) -> Expected {
        self.refused_at(render(&self.path), problem)
    }

    fn refused_at(&self, path: String, problem: &'static str) -> Expected {
        if self.in_kept_element {
            Expected::Kept
        } else if self.tells_apart {
            Expected::KeptOrRefused { path }
        } else {
            Expected::Refused { path, problem }
        }
    }

    fn wrong_types(&self, value: &Value) -> Vec<Mutant> {
        let wrong = match &self.role {
            Role::Any => return Vec::new(),
            Role::Text | Role::Enum | Role::Tag | Role::KeyedText | Role::KeyedObject => {
                vec![json!(5), json!([])]
            }
            Role::Constant => vec![json!(5), json!("not the constant")],
            Role::Integer => vec![json!("5"), json!(1.5), json!(1e300)],
            Role::Number => vec![json!("5"), json!({})],
            Role::Boolean => vec![json!("true"), json!(1)],
            Role::List => vec![json!({}), json!("text")],
            Role::Map | Role::Object(_) => vec![json!("text"), json!([[]])],
            Role::Untagged(kinds) if kinds.contains(&"boolean") => vec![],
            Role::Untagged(_) => vec![json!(true)],
        };
        let null = (!self.nullable).then_some(Value::Null);
        wrong
            .into_iter()
            .chain(null)
            .map(|part| self.replaced(value, part, self.refused("invalid ")))
            .collect()
    }

    /// Without each of its required fields.
    fn incomplete(&self, value: &Value) -> Vec<Mutant> {
        let Role::Object(required) = &self.role else {
            return Vec::new();
        };
        let mutant = |name: &String| {
            let mut value = value.clone();
            let object = part_mut(&mut value, &self.path).as_object_mut();
            object.expect("the site is an object").remove(name);
            let mut path = self.path.clone();
            path.push(Step::Key(name.clone()));
            let expected = match &self.kept_by_tag {
                Some(tag) if tag != name => Expected::Kept,
                _ => self.refused_at(render(&path), "missing field"),
            };
            Mutant { value, expected }
        };
        required.iter().map(mutant).collect()
    }

    /// With an unknown value.
    fn unknown_value(&self, value: &Value) -> Option<Mutant> {
        let unknown = match self.role {
            Role::Enum | Role::Tag | Role::KeyedText => json!("notYetKnown"),
            Role::KeyedObject => json!({ "notYetKnown": { "a": [1, null] } }),
            _ => return None,
        };
        Some(self.replaced(value, unknown, Expected::Kept))
    }

    /// With an unknown field.
    fn unknown_field(&self, value: &Value) -> Option<Mutant> {
        if !matches!(self.role, Role::Object(_) | Role::KeyedObject) {
            return None;
        }
        let mut value = value.clone();
        part_mut(&mut value, &self.path)["zNotYetKnown"] = json!({ "a": [1.0, null, "b"] });
        Some(Mutant {
            value,
            expected: Expected::Kept,
        })
    }
}

impl Mutant {
    /// The deviation of the model from the expected outcome.
    fn fault(&self, codec: &Codec) -> Option<String> {
        let outcome = codec.round_trip(&self.value);
        let (path, problem) = match (&self.expected, outcome) {
            (Expected::Kept | Expected::KeptOrRefused { .. }, Ok(written)) => {
                return (written != self.value)
                    .then(|| format!("{}: changed\n  {}\n  {written}", codec.name, self.value));
            }
            (Expected::KeptOrRefused { path }, Err(error)) => {
                // The alternative that is left may miss another field.
                let owner = path.rsplit_once('.').map_or("", |(owner, _)| owner);
                (error.path().starts_with(owner), true)
            }
            (Expected::Refused { path, problem }, Err(error)) => {
                (error.path() == path, error.problem().starts_with(problem))
            }
            (expected, outcome) => {
                let name = codec.name;
                let outcome = outcome.map(|_| "accepted");
                return Some(format!(
                    "{name}: {outcome:?}, not {expected:?}\n  {}",
                    self.value
                ));
            }
        };
        (!path || !problem).then(|| {
            let error = codec.round_trip(&self.value).err();
            format!(
                "{}: {error:?}, not {:?}\n  {}",
                codec.name, self.expected, self.value
            )
        })
    }
}

/// Tries the mutants of the full values of every model; returns their number.
#[track_caller]
fn try_all(mutants: impl Fn(&Site, &Value) -> Vec<Mutant>) -> usize {
    let mut count = 0;
    let mut faults = Vec::new();
    for codec in CODECS {
        let Some(schema) = DEFINITIONS.get(codec.name) else {
            continue; // The names for ids; they are strings like any other.
        };
        for (presence, value) in instances(codec.name) {
            if presence != Presence::Full {
                continue;
            }
            for site in sites(schema, &value) {
                for mutant in mutants(&site, &value) {
                    faults.extend(mutant.fault(codec));
                    count += 1;
                }
            }
        }
    }
    assert!(faults.is_empty(), "of {count}: {}", report(&faults));
    count
}

#[test]
fn a_missing_required_field_is_named() {
    let count = try_all(Site::incomplete);
    assert!(count > 4_000, "only {count} mutants");
}

#[test]
fn an_unknown_value_is_kept() {
    let count = try_all(|site, value| site.unknown_value(value).into_iter().collect());
    assert!(count > 1_400, "only {count} mutants");
}

#[test]
fn an_unknown_field_is_kept() {
    let count = try_all(|site, value| site.unknown_field(value).into_iter().collect());
    assert!(count > 2_000, "only {count} mutants");
}

#[test]
fn wrong_type_is_an_error_with_a_path() {
    let count = try_all(Site::wrong_types);
    assert!(count > 25_000, "only {count} mutants");
}

/// In a union whose alternatives differ by keys only, an object that lost one of them is
/// malformed if everything in it is known. With a key that is not known, or in a union of unions,
/// it is an alternative that is not known yet. These are all models where that happens.
#[test]
fn missing_key_is_unknown_only_in_unions_by_keys() {
    let mut found = BTreeSet::new();
    for codec in CODECS {
        let Some(schema) = DEFINITIONS.get(codec.name) else {
            continue;
        };
        for (_, value) in instances(codec.name) {
            let sites = sites(schema, &value);
            let roots = sites.iter().filter(|site| site.path.is_empty());
            for mutant in roots.flat_map(|site| site.incomplete(&value)) {
                if codec.round_trip(&mutant.value).is_ok() {
                    found.insert(codec.name);
                }
            }
        }
    }
    let expected = [
        "AccountSessionsSwitchResponse",
        "McpElicitationEnumSchema",
        "McpElicitationPrimitiveSchema",
        "ResourceContent",
        "ThreadItemsListCursor",
    ];
    assert_eq!(Vec::from_iter(found), expected);
}

#[test]
fn an_alternative_that_lost_a_key_is_an_error_with_a_path() {
    for (model, value, expected) in [
        (
            "AccountSessionsSwitchResponse",
            json!({ "authUrl": "x" }),
            "loginId: missing field",
        ),
        (
            "AccountSessionsSwitchResponse",
            json!({}),
            "sessions: missing field",
        ),
        (
            "ThreadItemsListCursor",
            json!({ "type": "item" }),
            "itemId: missing field",
        ),
        (
            "ResourceContent",
            json!({ "uri": "x", "mimeType": "y" }),
            "text: missing field",
        ),
    ] {
        let error = Codec::named(model).round_trip(&value).expect_err(model);
        assert_eq!(error.to_string(), expected, "{model}");
    }
    for (model, value) in [
        ("AccountSessionsSwitchResponse", json!({ "ticket": "x" })),
        (
            "ThreadItemsListCursor",
            json!({ "type": "turn", "itemId": "x" }),
        ),
        ("ResourceContent", json!({ "uri": "x", "stream": "y" })),
    ] {
        let written = Codec::named(model).round_trip(&value).expect(model);
        assert_eq!(written, value);
    }
}
