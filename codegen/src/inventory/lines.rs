//! The inventory as text, a line per type, field and variant, for snapshots: their diff shows the
//! effect of a change of runtime or generator on the models.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use crate::inventory::{
    FieldEntry, Inventory, Presence, Senders, TypeEntry, ValueType, VariantEntry,
};
use crate::schema::IntegerFormat;

impl Inventory {
    /// Every type with its fields, variants and direction, as lines.
    pub fn lines(&self) -> String {
        let mut text = String::new();
        let newtypes = self.types.iter().filter(|entry| entry.kind == "newtype");
        let newtypes: BTreeSet<&str> = newtypes.map(|entry| entry.name.as_str()).collect();
        for entry in &self.types {
            // Writing to a string cannot fail.
            let _ = type_lines(entry, &newtypes, &mut text);
        }
        text
    }
}

fn type_lines(entry: &TypeEntry, newtypes: &BTreeSet<&str>, text: &mut String) -> fmt::Result {
    let TypeEntry {
        name, kind, module, ..
    } = entry;
    write!(text, "{name}: {kind} in {module}, {}", entry.senders)?;
    text.push_str(mark(entry.experimental));
    match (&entry.alias, &entry.tag) {
        (Some(value), _) => write!(text, " = {value}")?,
        (None, Some((tag, value))) if value.is_empty() => write!(text, " by {tag}")?,
        (None, Some((tag, value))) => write!(text, " with {tag} = {value}")?,
        (None, None) => {}
    }
    text.push('\n');
    for field in &entry.fields {
        writeln!(text, "  .{}{}", field_line(field), mark(field.experimental))?;
    }
    if let Some(line) = constructor_line(entry, newtypes) {
        writeln!(text, "  {line}")?;
    }
    for variant in &entry.variants {
        writeln!(text, "  | {}", variant_line(variant))?;
    }
    Ok(())
}

/// The arguments of a constructor that takes several texts: these can be swapped without an error,
/// so that their order is reviewed.
fn constructor_line(entry: &TypeEntry, newtypes: &BTreeSet<&str>) -> Option<String> {
    let is_text = |value: &ValueType| match value {
        ValueType::Named(name) => newtypes.contains(name.as_str()),
        value => *value == ValueType::String,
    };
    if entry.arguments().filter(|it| is_text(&it.value)).count() < 2 {
        return None;
    }
    let names: Vec<&str> = entry.arguments().map(|it| it.rust.as_str()).collect();
    Some(format!("new({})", names.join(", ")))
}

fn mark(experimental: bool) -> &'static str {
    if experimental { ", experimental" } else { "" }
}

fn field_line(field: &FieldEntry) -> String {
    let mut line = format!("{}: {}{}", field.wire, field.value, field.presence);
    if let Some(default) = &field.default {
        let _ = write!(line, " = {default}");
    }
    line
}

fn variant_line(variant: &VariantEntry) -> String {
    let VariantEntry { wire, rust, .. } = variant;
    match &variant.payload {
        Some(payload) if variant.boxed => format!("{wire} = {rust}(Box<{payload}>)"),
        Some(payload) => format!("{wire} = {rust}({payload})"),
        None => format!("{wire} = {rust}"),
    }
}

impl fmt::Display for Senders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match (self.client, self.server) {
            (true, true) => "sent by both",
            (true, false) => "sent by clients",
            (false, true) => "sent by servers",
            (false, false) => "sent by neither",
        })
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Required => "",
            Self::RequiredNullable => " or null",
            Self::Optional => ", optional",
            Self::NullWhenEmpty => ", null when empty",
            Self::AbsentWhenEmpty => ", absent when empty",
            Self::ThreeState => ", absent or null",
        })
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("any"),
            Self::Boolean => formatter.write_str("boolean"),
            Self::Integer(format) => formatter.write_str(match format {
                IntegerFormat::Int32 => "i32",
                IntegerFormat::Int64 => "i64",
                IntegerFormat::Uint8 => "u8",
                IntegerFormat::Uint16 => "u16",
                IntegerFormat::Uint32 => "u32",
                IntegerFormat::Uint64 => "u64",
            }),
            Self::Number => formatter.write_str("number"),
            Self::String => formatter.write_str("string"),
            Self::Named(name) => formatter.write_str(name),
            Self::List(inner) | Self::Listing(inner) => write!(formatter, "[{inner}]"),
            Self::Map(inner) => write!(formatter, "{{{inner}}}"),
            Self::Nullable(inner) => write!(formatter, "{inner} or null"),
            Self::Boxed(inner) => write!(formatter, "{inner}"),
        }
    }
}
