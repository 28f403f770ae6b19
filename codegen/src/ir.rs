//! The intermediate representation: plain data, without schemas and tokens.
//!
//! Wire names and Rust names are different types, so that they cannot be confused.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::schema::{IntegerFormat, Place};

/// A name on the wire.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WireName(pub(crate) String);

/// A name in Rust.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RustName(pub(crate) String);

/// The first runtimes that have an item, where they differ from those of its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Since {
    /// The first runtime that has it.
    pub(crate) first: Option<String>,
    /// The first runtime whose stable schema has it, if older ones have it as experimental.
    pub(crate) stable: Option<String>,
    /// The first runtime that always sends it, if older supported ones do not.
    pub(crate) always: Option<String>,
}

/// The contents of all emitted models.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    /// The types, by name.
    pub(crate) definitions: BTreeMap<String, Definition>,
}

/// One type.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    /// Its name, the same in Rust as in the dump.
    pub(crate) name: String,
    /// The position in the dump.
    pub(crate) place: Place,
    /// The documentation, ready for rustdoc.
    pub(crate) docs: Option<String>,
    /// The deprecation note, if it is deprecated.
    pub(crate) deprecated: Option<String>,
    /// Search aliases.
    pub(crate) aliases: Vec<String>,
    /// True if only the experimental dump has it.
    pub(crate) experimental: bool,
    /// The first runtimes that have it.
    pub(crate) since: Since,
    /// The union this is a variant of, and the tag or key of the variant.
    pub(crate) variant_of: Option<(String, String)>,
    /// The file it goes to.
    pub(crate) module: String,
    /// True for a text that must not be printed.
    pub(crate) secret: bool,
    /// The traits that the compiler derives.
    pub(crate) derives: Vec<&'static str>,
    /// The kind, with its contents.
    pub(crate) kind: Kind,
}

/// The kind of a type.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// An object with named fields.
    Struct(Struct),
    /// A string out of an extensible list.
    StringEnum(Vec<StringVariant>),
    /// A string with a type of its own.
    Newtype,
    /// An alias of a list, a map or any value.
    Alias(Type),
    /// Objects distinguished by a constant field.
    Tagged(Tagged),
    /// Strings and objects with one key.
    Keyed(Keyed),
    /// Values distinguished by their kind of JSON or by their keys.
    Untagged(Vec<Alternative>),
}

/// An object with named fields.
#[derive(Clone, Debug)]
pub(crate) struct Struct {
    /// The constant field, if it is a variant of a union.
    pub(crate) tag: Option<(WireName, String)>,
    /// The other fields.
    pub(crate) fields: Vec<Field>,
    /// The positions of the required fields in the order of the constructor's arguments.
    pub(crate) arguments: Vec<usize>,
}

impl Struct {
    /// The arguments of the constructor.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &Field> {
        let arguments = self.arguments.iter();
        arguments.filter_map(|index| self.fields.get(*index))
    }
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its name on the wire.
    pub(crate) wire: WireName,
    /// Its name in Rust.
    pub(crate) rust: RustName,
    /// Its type, without what `presence` adds.
    pub(crate) value: Type,
    /// The forms of its absence.
    pub(crate) presence: Presence,
    /// The position in the dump.
    pub(crate) place: Place,
    /// The meaning of an absent one, if defined.
    pub(crate) default: Option<Value>,
    /// The documentation, ready for rustdoc.
    pub(crate) docs: Option<String>,
    /// The deprecation note, if it is deprecated.
    pub(crate) deprecated: Option<String>,
    /// True if only the experimental dump has it.
    pub(crate) experimental: bool,
    /// The first runtimes that have it.
    pub(crate) since: Since,
    /// True if its value must not be printed.
    pub(crate) secret: bool,
}

/// The forms in which a field may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Presence {
    /// Always present.
    Required,
    /// Always present, but may be `null`.
    RequiredNullable,
    /// May be absent, but not `null`.
    Optional,
    /// Written as `null` by the runtime when it is empty.
    NullWhenEmpty,
    /// Omitted by the runtime when it is empty, but `null` is allowed.
    AbsentWhenEmpty,
    /// Absent, `null` and a value are three different states.
    ThreeState,
}

impl Presence {
    /// Returns whether it is always present.
    pub(crate) fn is_required(self) -> bool {
        matches!(self, Self::Required | Self::RequiredNullable)
    }
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// Any JSON.
    Any,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer(IntegerFormat),
    /// A number that may have a fraction.
    Number,
    /// A string.
    String,
    /// Another definition.
    Named(String),
    /// A list.
    List(Box<Type>),
    /// A list that keeps malformed elements beside the others: see the pass `listings`.
    Listing(Box<Type>),
    /// A map from strings.
    Map(Box<Type>),
    /// A value or `null`.
    Nullable(Box<Type>),
    /// A value behind a pointer, because it may contain its owner.
    Boxed(Box<Type>),
}

/// A value of a string enum.
#[derive(Clone, Debug)]
pub(crate) struct StringVariant {
    /// The value on the wire.
    pub(crate) wire: WireName,
    /// The variant's name.
    pub(crate) rust: RustName,
    /// The documentation, ready for rustdoc.
    pub(crate) docs: Option<String>,
    /// The deprecation note, if it is deprecated.
    pub(crate) deprecated: Option<String>,
    /// The first runtimes that have it.
    pub(crate) since: Since,
}

/// Objects distinguished by a constant field.
#[derive(Clone, Debug)]
pub(crate) struct Tagged {
    /// The constant field.
    pub(crate) tag: WireName,
    /// The variants.
    pub(crate) variants: Vec<TaggedVariant>,
    /// Fields of one type that every variant has.
    pub(crate) common: Vec<Field>,
}

/// A variant of a tagged union.
#[derive(Clone, Debug)]
pub(crate) struct TaggedVariant {
    /// The value of the tag.
    pub(crate) wire: WireName,
    /// The variant's name.
    pub(crate) rust: RustName,
    /// The definition of its fields.
    pub(crate) payload: String,
    /// The documentation, ready for rustdoc.
    pub(crate) docs: Option<String>,
    /// True if the payload is large enough to be boxed.
    pub(crate) boxed: bool,
}

/// Strings and objects with one key.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    /// The strings.
    pub(crate) strings: Vec<StringVariant>,
    /// The keys.
    pub(crate) keys: Vec<KeyedVariant>,
}

/// A variant that is an object with one key.
#[derive(Clone, Debug)]
pub(crate) struct KeyedVariant {
    /// The key.
    pub(crate) wire: WireName,
    /// The variant's name.
    pub(crate) rust: RustName,
    /// The type of the value under the key.
    pub(crate) payload: Type,
    /// True if the value must not be printed.
    pub(crate) secret: bool,
    /// The documentation, ready for rustdoc.
    pub(crate) docs: Option<String>,
    /// The first runtimes that have it.
    pub(crate) since: Since,
}

/// An alternative of an untagged union.
#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    /// The condition that distinguishes it from the others.
    pub(crate) matcher: Matcher,
    /// The variant's name.
    pub(crate) rust: RustName,
    /// The type of its value.
    pub(crate) payload: Type,
}

/// The condition that distinguishes an alternative from the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Matcher {
    /// Any value.
    Any,
    /// A string.
    String,
    /// One of these strings.
    Strings(Vec<String>),
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    List,
    /// An object that has these keys with such values.
    Object(Vec<(String, Matcher)>),
    /// One of these.
    OneOf(Vec<Matcher>),
}

impl Type {
    /// The definition at the bottom of lists, maps and `null`s, if there is one.
    pub(crate) fn named(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::List(inner)
            | Self::Listing(inner)
            | Self::Map(inner)
            | Self::Nullable(inner)
            | Self::Boxed(inner) => inner.named(),
            Self::Any | Self::Boolean | Self::Integer(_) | Self::Number | Self::String => None,
        }
    }
}

impl Definition {
    /// The place in the protocol: its name, or for a variant the union and the variant.
    pub(crate) fn place(&self) -> String {
        match &self.variant_of {
            Some((union, variant)) => format!("{union}[{variant}]"),
            None => self.name.clone(),
        }
    }
}

impl Kind {
    /// The variants of a union or an enumeration: their names on the wire and in Rust.
    pub(crate) fn variants(&self) -> Vec<(&str, &str)> {
        match self {
            Self::StringEnum(values) => values
                .iter()
                .map(|value| (&*value.wire.0, &*value.rust.0))
                .collect(),
            Self::Tagged(union) => union
                .variants
                .iter()
                .map(|it| (&*it.wire.0, &*it.rust.0))
                .collect(),
            Self::Keyed(union) => {
                let strings = union.strings.iter().map(|it| (&*it.wire.0, &*it.rust.0));
                let keys = union.keys.iter().map(|it| (&*it.wire.0, &*it.rust.0));
                strings.chain(keys).collect()
            }
            Self::Untagged(alternatives) => alternatives
                .iter()
                .map(|it| (&*it.rust.0, &*it.rust.0))
                .collect(),
            Self::Struct(_) | Self::Newtype | Self::Alias(_) => Vec::new(),
        }
    }

    /// The definitions that this one mentions.
    pub(crate) fn mentions(&self) -> Vec<&str> {
        let types: Vec<&Type> = match self {
            Self::Struct(object) => object.fields.iter().map(|field| &field.value).collect(),
            Self::Alias(inner) => vec![inner],
            Self::Tagged(union) => {
                return union.variants.iter().map(|v| v.payload.as_str()).collect();
            }
            Self::Keyed(union) => union.keys.iter().map(|key| &key.payload).collect(),
            Self::Untagged(alternatives) => alternatives.iter().map(|a| &a.payload).collect(),
            Self::StringEnum(_) | Self::Newtype => Vec::new(),
        };
        types.into_iter().filter_map(Type::named).collect()
    }
}
