//! The coverage of a generation, as data: every type, every message, and every definition of the
//! dump that got no type, with the reason.
//!
//! For tests, and for comparing runtimes; nothing is emitted from it.

use std::collections::BTreeMap;

use serde_json::Value;

pub use crate::ir::{Presence, Type as ValueType};

mod lines;
mod take;

pub(crate) use take::take;

/// The coverage of a generation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inventory {
    /// Every type, by name.
    pub types: Vec<TypeEntry>,
    /// Requests that a client may send, by method.
    pub client_requests: Vec<MessageEntry>,
    /// Requests that the server may send, by method.
    pub server_requests: Vec<MessageEntry>,
    /// Notifications that the server may send, by method.
    pub server_notifications: Vec<MessageEntry>,
    /// Notifications that a client may send, by method.
    pub client_notifications: Vec<MessageEntry>,
    /// The client's builders that the dump has everything for.
    pub builders: Vec<BuilderEntry>,
    /// The definitions of the dump that got no type, by name, each with the
    /// reason; one without a reason is a gap that has not been reviewed.
    pub left_out: BTreeMap<String, Option<&'static str>>,
    /// The fields with a text that are printed although their names are near to those of
    /// secrets, as `Type.field`.
    pub secret_candidates: Vec<String>,
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeEntry {
    /// Its name.
    pub name: String,
    /// Its kind, such as `struct` or `tagged union`.
    pub kind: &'static str,
    /// The file it is in.
    pub module: String,
    /// Whether only the experimental dump has it.
    pub experimental: bool,
    /// The documentation, escaped for rustdoc.
    pub docs: Option<String>,
    /// The union it is a variant of, and the tag or key of the variant.
    pub variant_of: Option<(String, String)>,
    /// The named fields of a struct, its tag aside.
    pub fields: Vec<FieldEntry>,
    /// The tag of a struct that is a variant: name and value. Of a tagged union: the name, and
    /// no value.
    pub tag: Option<(String, String)>,
    /// The values of a string enum, the variants of a union.
    pub variants: Vec<VariantEntry>,
    /// The type that an alias stands for.
    pub alias: Option<ValueType>,
    /// The traits that are derived.
    pub derives: Vec<&'static str>,
    /// The accessors of a tagged union for fields that all its variants have: name and whether
    /// it returns an integer of this type or, without one, text.
    pub accessors: Vec<(String, Option<ValueType>)>,
    /// Which ends of the connection send it.
    pub senders: Senders,
    /// Whether it is in the core of the models.
    pub core: bool,
}

/// The ends of the connection that send a type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Senders {
    /// Clients do.
    pub client: bool,
    /// The server does.
    pub server: bool,
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldEntry {
    /// Its name on the wire.
    pub wire: String,
    /// Its name in Rust.
    pub rust: String,
    /// Its type, without what its presence adds.
    pub value: ValueType,
    /// Whether and how it may be empty.
    pub presence: Presence,
    /// The meaning of an absent one, if it has one.
    pub default: Option<Value>,
    /// The documentation, escaped for rustdoc.
    pub docs: Option<String>,
    /// Whether only the experimental dump has it.
    pub experimental: bool,
    /// Whether its value is kept out of what is printed for debugging.
    pub secret: bool,
}

/// A value of a string enum or a variant of a union.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VariantEntry {
    /// Its value, tag or key on the wire; for alternatives that are told apart by their shape,
    /// a description of the shape.
    pub wire: String,
    /// Its name in Rust.
    pub rust: String,
    /// What it holds; nothing if it is a string on the wire.
    pub payload: Option<ValueType>,
    /// Whether the payload is behind a pointer.
    pub boxed: bool,
    /// The documentation, escaped for rustdoc.
    pub docs: Option<String>,
}

/// A request or a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageEntry {
    /// The method on the wire.
    pub method: String,
    /// The name of its marker type and variant.
    pub name: String,
    /// The documentation, escaped for rustdoc.
    pub docs: Option<String>,
    /// The type of its parameters, if it has any.
    pub params: Option<String>,
    /// Whether the parameters may be left out.
    pub params_optional: bool,
    /// Whether the parameters are behind a pointer in the union of messages.
    pub boxed: bool,
    /// The type of the response, if it is a request.
    pub response: Option<String>,
    /// Whether only the experimental dump has it.
    pub experimental: bool,
    /// Where the ids are, such as `turn: turn.id`; `?` after those that may be absent.
    pub routes: Vec<String>,
}

/// A builder of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuilderEntry {
    /// Its name.
    pub name: String,
    /// The method that it sends.
    pub method: String,
    /// The type of the parameters that it fills in.
    pub params: String,
    /// The types of the required fields.
    pub required: Vec<ValueType>,
    /// The optional fields that it offers: name in Rust, name on the wire, type.
    pub arguments: Vec<(String, String, ValueType)>,
}

impl Inventory {
    /// The type of this name.
    pub fn find(&self, name: &str) -> Option<&TypeEntry> {
        let found = self.types.binary_search_by(|it| it.name.as_str().cmp(name));
        found.ok().and_then(|index| self.types.get(index))
    }
}

impl FieldEntry {
    /// Whether it must be there.
    pub fn is_required(&self) -> bool {
        self.presence.is_required()
    }

    /// Whether `null` stands for nothing; false where a value may itself be anything.
    pub fn is_nullable(&self) -> bool {
        !matches!(self.presence, Presence::Required | Presence::Optional)
    }
}

impl TypeEntry {
    /// The place of the type in the protocol: its name, or for a variant the union and the
    /// variant (`ThreadItem[agentMessage]`), which a change of naming rules does not move.
    pub fn place(&self) -> String {
        match &self.variant_of {
            Some((union, variant)) => format!("{union}[{variant}]"),
            None => self.name.clone(),
        }
    }
}
