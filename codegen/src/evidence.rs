//! The empty forms of fields in recorded messages: evidence for the rules that no dump states
//! (`fixups::wire`).
//!
//! Follows each message of the server through the model, as decoding would. Does not know where the
//! messages come from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::fixups::wire::{ABSENT_WHEN_EMPTY, NULL_WHEN_EMPTY};
use crate::ir::{Definition, Kind, Matcher, Model, Presence, Type};
use crate::protocol::{Protocol, Request};
use crate::{Error, Inputs};

/// A message of the server, or an answer to one of a client's requests.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "callers build it; the crate is not published"
)]
pub struct Recorded {
    /// Its place, human-readable: a file and a line.
    pub place: String,
    /// Its method, or that of the request that it answers.
    pub method: String,
    /// The role of the value in its method.
    pub part: Part,
    /// The parameters or the result.
    pub value: Value,
}

/// A part of the exchange that a method stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are two")]
pub enum Part {
    /// The parameters of a request or a notification of the server.
    Params,
    /// The result of a request of the client.
    Result,
}

/// The empty forms in which a field was seen, each with the first place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forms {
    /// A place where it was `null`, if any.
    pub null: Option<String>,
    /// A place where it was omitted, if any.
    pub absent: Option<String>,
    /// The form that the models take for the usual one is `null`.
    pub null_is_usual: bool,
}

/// The empty forms of fields, by definition (the union's, for a variant) and name on the wire.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Evidence {
    /// The fields that were empty somewhere.
    pub fields: BTreeMap<(String, String), Forms>,
}

/// The messages of the server in a session of the corpus: a line for each message, with `dir`
/// (`c2s`, `s2c`) and `msg`.
///
/// # Errors
///
/// When a line is not JSON.
pub fn session(name: &str, text: &str) -> Result<Vec<Recorded>, serde_json::Error> {
    let mut asked = BTreeMap::new();
    let mut messages = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let record: Value = serde_json::from_str(line)?;
        let (message, method) = (&record["msg"], record["msg"]["method"].as_str());
        let id = message["id"].to_string();
        let (part, method) = match (record["dir"].as_str(), method) {
            (Some("s2c"), Some(method)) => (Part::Params, method.to_owned()),
            (Some("s2c"), None) => match asked.remove(&id) {
                Some(method) => (Part::Result, method),
                None => continue,
            },
            (Some("c2s"), Some(method)) => {
                asked.insert(id, method.to_owned());
                continue;
            }
            _ => continue,
        };
        let key = if part == Part::Params {
            "params"
        } else {
            "result"
        };
        messages.push(Recorded {
            place: format!("{name}:{}", index + 1),
            method,
            part,
            value: message[key].clone(),
        });
    }
    Ok(messages)
}

/// Looks at messages with the model that a dump becomes.
///
/// # Errors
///
/// Anything in the dump that cannot be read.
pub fn observe(inputs: &Inputs, messages: &[Recorded]) -> Result<Evidence, Error> {
    let (_, model, protocol) = crate::read(inputs)?;
    let mut observer = Observer {
        model: &model,
        evidence: Evidence::default(),
    };
    for message in messages {
        if let Some(name) = type_of(&protocol, message) {
            observer.definition(name, &message.value, &message.place);
        }
    }
    Ok(observer.evidence)
}

fn type_of<'a>(protocol: &'a Protocol, message: &Recorded) -> Option<&'a str> {
    let is_asked = |request: &&Request| request.method == message.method;
    if message.part == Part::Result {
        let request = protocol.client_requests.iter().find(is_asked)?;
        return Some(&request.response);
    }
    let request = protocol.server_requests.iter().find(is_asked);
    let notifications = &protocol.server_notifications;
    let notification = notifications.iter().find(|it| it.method == message.method);
    let params = request
        .map(|it| &it.params)
        .or(notification.map(|it| &it.params))?;
    params.type_name()
}

struct Observer<'a> {
    model: &'a Model,
    evidence: Evidence,
}

impl Observer<'_> {
    fn value(&mut self, of: &Type, value: &Value, place: &str) {
        match (of, value) {
            (Type::Named(name), _) => self.definition(name, value, place),
            (Type::Boxed(inner) | Type::Nullable(inner), _) => self.value(inner, value, place),
            (Type::List(inner) | Type::Listing(inner), Value::Array(values)) => {
                for value in values {
                    self.value(inner, value, place);
                }
            }
            (Type::Map(inner), Value::Object(map)) => {
                for value in map.values() {
                    self.value(inner, value, place);
                }
            }
            _ => {}
        }
    }

    fn definition(&mut self, name: &str, value: &Value, place: &str) {
        let Some(definition) = self
            .model
            .definitions
            .get(name)
            .filter(|_| !value.is_null())
        else {
            return;
        };
        match &definition.kind {
            Kind::Struct(_) => self.fields(definition, value, place),
            Kind::Alias(inner) => self.value(inner, value, place),
            Kind::Tagged(union) => {
                let tag = value.get(&union.tag.0).and_then(Value::as_str);
                let mut variants = union.variants.iter();
                if let Some(variant) = variants.find(|it| Some(&*it.wire.0) == tag) {
                    self.definition(&variant.payload, value, place);
                }
            }
            Kind::Keyed(union) => {
                for key in &union.keys {
                    if let Some(inner) = value.get(&key.wire.0) {
                        self.value(&key.payload, inner, place);
                    }
                }
            }
            Kind::Untagged(alternatives) => {
                let mut alternatives = alternatives.iter();
                if let Some(found) = alternatives.find(|it| matches(&it.matcher, value)) {
                    self.value(&found.payload, value, place);
                }
            }
            Kind::StringEnum(_) | Kind::Newtype => {}
        }
    }

    fn fields(&mut self, definition: &Definition, value: &Value, place: &str) {
        let (Kind::Struct(object), Value::Object(found)) = (&definition.kind, value) else {
            return;
        };
        for field in &object.fields {
            let form = found.get(&field.wire.0);
            if let Some(value) = form.filter(|value| !value.is_null()) {
                self.value(&field.value, value, place);
            } else if let Some(null_is_usual) = usually_null(field.presence) {
                let owner = definition.variant_of.as_ref().map(|(union, _)| union);
                let owner = owner.unwrap_or(&definition.name).clone();
                let forms = self
                    .evidence
                    .fields
                    .entry((owner, field.wire.0.clone()))
                    .or_default();
                forms.null_is_usual = null_is_usual;
                let seen = if form.is_some() {
                    &mut forms.null
                } else {
                    &mut forms.absent
                };
                seen.get_or_insert_with(|| place.to_owned());
            }
        }
    }
}

/// Returns whether `null` is the usual form of an empty field; `None` if the form has a meaning, or
/// where the field cannot be empty.
fn usually_null(presence: Presence) -> Option<bool> {
    match presence {
        Presence::NullWhenEmpty => Some(true),
        Presence::AbsentWhenEmpty => Some(false),
        _ => None,
    }
}

fn matches(matcher: &Matcher, value: &Value) -> bool {
    match matcher {
        Matcher::Any => true,
        Matcher::String => value.is_string(),
        Matcher::Strings(strings) => value
            .as_str()
            .is_some_and(|text| strings.iter().any(|it| it == text)),
        Matcher::Integer => value.is_i64() || value.is_u64(),
        Matcher::Number => value.is_number(),
        Matcher::Boolean => value.is_boolean(),
        Matcher::List => value.is_array(),
        Matcher::Object(keys) => {
            let has = |(key, inner): &(String, Matcher)| {
                value.get(key).is_some_and(|value| matches(inner, value))
            };
            value.is_object() && keys.iter().all(has)
        }
        Matcher::OneOf(matchers) => matchers.iter().any(|it| matches(it, value)),
    }
}

impl Evidence {
    /// The fields that were empty in another form than the models take for the usual one, as
    /// sentences: rows that are missing in `fixups::wire`, or wrong ones.
    pub fn contradictions(&self) -> Vec<String> {
        let fields = self.fields.iter().filter_map(|((owner, field), forms)| {
            let (found, table) = if forms.null_is_usual {
                (&forms.absent, "ABSENT_WHEN_EMPTY")
            } else {
                (&forms.null, "NULL_WHEN_EMPTY")
            };
            let place = found.as_ref()?;
            let both = forms.null.is_some() && forms.absent.is_some();
            let remedy = if both {
                "it was seen in both forms: look at the messages".to_owned()
            } else {
                format!(
                    "add the row (`{owner}`, `{field}`) to {table}, or remove it from the other"
                )
            };
            Some(format!("`{owner}.{field}` at {place}: {remedy}"))
        });
        fields.collect()
    }

    /// The rows of `fixups::wire` with the first message that proves each; `None` where none does.
    pub fn of_rows(&self) -> Vec<(String, Option<&str>)> {
        let absent = ABSENT_WHEN_EMPTY.iter().map(|row| (row, false));
        let null = NULL_WHEN_EMPTY.iter().map(|row| (row, true));
        let rows = absent.chain(null).map(|(&(owner, field), is_null)| {
            let forms = self.fields.get(&(owner.to_owned(), field.to_owned()));
            let seen = |it: &Forms| {
                if is_null {
                    it.null.is_some()
                } else {
                    it.absent.is_some()
                }
            };
            let forms = forms.filter(|it| seen(it));
            let place = forms.and_then(|it| it.null.as_deref().or(it.absent.as_deref()));
            (format!("{owner}.{field}"), place)
        });
        rows.collect()
    }

    /// The rows of `fixups::wire` that no message proves. One struct is written one way: a message
    /// that proves the row of a sibling is enough.
    pub fn unproved(&self) -> BTreeSet<String> {
        let rows = self.of_rows();
        let owner = |row: &str| row.split('.').next().unwrap_or_default().to_owned();
        let proved: BTreeSet<String> = rows
            .iter()
            .filter(|(_, place)| place.is_some())
            .map(|(row, _)| owner(row))
            .collect();
        let rows = rows.into_iter().map(|(row, _)| row);
        rows.filter(|row| !proved.contains(&owner(row))).collect()
    }
}
