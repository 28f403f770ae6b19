//! The schema as the generator sees it: plain data, one shape per construct.
//!
//! [`decode`] reads the JSON of the dump into it and refuses every keyword it
//! does not know; [`encode`] writes it back as JSON Schema. Knows nothing of
//! Rust, of methods, or of names beyond those in the dump.

use std::collections::BTreeMap;

use serde_json::Value;

pub mod decode;
pub mod encode;

/// One schema: its shape, and what may be said about any shape.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain data inside an unpublished crate"
)]
pub struct Schema {
    /// What values look like, `null` aside.
    pub shape: Shape,
    /// Whether `null` is allowed beside the shape.
    pub nullable: bool,
    /// The documentation text.
    pub description: Option<String>,
    /// The value that stands for an absent one.
    pub default: Option<Value>,
}

/// What values look like.
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
        /// The least number of characters.
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
    /// Whether the dump says `additionalProperties: false`.
    pub closed: bool,
}

/// A named property of an object.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain data inside an unpublished crate"
)]
pub struct Property {
    /// What its value looks like.
    pub schema: Schema,
    /// Whether it must be there.
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
    /// Properties that stand beside the union and belong to every alternative.
    pub common: BTreeMap<String, Property>,
}

impl Schema {
    /// A schema of this shape about which nothing else is said.
    pub fn of(shape: Shape) -> Self {
        Self {
            shape,
            nullable: false,
            description: None,
            default: None,
        }
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

    /// The names of every definition that is mentioned in here.
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
