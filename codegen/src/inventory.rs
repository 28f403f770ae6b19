//! The coverage of a generation, as data: every type, every message, and every definition of the
//! dump without a type, with the reason.
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
    /// The client's builders whose methods the dump has.
    pub builders: Vec<BuilderEntry>,
    /// The definitions of the dump without a type, by name, each with the reason; one without a
    /// reason is an unreviewed gap.
    pub left_out: BTreeMap<String, Option<&'static str>>,
    /// Text fields that are printed although their names are similar to those of secrets, as
    /// `Type.field`.
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
    /// True if only the experimental dump has it.
    pub experimental: bool,
    /// The documentation, escaped for rustdoc.
    pub docs: Option<String>,
    /// The union it is a variant of, and the tag or key of the variant.
    pub variant_of: Option<(String, String)>,
    /// The named fields of a struct, its tag aside.
    pub fields: Vec<FieldEntry>,
    /// The arguments of a struct's constructor in their order, as indices of its fields.
    pub constructor: Vec<usize>,
    /// The tag of a struct that is a variant: name and value. Of a tagged union: the name, and
    /// no value.
    pub tag: Option<(String, String)>,
    /// The values of a string enum, the variants of a union.
    pub variants: Vec<VariantEntry>,
    /// The target of an alias.
    pub alias: Option<ValueType>,
    /// The traits that are derived.
    pub derives: Vec<&'static str>,
    /// The accessors of a tagged union for fields that all its variants have: the name, and the
    /// integer type it returns, or `None` for text.
    pub accessors: Vec<(String, Option<ValueType>)>,
    /// The ends of the connection that send it.
    pub senders: Senders,
    /// True if it is in the core of the models.
    pub core: bool,
}

/// The ends of the connection that send a type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Senders {
    /// True if clients send it.
    pub client: bool,
    /// True if the server sends it.
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
    /// The forms of its absence.
    pub presence: Presence,
    /// The meaning of an absent one, if defined.
    pub default: Option<Value>,
    /// The documentation, escaped for rustdoc.
    pub docs: Option<String>,
    /// True if only the experimental dump has it.
    pub experimental: bool,
    /// True if its value is omitted from `Debug`.
    pub secret: bool,
}

/// A value of a string enum or a variant of a union.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VariantEntry {
    /// Its value, tag or key on the wire; for alternatives that are distinguished by their shape, a
    /// description of the shape.
    pub wire: String,
    /// Its name in Rust.
    pub rust: String,
    /// The type of its contents; `None` if it is a string on the wire.
    pub payload: Option<ValueType>,
    /// True if the payload is boxed.
    pub boxed: bool,
    /// The documentation, escaped for rustdoc.
    pub docs: Option<String>,
}

/// A request or a notification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// True if the parameters may be omitted.
    pub params_optional: bool,
    /// True if the parameters are boxed in the union of messages.
    pub boxed: bool,
    /// The type of the response, if it is a request.
    pub response: Option<String>,
    /// True if only the experimental dump has it.
    pub experimental: bool,
    /// The paths of the ids, such as `turn: turn.id`; `?` after those that may be absent.
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
    /// Returns whether it is always present.
    pub fn is_required(&self) -> bool {
        self.presence.is_required()
    }

    /// Returns whether `null` stands for an absent value; false if `null` may be the value itself.
    pub fn is_nullable(&self) -> bool {
        !matches!(self.presence, Presence::Required | Presence::Optional)
    }
}

impl TypeEntry {
    /// The fields that the constructor takes, in the order of its arguments.
    pub fn arguments(&self) -> impl Iterator<Item = &FieldEntry> {
        let fields = self.constructor.iter();
        fields.filter_map(|index| self.fields.get(*index))
    }

    /// The place of the type in the protocol: its name, or for a variant the union and the variant
    /// (`ThreadItem[agentMessage]`), which is stable across changes of naming rules.
    pub fn place(&self) -> String {
        match &self.variant_of {
            Some((union, variant)) => format!("{union}[{variant}]"),
            None => self.name.clone(),
        }
    }
}
