//! Puts the large payloads of unions behind a pointer.
//!
//! A union is as large as its largest variant; lists of items and queues of
//! notifications should not pay for the rarest one.

use std::collections::BTreeMap;

use crate::Error;
use crate::ir::{Field, Kind, Model, Presence, Type};
use crate::schema::IntegerFormat;

/// The largest payload, in bytes, that stays inside its union.
pub(crate) const LIMIT: usize = 200;

/// Decides which payloads are boxed.
pub(super) fn decide(model: &mut Model) -> Result<(), Error> {
    let sizes = sizes(model)?;
    for definition in model.definitions.values_mut() {
        if let Kind::Tagged(union) = &mut definition.kind {
            for variant in &mut union.variants {
                variant.boxed = sizes
                    .get(&variant.payload)
                    .is_some_and(|size| *size > LIMIT);
            }
        }
    }
    Ok(())
}

/// The approximate size of each definition, in bytes.
pub(crate) fn sizes(model: &Model) -> Result<BTreeMap<String, usize>, Error> {
    let mut sizes = Sizes {
        model,
        done: BTreeMap::new(),
        open: Vec::new(),
    };
    for name in model.definitions.keys() {
        sizes.definition(name)?;
    }
    Ok(sizes.done)
}

struct Sizes<'a> {
    model: &'a Model,
    done: BTreeMap<String, usize>,
    open: Vec<String>,
}

impl Sizes<'_> {
    fn definition(&mut self, name: &str) -> Result<usize, Error> {
        if let Some(size) = self.done.get(name) {
            return Ok(*size);
        }
        if self.open.iter().any(|open| open == name) {
            let problem = format!(
                "contains itself by way of {}; teach codegen/src/passes/boxing.rs to break the cycle",
                self.open.join(", ")
            );
            return Err(Error::schema(format!("#/definitions/{name}"), problem));
        }
        self.open.push(name.to_owned());
        let model = self.model;
        let size = match model.definitions.get(name) {
            Some(definition) => self.kind(&definition.kind)?,
            None => 0,
        };
        self.open.pop();
        self.done.insert(name.to_owned(), size);
        Ok(size)
    }

    fn kind(&mut self, kind: &Kind) -> Result<usize, Error> {
        match kind {
            Kind::Struct(object) => {
                let mut size = 8;
                for field in &object.fields {
                    size += self.field(field)?;
                }
                Ok(size)
            }
            Kind::StringEnum(_) | Kind::Newtype => Ok(24),
            Kind::Alias(inner) => self.value(inner),
            Kind::Tagged(union) => {
                let payloads = union.variants.iter().map(|variant| &variant.payload);
                let mut largest = 48;
                for payload in payloads {
                    let size = self.definition(payload)?;
                    largest = largest.max(if size > LIMIT { 8 } else { size });
                }
                Ok(largest + 8)
            }
            Kind::Keyed(union) => self.largest(union.keys.iter().map(|key| &key.payload)),
            Kind::Untagged(alternatives) => {
                self.largest(alternatives.iter().map(|alternative| &alternative.payload))
            }
        }
    }

    fn largest<'a>(&mut self, payloads: impl Iterator<Item = &'a Type>) -> Result<usize, Error> {
        let mut largest = 32;
        for payload in payloads {
            largest = largest.max(self.value(payload)?);
        }
        Ok(largest + 8)
    }

    fn field(&mut self, field: &Field) -> Result<usize, Error> {
        let size = self.value(&field.value)?;
        Ok(match (&field.value, field.presence) {
            (_, Presence::Required) => size,
            // Whoever has no spare bit pattern pays for the state with a word.
            (Type::Integer(_), _) | (_, Presence::ThreeState) => size + 8,
            _ => size,
        })
    }

    fn value(&mut self, value: &Type) -> Result<usize, Error> {
        Ok(match value {
            Type::Any => 32,
            Type::Boolean => 1,
            Type::Integer(IntegerFormat::Uint16) => 2,
            Type::Integer(IntegerFormat::Int32 | IntegerFormat::Uint32) => 4,
            Type::Integer(_) => 8,
            Type::Number => 16,
            Type::String | Type::Map(_) | Type::List(_) => 24,
            Type::Named(name) => self.definition(name)?,
            Type::Nullable(inner) => self.value(inner)?,
        })
    }
}
