//! Boxes the large payloads of unions.
//!
//! A union is as large as its largest variant; without boxing, lists of items and queues of
//! notifications would pay for the rarest one.

use std::collections::BTreeMap;

use crate::ir::{Field, Kind, Model, Presence, Type};
use crate::schema::IntegerFormat;

/// The largest payload, in bytes, that stays inside its union: that of a piece of a text, the most
/// frequent message.
pub(crate) const LIMIT: usize = 88;

const POINTER: usize = 8;

/// Decides which payloads are boxed.
pub(super) fn decide(model: &mut Model) {
    let sizes = sizes(model);
    for definition in model.definitions.values_mut() {
        if let Kind::Tagged(union) = &mut definition.kind {
            for variant in &mut union.variants {
                variant.boxed |= sizes
                    .get(&variant.payload)
                    .is_some_and(|size| *size > LIMIT);
            }
        }
    }
}

/// The approximate size of each definition, in bytes.
pub(crate) fn sizes(model: &Model) -> BTreeMap<String, usize> {
    let mut sizes = Sizes {
        model,
        done: BTreeMap::new(),
    };
    for name in model.definitions.keys() {
        sizes.definition(name);
    }
    sizes.done
}

struct Sizes<'a> {
    model: &'a Model,
    done: BTreeMap<String, usize>,
}

impl Sizes<'_> {
    fn definition(&mut self, name: &str) -> usize {
        if let Some(size) = self.done.get(name) {
            return *size;
        }
        // A type that contains itself has a pointer on the way, whose size is known, or is
        // rejected: see the pass `recursion`. Until then it counts as a pointer.
        self.done.insert(name.to_owned(), POINTER);
        let model = self.model;
        let definition = model.definitions.get(name);
        let size = definition.map_or(0, |definition| self.kind(&definition.kind));
        self.done.insert(name.to_owned(), size);
        size
    }

    fn kind(&mut self, kind: &Kind) -> usize {
        match kind {
            Kind::Struct(object) => {
                let mut size = 8;
                for field in &object.fields {
                    size += self.field(field);
                }
                size
            }
            Kind::StringEnum(_) => 24,
            // A shared text.
            Kind::Newtype => 16,
            Kind::Alias(inner) => self.value(inner),
            Kind::Tagged(union) => {
                let payloads = union.variants.iter().map(|variant| &variant.payload);
                let mut largest = 48;
                for payload in payloads {
                    let size = self.definition(payload);
                    largest = largest.max(if size > LIMIT { POINTER } else { size });
                }
                largest + 8
            }
            Kind::Keyed(union) => self.largest(union.keys.iter().map(|key| &key.payload)),
            Kind::Untagged(alternatives) => {
                self.largest(alternatives.iter().map(|alternative| &alternative.payload))
            }
        }
    }

    fn largest<'a>(&mut self, payloads: impl Iterator<Item = &'a Type>) -> usize {
        let mut largest = 32;
        for payload in payloads {
            largest = largest.max(self.value(payload));
        }
        largest + 8
    }

    fn field(&mut self, field: &Field) -> usize {
        let size = self.value(&field.value);
        match (&field.value, field.presence) {
            (_, Presence::Required) => size,
            // A type without a spare bit pattern needs another word for the state.
            (Type::Integer(_), _) | (_, Presence::ThreeState) => size + 8,
            _ => size,
        }
    }

    fn value(&mut self, value: &Type) -> usize {
        match value {
            Type::Any => 32,
            Type::Boolean | Type::Integer(IntegerFormat::Uint8) => 1,
            Type::Integer(IntegerFormat::Uint16) => 2,
            Type::Integer(IntegerFormat::Int32 | IntegerFormat::Uint32) => 4,
            Type::Integer(_) => 8,
            Type::Number => 16,
            Type::String | Type::Map(_) | Type::List(_) => 24,
            Type::Listing(_) => 48,
            Type::Named(name) => self.definition(name),
            Type::Nullable(inner) => self.value(inner),
            Type::Boxed(_) => POINTER,
        }
    }
}
