//! Makes valid values from a schema, the same ones for the same seed.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{DEFINITIONS, Kind, Resolved, field_schema, is_catch_all, is_required, resolve};

/// The optional parts of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The required parts.
    Minimal,
    /// Everything, and nothing is empty.
    Full,
    /// Everything, `null` wherever it may be.
    Null,
    /// By chance; unknown fields, too.
    Random,
}

/// The number of random values for each alternative of a definition.
const BY_CHANCE: usize = 16;

/// Values of a definition: for each of its alternatives each [`Presence`].
pub(crate) fn instances(name: &str) -> Vec<(Presence, Value)> {
    some_instances(name, BY_CHANCE)
}

/// The same with so many random values for each alternative.
pub(crate) fn some_instances(name: &str, by_chance: usize) -> Vec<(Presence, Value)> {
    let schema = &DEFINITIONS[name];
    let mut generator = Generator::new(name);
    let mut values = Vec::new();
    for arm in arms(schema) {
        let mut add = |presence| {
            generator.presence = presence;
            let value = match resolve(schema).kind {
                Kind::Keyed(_) => generator.keyed(arm),
                _ => generator.value(arm),
            };
            values.push((presence, value));
        };
        add(Presence::Minimal);
        add(Presence::Full);
        add(Presence::Null);
        (0..by_chance).for_each(|_| add(Presence::Random));
    }
    values
}

/// The alternatives of a definition, or the definition itself.
fn arms(schema: &Value) -> Vec<&Value> {
    match resolve(schema).kind {
        Kind::Tagged(arms) | Kind::Keyed(arms) | Kind::Untagged(arms) => arms,
        _ => vec![schema],
    }
}

struct Generator {
    rng: Rng,
    presence: Presence,
    depth: usize,
}

/// Strings that are easily broken on the way.
const TEXTS: &[&str] = &[
    "plain",
    "",
    "unknown",
    "null",
    "two words",
    "quote \" and \\ backslash",
    "line\nbreak\ttab\u{0}\u{1f}",
    "ünïcödé \u{2028} 🦀",
    "a.b[0]: c",
];

/// Keys that are easily broken on the way.
const KEYS: &[&str] = &["key", "", "two words", "a\"b", "ключ", "type", "x.y"];

impl Generator {
    fn new(name: &str) -> Self {
        let seed = name.bytes().fold(169, |seed: u64, byte| {
            seed.wrapping_mul(1_099_511_628_211) ^ u64::from(byte)
        });
        Self {
            rng: Rng::with_seed(seed),
            presence: Presence::Minimal,
            depth: 0,
        }
    }

    fn value(&mut self, schema: &Value) -> Value {
        let Resolved { kind, nullable } = resolve(schema);
        let null = match self.presence {
            Presence::Minimal | Presence::Null => true,
            Presence::Full => false,
            Presence::Random => self.rng.u8(..4) == 0,
        };
        if nullable && null {
            return Value::Null;
        }
        self.depth += 1;
        let value = self.not_null(schema, &kind);
        self.depth -= 1;
        value
    }

    fn not_null(&mut self, schema: &Value, kind: &Kind<'_>) -> Value {
        match kind {
            Kind::Any => self.anything(3),
            Kind::Enum(values) => json!(self.one_of(values)),
            Kind::Text => self.text(schema),
            Kind::Integer => self.integer(schema),
            Kind::Number => self.number(),
            Kind::Boolean => json!(self.rng.bool()),
            Kind::List(items) => self.list(items),
            Kind::Object(object) => self.object(object),
            Kind::Keyed(arms) => {
                let arm = self.one_of(arms);
                self.keyed(arm)
            }
            Kind::Tagged(arms) | Kind::Untagged(arms) => {
                let arm = self.one_of(arms);
                self.value(arm)
            }
        }
    }

    fn keyed(&mut self, arm: &Value) -> Value {
        match arm.as_object() {
            _ if is_catch_all(arm) && self.rng.bool() => json!("notYetKnown"),
            _ if is_catch_all(arm) => json!({ "notYetKnown": self.anything(2) }),
            Some(object) if arm.get("enum").is_none() => self.object(object),
            _ => self.value(arm),
        }
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.rng.usize(..choices.len())]
    }

    fn text(&mut self, schema: &Value) -> Value {
        let text = self.one_of(TEXTS);
        let too_short = text.is_empty() && bound(schema, "minLength").is_some();
        json!(if too_short { "x" } else { text })
    }

    fn integer(&mut self, schema: &Value) -> Value {
        let (minimum, maximum) = (bound(schema, "minimum"), bound(schema, "maximum"));
        match self.rng.u8(..4) {
            0 => minimum.unwrap_or(json!(i64::MIN)),
            1 => maximum.unwrap_or(json!(i64::MAX)),
            2 => json!(1),
            _ => json!(self.rng.u16(2..)),
        }
    }

    fn number(&mut self) -> Value {
        let numbers = [
            json!(5),
            json!(5.0),
            json!(-0.25),
            json!(1e300),
            json!(0.1),
            json!(u64::MAX),
        ];
        numbers[self.rng.usize(..numbers.len())].clone()
    }

    fn length(&mut self) -> usize {
        match self.presence {
            Presence::Minimal => 0,
            Presence::Full | Presence::Null => 1,
            Presence::Random if self.depth > 5 => self.rng.usize(..2),
            Presence::Random => self.rng.usize(..4),
        }
    }

    fn list(&mut self, items: &Value) -> Value {
        (0..self.length()).map(|_| self.value(items)).collect()
    }

    fn object(&mut self, schema: &Map<String, Value>) -> Value {
        let whole = Value::Object(schema.clone());
        let mut object = Map::new();
        let fields = schema.get("properties").and_then(Value::as_object);
        for (name, field) in fields.into_iter().flatten() {
            let present = match self.presence {
                Presence::Minimal => false,
                Presence::Full | Presence::Null => true,
                Presence::Random => self.rng.bool(),
            };
            if present || is_required(&whole, name) {
                object.insert(name.clone(), self.value(field));
            }
        }
        self.unknown_fields(schema, &mut object);
        Value::Object(object)
    }

    /// The entries of a map, and occasionally an unknown field.
    fn unknown_fields(&mut self, schema: &Map<String, Value>, object: &mut Map<String, Value>) {
        match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => {}
            Some(items) if schema.get("properties").is_none() => {
                for _ in 0..self.length() {
                    let key = self.one_of(KEYS);
                    let value = self.value(items);
                    object.insert(key.to_owned(), value);
                }
            }
            _ => {
                let name = "notYetKnown";
                let free = field_schema(schema, name).is_none_or(|any| any == &json!({}));
                if free && self.presence == Presence::Random && self.rng.u8(..4) == 0 {
                    object.insert(name.to_owned(), self.anything(2));
                }
            }
        }
    }

    fn anything(&mut self, depth: usize) -> Value {
        match self.rng.usize(..if depth == 0 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => json!(self.rng.bool()),
            2 => json!(self.rng.i64(..)),
            3 => self.number(),
            4 => json!(self.one_of(TEXTS)),
            5 => (0..self.rng.usize(..3))
                .map(|_| self.anything(depth - 1))
                .collect(),
            _ => {
                let mut object = Map::new();
                for _ in 0..self.rng.usize(..3) {
                    let key = self.one_of(KEYS);
                    object.insert(key.to_owned(), self.anything(depth - 1));
                }
                Value::Object(object)
            }
        }
    }
}

/// A keyword of a schema that may stand beside an alternative `null`.
fn bound(schema: &Value, keyword: &str) -> Option<Value> {
    super::not_null(schema).get(keyword).cloned()
}
