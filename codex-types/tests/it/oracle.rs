//! A second reader, made of `serde_json` and the definitions: the judge of the models' own one.
//!
//! It takes text apart with `serde_json` alone and holds it against the schema, in the order of
//! the text and with all duplicates. Knows the words of the models' errors and nothing of how
//! they are read.

mod json;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::schema::listed::is_listed;
use crate::schema::sites::{Step, render};
use crate::schema::{Kind, Resolved, constants, field_schema, is_catch_all, is_required, resolve};
pub(crate) use json::Json;

/// The expected outcome of reading a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is read; it holds this value.
    Accepted,
    /// It is refused with one of these errors, path and problem.
    Refused(Vec<String>),
    /// It is no JSON; the problem has these words.
    Broken(String),
    /// An object whose keys decide which alternative it is: the judge has no opinion.
    Open,
}

/// Holds a text against a schema.
pub(crate) fn judge(schema: &Value, text: &str) -> Verdict {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let first = values.next();
    let rest = text.get(values.byte_offset()..).unwrap_or_default();
    match (first, serde_json::from_str::<&RawValue>(text)) {
        // What stands behind a value is read after it.
        (Some(Ok(raw)), Err(error)) if !is_space(rest) => match judge_value(schema, raw) {
            Verdict::Accepted => Verdict::Broken(words(&error)),
            verdict => verdict,
        },
        (_, Err(error)) => Verdict::Broken(words(&error)),
        (_, Ok(raw)) => judge_value(schema, raw),
    }
}

/// Returns true for what JSON has as space: less than Unicode has.
fn is_space(text: &str) -> bool {
    text.trim_matches([' ', '\n', '\r', '\t']).is_empty()
}

fn judge_value(schema: &Value, raw: &RawValue) -> Verdict {
    match Judge::default().value(schema, &Json::read(raw), Place::default()) {
        Ok(()) => Verdict::Accepted,
        Err(Stop::Open) => Verdict::Open,
        Err(Stop::Fault(errors)) => Verdict::Refused(errors),
    }
}

/// The words of an error without its position.
pub(crate) fn words(error: &serde_json::Error) -> String {
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    message
        .strip_suffix(&position)
        .unwrap_or(&message)
        .to_owned()
}

/// The reason to look no further.
enum Stop {
    /// The errors that may be reported: of several missing fields, any.
    Fault(Vec<String>),
    Open,
}

type Judgment = Result<(), Stop>;

/// The surroundings of a value.
#[derive(Clone, Copy, Default)]
struct Place {
    /// It is inside of a list.
    in_list: bool,
    /// It is itself an element of one.
    is_element: bool,
}

/// The rule for a constant field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TagRule {
    Expected,
    Seen,
    Ignored,
}

#[derive(Default)]
struct Judge {
    path: Vec<Step>,
}

impl Judge {
    fn fault<T>(&self, problem: &str) -> Result<T, Stop> {
        Err(Stop::Fault(vec![self.message(None, problem)]))
    }

    fn message(&self, field: Option<&str>, problem: &str) -> String {
        let mut path = self.path.clone();
        path.extend(field.map(|name| Step::Key(name.to_owned())));
        match render(&path) {
            path if path.is_empty() => problem.to_owned(),
            path => format!("{path}: {problem}"),
        }
    }

    fn mismatch<T>(&self, json: &Json, expected: &str) -> Result<T, Stop> {
        match json.found() {
            Ok(found) => self.fault(&format!("invalid type: {found}, expected {expected}")),
            Err(problem) => self.fault(&problem),
        }
    }

    fn at(&mut self, step: Step, schema: &Value, json: &Json, place: Place) -> Judgment {
        self.path.push(step);
        self.value(schema, json, place)?;
        self.path.pop();
        Ok(())
    }

    fn value(&mut self, schema: &Value, json: &Json, place: Place) -> Judgment {
        let Resolved { kind, nullable } = resolve(schema);
        if nullable && matches!(json, Json::Null) {
            return Ok(());
        }
        match (kind, json) {
            (_, Json::Odd) => Err(Stop::Open),
            (Kind::Any, _)
            | (Kind::Boolean, Json::Boolean)
            | (Kind::Number, Json::Number(_))
            | (Kind::Text | Kind::Enum(_), Json::Text(Ok(_))) => Ok(()),
            (Kind::Text | Kind::Enum(_), Json::Text(Err(problem))) => self.fault(problem),
            (Kind::Text | Kind::Enum(_), _) => self.mismatch(json, "a string"),
            (Kind::Boolean, _) => self.mismatch(json, "a boolean"),
            (Kind::Number, _) => self.mismatch(json, "a JSON number"),
            (Kind::Integer, _) => self.integer(schema, json),
            (Kind::List(items), Json::List(list)) => self.list(items, list),
            (Kind::List(_), _) => self.mismatch(json, "an array"),
            (Kind::Object(object), Json::Object(entries)) => {
                self.object(object, entries, TagRule::Expected, place)
            }
            (Kind::Tagged(arms), Json::Object(entries)) => self.tagged(&arms, entries, place),
            (Kind::Tagged(arms), _) if keeps_untagged(&arms, place) => Ok(()),
            (Kind::Object(_) | Kind::Tagged(_), _) => self.mismatch(json, "an object"),
            (Kind::Keyed(arms), _) => self.keyed(&arms, json, place),
            (Kind::Untagged(arms), _) => self.untagged(&arms, json, place),
        }
    }

    fn integer(&self, schema: &Value, json: &Json) -> Judgment {
        let format = integer_format(schema);
        let Json::Number(token) = json else {
            return self.mismatch(json, format.name);
        };
        match token.parse::<i128>() {
            Ok(number) if format.allowed.contains(&number) && token != "-0" => Ok(()),
            // What `serde_json` itself holds as an integer is out of range, not of another type.
            Ok(number) if is_json_integer(number) && token != "-0" => self.fault(&format!(
                "invalid value: integer `{number}`, expected {}",
                format.name
            )),
            _ => self.mismatch(json, format.name),
        }
    }

    fn list(&mut self, items: &Value, list: &[Json]) -> Judgment {
        let place = Place {
            in_list: true,
            is_element: true,
        };
        for (index, item) in list.iter().enumerate() {
            let depth = self.path.len();
            match self.at(Step::Index(index), items, item, place) {
                Err(Stop::Fault(_)) if is_listed(items) => self.path.truncate(depth), // It is kept.
                judgment => judgment?,
            }
        }
        Ok(())
    }

    fn object(
        &mut self,
        schema: &Map<String, Value>,
        entries: &[(String, Json)],
        mut rule: TagRule,
        place: Place,
    ) -> Judgment {
        let whole = Value::Object(schema.clone());
        let constant = constants(&whole).next();
        for (name, json) in entries {
            match constant {
                Some((tag, value)) if tag == name => match rule {
                    TagRule::Ignored => {}
                    _ if json.text() == Some(value) => rule = TagRule::Seen,
                    _ => {
                        self.path.push(Step::Key(name.clone()));
                        return self.fault(&format!("invalid value: expected `{value}`"));
                    }
                },
                _ => self.field(schema, name, json, place)?,
            }
        }
        let is_there = |name: &str| entries.iter().any(|(known, _)| known == name);
        let fields = schema.get("properties").and_then(Value::as_object);
        let names = fields.into_iter().flat_map(Map::keys).map(String::as_str);
        let is_tag = |name: &str| constant.is_some_and(|(tag, _)| tag == name);
        let missing = names.filter(|name| is_required(&whole, name) && !is_there(name));
        let (tags, missing): (Vec<_>, Vec<_>) = missing.partition(|name| is_tag(name));
        // The tag is looked for last.
        let missing = if missing.is_empty() { tags } else { missing };
        if missing.is_empty()
            || missing.iter().all(|name| is_tag(name)) && rule != TagRule::Expected
        {
            return Ok(());
        }
        let message = |name: &&str| self.message(Some(name), "missing field");
        Err(Stop::Fault(missing.iter().map(message).collect()))
    }

    fn field(
        &mut self,
        schema: &Map<String, Value>,
        name: &str,
        json: &Json,
        place: Place,
    ) -> Judgment {
        let place = Place {
            is_element: false,
            ..place
        };
        match field_schema(schema, name) {
            Some(field) if !field.is_boolean() => {
                self.at(Step::Key(name.to_owned()), field, json, place)
            }
            _ => Ok(()),
        }
    }

    fn tagged(&mut self, arms: &[&Value], entries: &[(String, Json)], place: Place) -> Judgment {
        let name = tag_name(arms);
        let is_first = entries.first().is_some_and(|(first, _)| first == name);
        let found = if is_first {
            entries.first()
        } else {
            entries.iter().rfind(|(known, _)| known == name)
        };
        let Some((_, tag)) = found else {
            if keeps_untagged(arms, place) {
                return Ok(());
            }
            return Err(Stop::Fault(vec![self.message(Some(name), "missing field")]));
        };
        let tag = match tag {
            Json::Text(Ok(tag)) => tag,
            _ if keeps_untagged(arms, place) => return Ok(()),
            other => {
                self.path.push(Step::Key(name.to_owned()));
                return match other {
                    Json::Text(Err(problem)) => self.fault(problem),
                    // What is looked for behind other fields is not named.
                    _ if !is_first => self.fault("invalid type: expected a string"),
                    _ => self.mismatch(other, "a string"),
                };
            }
        };
        let arm = arms.iter().find(|arm| {
            let mut constants = constants(arm);
            constants.any(|(known, value)| known == name && value == tag)
        });
        let Some(Kind::Object(arm)) = arm.map(|arm| resolve(arm).kind) else {
            return Ok(()); // It is kept.
        };
        let rule = if is_first {
            TagRule::Seen
        } else {
            TagRule::Ignored
        };
        let depth = self.path.len();
        match self.object(arm, entries, rule, place) {
            Err(Stop::Fault(_)) if place.in_list && is_required_in(arm, "id") => {
                self.path.truncate(depth);
                Ok(()) // It is kept.
            }
            judgment => judgment,
        }
    }

    fn keyed(&mut self, arms: &[&Value], json: &Json, place: Place) -> Judgment {
        match json {
            Json::Text(_) => Ok(()),
            Json::Object(entries) => {
                let Some((key, value)) = entries.last() else {
                    return Ok(());
                };
                let mut known = arms.iter().filter(|arm| !is_catch_all(arm));
                let schema = known.find_map(|arm| arm.get("properties")?.get(key));
                match schema {
                    Some(schema) if entries.iter().all(|(other, _)| other == key) => {
                        let place = Place {
                            is_element: false,
                            ..place
                        };
                        self.at(Step::Key(key.clone()), schema, value, place)
                    }
                    _ => Ok(()), // It is kept.
                }
            }
            _ => self.fault(&format!(
                "invalid type: {}, expected a string or an object",
                json.kind()
            )),
        }
    }

    /// Only a kind that no alternative has is certain.
    fn untagged(&mut self, arms: &[&Value], json: &Json, place: Place) -> Judgment {
        let kinds = arms.iter().map(|arm| json_kind(arm));
        let fitting: Vec<_> = kinds
            .zip(arms)
            .filter(|(kind, _)| *kind == json.kind())
            .collect();
        match (&fitting[..], json) {
            ([], _) => self.fault(&format!(
                "invalid type: {}, which no alternative is",
                json.kind()
            )),
            ([(_, arm)], Json::Text(_) | Json::List(_) | Json::Boolean) => {
                self.value(arm, json, place)
            }
            _ => Err(Stop::Open),
        }
    }
}

/// Returns whether an element without a usable tag is kept: others of its kind have ids.
fn keeps_untagged(arms: &[&Value], place: Place) -> bool {
    let has_id = |arm: &&Value| match resolve(arm).kind {
        Kind::Object(arm) => is_required_in(arm, "id"),
        _ => false,
    };
    place.is_element && arms.iter().any(has_id)
}

fn is_required_in(schema: &Map<String, Value>, name: &str) -> bool {
    is_required(&Value::Object(schema.clone()), name)
}

/// The constant field by which alternatives differ.
fn tag_name<'a>(arms: &[&'a Value]) -> &'a str {
    let mut candidates = constants(arms[0]).map(|(name, _)| name);
    let is_everywhere = |name: &&str| {
        let has = |arm: &&Value| constants(arm).any(|(other, _)| other == *name);
        arms.iter().all(has)
    };
    candidates.find(is_everywhere).expect("a union has a tag")
}

fn json_kind(schema: &Value) -> &'static str {
    match resolve(schema).kind {
        Kind::Enum(_) | Kind::Text => "string",
        Kind::Integer | Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::List(_) => "array",
        _ => "object",
    }
}

/// The Rust type of an integer.
struct Format {
    name: &'static str,
    allowed: std::ops::RangeInclusive<i128>,
}

fn integer_format(schema: &Value) -> Format {
    let format = |name, minimum: i128, maximum: i128| Format {
        name,
        allowed: minimum..=maximum,
    };
    let own = crate::schema::not_null(schema);
    match own.get("format").and_then(Value::as_str) {
        Some("uint16") => format("u16", 0, u16::MAX.into()),
        Some("uint32") => format("u32", 0, u32::MAX.into()),
        Some("uint64") => format("u64", 0, u64::MAX.into()),
        Some("int32") => format("i32", i32::MIN.into(), i32::MAX.into()),
        _ => format("i64", i64::MIN.into(), i64::MAX.into()),
    }
}

fn is_json_integer(number: i128) -> bool {
    i64::try_from(number).is_ok() || u64::try_from(number).is_ok()
}
