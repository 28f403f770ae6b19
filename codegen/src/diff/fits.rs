//! Decides whether a reader with one schema can decode messages of a writer with another one.
//!
//! Compares the kinds of JSON, the ranges of integers and the required fields, through all nested
//! types. There are two readers: our models, which keep unknown values, and the runtime, which
//! rejects unknown values and variants.

use std::collections::BTreeSet;

use crate::inventory::{FieldEntry, Inventory, Presence, TypeEntry, ValueType};
use crate::schema::IntegerFormat;

/// Two schemas: the reader's and the writer's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends<'a> {
    /// The schema of the end that reads.
    pub(super) reader: &'a Inventory,
    /// The schema of the end that writes.
    pub(super) writer: &'a Inventory,
    /// True if the reader rejects unknown values and variants, as the runtime does.
    pub(super) strict: bool,
}

/// Pairs of definitions under comparison, so that recursion ends.
type Seen = BTreeSet<(String, String)>;

const NULL: u8 = 1;
const BOOLEAN: u8 = 2;
const INTEGER: u8 = 4;
const FRACTION: u8 = 8;
const STRING: u8 = 16;
const LIST: u8 = 32;
const OBJECT: u8 = 64;
const ALL: u8 = 127;

impl Ends<'_> {
    /// The reason why a value of the writer's type cannot be read as the reader's type; `None` if
    /// it can.
    pub(super) fn obstacle(&self, reader: &ValueType, writer: &ValueType) -> Option<String> {
        self.value(reader, writer, &mut Seen::new())
    }

    /// The reason why a field of the writer cannot be read as the reader's field of the same name.
    pub(super) fn field_obstacle(
        &self,
        reader: &FieldEntry,
        writer: Option<&FieldEntry>,
    ) -> Option<String> {
        self.field(reader, writer, &mut Seen::new())
    }

    fn value(&self, reader: &ValueType, writer: &ValueType, seen: &mut Seen) -> Option<String> {
        use ValueType::{Integer, List, Listing, Map, Named, Nullable};
        match (reader, writer) {
            (ValueType::Any, _) => None,
            (Nullable(reader), writer) => self.value(reader, strip(writer), seen),
            (List(reader) | Listing(reader), List(writer) | Listing(writer))
            | (Map(reader), Map(writer)) => self.value(reader, writer, seen),
            (Integer(reader), Integer(writer)) => integers(*reader, *writer),
            (Named(reader), Named(writer)) => self.named(reader, writer, seen),
            (Named(reader), writer) => match &self.reader.find(reader)?.alias {
                Some(alias) => self.value(alias, writer, seen),
                None => self.kinds(&Named(reader.clone()), writer),
            },
            (reader, Named(writer)) => match &self.writer.find(writer)?.alias {
                Some(alias) => self.value(reader, alias, seen),
                None => self.kinds(reader, &Named(writer.clone())),
            },
            _ => self.kinds(reader, writer),
        }
    }

    fn kinds(&self, reader: &ValueType, writer: &ValueType) -> Option<String> {
        let missing =
            kinds(self.writer, writer, false, 0) & !kinds(self.reader, reader, !self.strict, 0);
        if missing != 0 {
            return Some(format!("`{writer}` may be {}", kind_names(missing)));
        }
        let is_closed = |name: &str| {
            let entry = self.reader.find(name);
            entry.is_some_and(|entry| entry.kind == "string enum")
        };
        let closed = self.strict && reader.name().is_some_and(is_closed);
        closed.then(|| format!("`{writer}` may be none of the values of `{reader}`"))
    }

    fn named(&self, reader: &str, writer: &str, seen: &mut Seen) -> Option<String> {
        if !seen.insert((reader.to_owned(), writer.to_owned())) {
            return None;
        }
        let (one, other) = (self.reader.find(reader)?, self.writer.find(writer)?);
        match (one.kind, other.kind) {
            ("alias", _) | (_, "alias") => {
                let named = |name: &str| ValueType::Named(name.to_owned());
                let reader = one.alias.clone().unwrap_or_else(|| named(reader));
                let writer = other.alias.clone().unwrap_or_else(|| named(writer));
                self.value(&reader, &writer, seen)
            }
            ("struct", "struct") => self.objects(one, other, seen),
            ("struct", "tagged union") => {
                let payloads = other.variants.iter().filter_map(|it| it.payload.as_ref());
                let names: Vec<&str> = payloads.filter_map(ValueType::name).collect();
                names
                    .into_iter()
                    .find_map(|name| self.named(reader, name, seen))
            }
            ("tagged union", "tagged union") => self.unions(one, other),
            ("tagged union", _) => Some(format!("`{writer}` lacks the tag of `{reader}`")),
            ("string enum", "string enum") => self.values(one, other),
            _ => {
                let named = |name: &str| ValueType::Named(name.to_owned());
                self.kinds(&named(reader), &named(writer))
            }
        }
    }

    /// A tag that only one of them has, or that has different values, belongs to the enclosing
    /// union.
    fn objects(&self, reader: &TypeEntry, writer: &TypeEntry, seen: &mut Seen) -> Option<String> {
        reader.fields.iter().find_map(|field| {
            let written = writer.fields.iter().find(|it| it.wire == field.wire);
            let is_tag = writer
                .tag
                .as_ref()
                .is_some_and(|(tag, _)| *tag == field.wire);
            if written.is_none() && is_tag {
                return None;
            }
            self.field(field, written, seen)
        })
    }

    fn field(
        &self,
        reader: &FieldEntry,
        writer: Option<&FieldEntry>,
        seen: &mut Seen,
    ) -> Option<String> {
        let wire = &reader.wire;
        let Some(writer) = writer else {
            return reader
                .is_required()
                .then(|| format!("`{wire}` is required, and no longer sent"));
        };
        let may_be_absent = !writer.is_required();
        if reader.is_required() && may_be_absent && !self.is_null_written(writer) {
            return Some(format!("`{wire}` is required, and may be absent"));
        }
        let may_be_null = writer.is_nullable();
        let takes_null = reader.is_nullable() || reader.value == ValueType::Any;
        // Our models read `null` as an absent optional field; so do the runtime's.
        if may_be_null && !takes_null && reader.is_required() {
            return Some(format!("`{wire}` may be null"));
        }
        self.value(&reader.value, &writer.value, seen)
    }

    /// The runtime writes `null` where our models of it allow it; clients may omit such a field.
    fn is_null_written(&self, writer: &FieldEntry) -> bool {
        !self.strict && writer.presence == Presence::NullWhenEmpty
    }

    fn unions(&self, reader: &TypeEntry, writer: &TypeEntry) -> Option<String> {
        let tag = |entry: &TypeEntry| entry.tag.as_ref().map(|(tag, _)| tag.clone());
        if tag(reader) != tag(writer) {
            return Some(format!("`{}` has another tag", writer.name));
        }
        self.values(reader, writer)
    }

    fn values(&self, reader: &TypeEntry, writer: &TypeEntry) -> Option<String> {
        let known = |wire: &str| reader.variants.iter().any(|it| it.wire == wire);
        let unknown = writer.variants.iter().find(|it| !known(&it.wire));
        unknown
            .filter(|_| self.strict)
            .map(|unknown| format!("`{}` is not accepted", unknown.wire))
    }
}

impl ValueType {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            _ => None,
        }
    }
}

fn strip(value: &ValueType) -> &ValueType {
    match value {
        ValueType::Nullable(inner) => inner,
        _ => value,
    }
}

fn integers(reader: IntegerFormat, writer: IntegerFormat) -> Option<String> {
    let ((low, high), (lowest, highest)) = (range(reader), range(writer));
    (lowest < low || highest > high).then(|| "the number may be out of range".to_owned())
}

fn range(format: IntegerFormat) -> (i128, i128) {
    match format {
        IntegerFormat::Int32 => (i32::MIN.into(), i32::MAX.into()),
        IntegerFormat::Int64 => (i64::MIN.into(), i64::MAX.into()),
        IntegerFormat::Uint8 => (0, u8::MAX.into()),
        IntegerFormat::Uint16 => (0, u16::MAX.into()),
        IntegerFormat::Uint32 => (0, u32::MAX.into()),
        IntegerFormat::Uint64 => (0, u64::MAX.into()),
    }
}

/// The kinds of JSON of a type; with `open`, including those that our unions keep as unrecognized.
fn kinds(inventory: &Inventory, value: &ValueType, open: bool, depth: usize) -> u8 {
    match value {
        ValueType::Any => ALL,
        ValueType::Boolean => BOOLEAN,
        ValueType::Integer(_) => INTEGER,
        ValueType::Number => INTEGER | FRACTION,
        ValueType::String => STRING,
        ValueType::List(_) | ValueType::Listing(_) => LIST,
        ValueType::Map(_) => OBJECT,
        ValueType::Nullable(inner) => NULL | kinds(inventory, inner, open, depth),
        ValueType::Boxed(inner) => kinds(inventory, inner, open, depth),
        ValueType::Named(name) => inventory
            .find(name)
            .map_or(ALL, |entry| kinds_of_entry(inventory, entry, open, depth)),
    }
}

fn kinds_of_entry(inventory: &Inventory, entry: &TypeEntry, open: bool, depth: usize) -> u8 {
    /// Deeper than the nesting of any union; stops the recursion of one that contains itself.
    const DEEPEST: usize = 16;
    let nested = |value: &ValueType| kinds(inventory, value, open, depth + 1);
    match entry.kind {
        "struct" | "tagged union" => OBJECT,
        "string enum" | "newtype" => STRING,
        _ if depth > DEEPEST => ALL,
        "alias" => entry.alias.as_ref().map_or(ALL, nested),
        _ if open => ALL,
        "keyed union" => {
            let kind = |payload: bool| if payload { OBJECT } else { STRING };
            let variants = entry.variants.iter();
            variants.fold(0, |all, it| all | kind(it.payload.is_some()))
        }
        _ => {
            let payloads = entry.variants.iter().filter_map(|it| it.payload.as_ref());
            payloads.fold(0, |all, payload| all | nested(payload))
        }
    }
}

fn kind_names(kinds: u8) -> String {
    let names = [
        (NULL, "null"),
        (BOOLEAN, "a boolean"),
        (INTEGER, "a whole number"),
        (FRACTION, "a number"),
        (STRING, "a string"),
        (LIST, "a list"),
        (OBJECT, "an object"),
    ];
    let names = names.iter().filter(|(kind, _)| kinds & kind != 0);
    names
        .map(|(_, name)| *name)
        .collect::<Vec<_>>()
        .join(" or ")
}
