//! The schema in the generator's representation: plain data, one shape per construct.
//!
//! [`decode`] reads the JSON of the dump into it and rejects every unknown keyword; [`encode`]
//! writes it back as JSON Schema. Independent of Rust, of methods, and of names beyond those in the
//! dump.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

pub mod decode;
pub mod encode;
pub(crate) mod fit;
pub(crate) mod nullability;

/// A position in a document of the dump, as a JSON pointer without the document's name.
///
/// Any two are equal: schemas are compared by their contents, independent of their position.
#[derive(Clone, Debug, Default)]
pub struct Place(Option<Arc<str>>);

impl Place {
    /// The position at this pointer.
    pub(crate) fn at(pointer: &str) -> Self {
        Self(Some(pointer.into()))
    }

    /// The pointer; empty for a schema outside of a document.
    pub fn pointer(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// One schema: its shape, and the keywords that apply to any shape.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain data inside an unpublished crate"
)]
pub struct Schema {
    /// The shape of values, except `null`.
    pub shape: Shape,
    /// True if `null` is allowed beside the shape.
    pub nullable: bool,
    /// The documentation text.
    pub description: Option<String>,
    /// The default of an absent value.
    pub default: Option<Value>,
    /// True if the dump marks it `deprecated`.
    pub deprecated: bool,
    /// True if the dump marks it `writeOnly`.
    pub write_only: bool,
    /// The position in the dump.
    pub place: Place,
}

/// The shape of values.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every stage must handle every shape"
)]
pub enum Shape {
    /// Any JSON value.
    Any,
    /// Only `null`.
    Null,
    /// Another definition, by name.
    Reference(String),
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer(IntegerFormat),
    /// A number that may have a fraction.
    Number,
    /// A string; `minLength` is kept for [`encode`] only.
    String {
        /// Minimum number of characters.
        min_length: u64,
    },
    /// A string out of a list.
    Enumeration(Vec<EnumValue>),
    /// A list of values of one schema.
    Array(Box<Schema>),
    /// An object whose keys are data.
    Map(Box<Schema>),
    /// An object with named properties.
    Object(Object),
    /// One of several shapes.
    Union(Union),
}

/// The width and sign of an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every stage must handle every format"
)]
pub enum IntegerFormat {
    /// 32 bits, signed.
    Int32,
    /// 64 bits, signed.
    Int64,
    /// 8 bits, unsigned.
    Uint8,
    /// 16 bits, unsigned.
    Uint16,
    /// 32 bits, unsigned.
    Uint32,
    /// 64 bits, unsigned; the dump also calls it `uint`.
    Uint64,
}

/// One value of an [`Shape::Enumeration`].
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain data inside an unpublished crate"
)]
pub struct EnumValue {
    /// The string on the wire.
    pub value: String,
    /// Its documentation.
    pub description: Option<String>,
}

/// An object with named properties.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain data inside an unpublished crate"
)]
pub struct Object {
    /// The properties by wire name.
    pub properties: BTreeMap<String, Property>,
    /// True if the dump has `additionalProperties: false`.
    pub closed: bool,
    /// True if the dump has `additionalProperties: true`.
    pub open: bool,
}

/// A named property of an object.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain data inside an unpublished crate"
)]
pub struct Property {
    /// The schema of its value.
    pub schema: Schema,
    /// True if it is required.
    pub required: bool,
}

/// One of several shapes (`oneOf` or `anyOf`, which the dump uses alike).
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain data inside an unpublished crate"
)]
pub struct Union {
    /// The alternatives, in the order of the dump.
    pub branches: Vec<Schema>,
    /// Properties beside the union, which belong to every alternative.
    pub common: BTreeMap<String, Property>,
}

impl Schema {
    /// A schema of this shape without any other keyword.
    pub fn of(shape: Shape) -> Self {
        Self {
            shape,
            nullable: false,
            description: None,
            default: None,
            deprecated: false,
            write_only: false,
            place: Place::default(),
        }
    }

    /// The JSON pointer to it, without the document's name.
    pub fn pointer(&self) -> &str {
        self.place.pointer()
    }

    /// A reference to another definition.
    pub fn reference(name: impl Into<String>) -> Self {
        Self::of(Shape::Reference(name.into()))
    }

    /// The object, if this is one.
    pub fn as_object(&self) -> Option<&Object> {
        match &self.shape {
            Shape::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The schema of the elements, if this is a list.
    pub(crate) fn as_items(&self) -> Option<&Self> {
        match &self.shape {
            Shape::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The single value of a one-value enumeration, which tags a union's branch.
    pub fn as_single_value(&self) -> Option<&str> {
        match &self.shape {
            Shape::Enumeration(values) if values.len() == 1 && !self.nullable => {
                Some(&values[0].value)
            }
            _ => None,
        }
    }

    /// Calls `visit` for each schema directly inside this one.
    pub fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Schema)) {
        match &self.shape {
            Shape::Array(inner) | Shape::Map(inner) => visit(inner),
            Shape::Object(object) => {
                object.properties.values().for_each(|p| visit(&p.schema));
            }
            Shape::Union(union) => {
                union.common.values().for_each(|p| visit(&p.schema));
                union.branches.iter().for_each(visit);
            }
            Shape::Any
            | Shape::Null
            | Shape::Reference(_)
            | Shape::Boolean
            | Shape::Integer(_)
            | Shape::Number
            | Shape::String { .. }
            | Shape::Enumeration(_) => {}
        }
    }

    /// Calls `visit` for each schema directly inside this one, to change it.
    pub(crate) fn for_each_child_mut(&mut self, visit: &mut dyn FnMut(&mut Self)) {
        match &mut self.shape {
            Shape::Array(inner) | Shape::Map(inner) => visit(inner),
            Shape::Object(object) => {
                let properties = object.properties.values_mut();
                properties.for_each(|property| visit(&mut property.schema));
            }
            Shape::Union(union) => {
                let common = union.common.values_mut();
                common.for_each(|property| visit(&mut property.schema));
                union.branches.iter_mut().for_each(visit);
            }
            Shape::Any
            | Shape::Null
            | Shape::Reference(_)
            | Shape::Boolean
            | Shape::Integer(_)
            | Shape::Number
            | Shape::String { .. }
            | Shape::Enumeration(_) => {}
        }
    }

    /// The names of all definitions that are mentioned in here.
    pub fn references(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect_references(&mut names);
        names
    }

    fn collect_references<'a>(&'a self, names: &mut Vec<&'a str>) {
        if let Shape::Reference(name) = &self.shape {
            names.push(name);
        }
        self.for_each_child(&mut |child| child.collect_references(names));
    }
}

/// Returns whether a character must not be in source text: an invisible one, a line break to some
/// readers, or one that changes the direction of text.
pub(crate) fn is_hazardous(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A description that is valid in source text: line breaks of every kind become `
/// `, and other hazardous characters are removed.
pub(crate) fn plain_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let lines = text.chars().map(|character| match character {
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '\t' => ' ',
        other => other,
    });
    lines
        .filter(|character| *character == '\n' || !is_hazardous(*character))
        .collect()
}
