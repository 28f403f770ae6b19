//! What is to be emitted: plain data, no schema, no tokens.
//!
//! Wire names and Rust names are different types, so that one cannot stand
//! where the other belongs.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::schema::{IntegerFormat, Place};

/// A name as it is on the wire.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WireName(pub(crate) String);

/// A name in Rust.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RustName(pub(crate) String);

/// When something came into the protocol, where that is not simply when its owner came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Since {
    /// The first runtime that has it.
    pub(crate) first: Option<String>,
    /// The first runtime whose stable schema has it, if older ones have it as experimental.
    pub(crate) stable: Option<String>,
    /// The first runtime that always sends it, if older ones that are supported do not.
    pub(crate) always: Option<String>,
}

/// Everything that is emitted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    /// The types, by name.
    pub(crate) definitions: BTreeMap<String, Definition>,
}

/// One type.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    /// Its name, in Rust as in the dump.
    pub(crate) name: String,
    /// The position in the dump.
    pub(crate) place: Place,
    /// The documentation, ready for rustdoc.
    pub(crate) docs: Option<String>,
    /// Why it should not be used any more, if so.
    pub(crate) deprecated: Option<String>,
    /// What users search for when they mean it.
    pub(crate) aliases: Vec<String>,
    /// Whether only the experimental dump has it.
    pub(crate) experimental: bool,
    /// Since when it is in the protocol.
    pub(crate) since: Since,
    /// The union this is a variant of, and the tag or key of the variant.
    pub(crate) variant_of: Option<(String, String)>,
    /// The file it goes to.
    pub(crate) module: String,
    /// Whether it is a text that must not be printed.
    pub(crate) secret: bool,
    /// The traits that the compiler derives.
    pub(crate) derives: Vec<&'static str>,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a type is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// An object with named fields.
    Struct(Struct),
    /// A string out of a list that may grow.
    StringEnum(Vec<StringVariant>),
    /// A string with a name of its own.
    Newtype,
    /// Another name for a list, a map or any value.
    Alias(Type),
    /// Objects told apart by a constant field.
    Tagged(Tagged),
    /// Strings and objects with one key.
    Keyed(Keyed),
    /// Values told apart by their kind of JSON or by their keys.
    Untagged(Vec<Alternative>),
}

/// An object with named fields.
#[derive(Clone, Debug)]
pub(crate) struct Struct {
    /// The constant field, if it is a variant of a union.
    pub(crate) tag: Option<(WireName, String)>,
    /// The other fields.
    pub(crate) fields: Vec<Field>,
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
    /// Whether and how it may be empty.
    pub(crate) presence: Presence,
    /// The position in the dump.
    pub(crate) place: Place,
    /// What an absent one means, if not nothing.
    pub(crate) default: Option<Value>,
    /// The documentation, ready for rustdoc.
    pub(crate) docs: Option<String>,
    /// Why it should not be used any more, if so.
    pub(crate) deprecated: Option<String>,
    /// Whether only the experimental dump has it.
    pub(crate) experimental: bool,
    /// Since when it is in the protocol.
    pub(crate) since: Since,
    /// Whether its value must not be printed.
    pub(crate) secret: bool,
}

/// Whether and how a field may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Presence {
    /// Always there.
    Required,
    /// Always there, but may be `null`.
    RequiredNullable,
    /// May be absent, but not `null`.
    Optional,
    /// The runtime writes `null` when it is empty.
    NullWhenEmpty,
    /// The runtime leaves it out when it is empty, but `null` is allowed.
    AbsentWhenEmpty,
    /// Absent, `null` and a value are three things.
    ThreeState,
}

impl Presence {
    /// Whether it is always there.
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
    /// A definition.
    Named(String),
    /// A list.
    List(Box<Type>),
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
    /// Why it should not be used any more, if so.
    pub(crate) deprecated: Option<String>,
    /// Since when it is in the protocol.
    pub(crate) since: Since,
}

/// Objects told apart by a constant field.
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
    /// Whether the payload is large enough to be put behind a pointer.
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
    /// What stands under the key.
    pub(crate) payload: Type,
    /// Whether that must not be printed.
    pub(crate) secret: bool,
    /// The documentation, ready for rustdoc.
    pub(crate) docs: Option<String>,
    /// Since when it is in the protocol.
    pub(crate) since: Since,
}

/// An alternative of an untagged union.
#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    /// How it is told from the others.
    pub(crate) matcher: Matcher,
    /// The variant's name.
    pub(crate) rust: RustName,
    /// What it holds.
    pub(crate) payload: Type,
}

/// How an alternative is told from the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Matcher {
    /// It is anything.
    Any,
    /// It is a string.
    String,
    /// It is one of these strings.
    Strings(Vec<String>),
    /// It is a whole number.
    Integer,
    /// It is a number.
    Number,
    /// It is `true` or `false`.
    Boolean,
    /// It is a list.
    List,
    /// It is an object that has these keys with such values.
    Object(Vec<(String, Matcher)>),
    /// It is one of these.
    OneOf(Vec<Matcher>),
}

impl Type {
    /// The definition at the bottom of lists, maps and `null`s, if there is one.
    pub(crate) fn named(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::List(inner) | Self::Map(inner) | Self::Nullable(inner) | Self::Boxed(inner) => {
                inner.named()
            }
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
    /// The variants of a union or an enumeration: what they are on the wire and in Rust.
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

    /// The definitions this one mentions.
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
