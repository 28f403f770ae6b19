//! Stage 4: from annotated schemas to the intermediate representation.
//!
//! Decides the kind of type of a definition and the names of its members. Properties that depend on
//! more than one definition (direction, modules, sizes) are left to [`crate::passes`].

use crate::Error;
use crate::annotate::{Annotated, Definitions};
use crate::ir::{
    Alternative, Definition, Field, Keyed, KeyedVariant, Kind, Model, Presence, RustName, Since,
    StringVariant, Struct, Tagged, TaggedVariant, Type, WireName,
};
use crate::names::{self, distinct_pascal_case, snake_case, table};
use crate::schema::encode::encode;
use crate::schema::{EnumValue, Object, Property, Schema, Shape, Union};

mod matchers;

/// Lowers every definition of the experimental dump; definitions missing from the stable one are
/// marked, and those that cannot be lowered become `Any`.
pub(crate) fn lower(
    definitions: &Definitions,
    stable: &Definitions,
    problems: &mut Vec<Error>,
) -> Model {
    let mut model = Model::default();
    for (name, annotated) in definitions {
        let lowering = Lowering {
            name,
            annotated,
            definitions,
            stable: stable.get(name),
        };
        let kind = lowering.kind().unwrap_or_else(|error| {
            problems.push(error);
            Kind::Alias(Type::Any)
        });
        model
            .definitions
            .insert(name.clone(), lowering.definition(kind));
    }
    model
}

/// A key, its property, and the branch of the union that has it.
type Entry<'a> = (&'a String, &'a Property, &'a Schema);

struct Lowering<'a> {
    name: &'a str,
    annotated: &'a Annotated,
    definitions: &'a Definitions,
    stable: Option<&'a Annotated>,
}

impl Lowering<'_> {
    fn definition(&self, kind: Kind) -> Definition {
        let schema = &self.annotated.schema;
        Definition {
            name: self.name.to_owned(),
            place: schema.place.clone(),
            docs: schema.description.clone(),
            deprecated: deprecated(schema),
            aliases: Vec::new(),
            experimental: self.stable.is_none(),
            since: Since::default(),
            variant_of: self.annotated.variant_of.clone(),
            module: String::new(),
            secret: false,
            derives: Vec::new(),
            kind,
        }
    }

    fn kind(&self) -> Result<Kind, Error> {
        Ok(match &self.annotated.schema.shape {
            Shape::Object(object) => Kind::Struct(self.structure(object)?),
            Shape::Enumeration(values) => Kind::StringEnum(self.string_variants(values)?),
            Shape::String { .. } => Kind::Newtype,
            Shape::Union(union) => self.union(union)?,
            _ => Kind::Alias(self.value(&self.annotated.schema)?),
        })
    }

    fn structure(&self, object: &Object) -> Result<Struct, Error> {
        let tag = self.annotated.tag.as_ref();
        let mut fields = Vec::new();
        for (name, property) in &object.properties {
            if tag.is_none_or(|(tag, _)| tag != name) {
                fields.push(self.field(name, property)?);
            }
        }
        Ok(Struct {
            tag: tag.map(|(name, value)| (WireName(name.clone()), value.clone())),
            fields,
            arguments: Vec::new(),
        })
    }

    fn field(&self, wire: &str, property: &Property) -> Result<Field, Error> {
        let schema = &property.schema;
        let nullable = schema.nullable && schema.shape != Shape::Any;
        let is_stable = self
            .stable
            .and_then(|stable| stable.schema.as_object())
            .is_none_or(|object| object.properties.contains_key(wire));
        Ok(Field {
            wire: WireName(wire.to_owned()),
            rust: self.field_name(wire),
            value: self.value(schema)?,
            presence: match (property.required, nullable) {
                (true, false) => Presence::Required,
                (true, true) => Presence::RequiredNullable,
                (false, false) => Presence::Optional,
                (false, true) => Presence::NullWhenEmpty,
            },
            default: schema.default.clone().filter(|default| !default.is_null()),
            place: schema.place.clone(),
            docs: schema.description.clone(),
            deprecated: deprecated(schema),
            experimental: !is_stable,
            since: Since::default(),
            secret: false,
        })
    }

    /// The type of a value; `null` at the top level is left to the caller.
    fn value(&self, schema: &Schema) -> Result<Type, Error> {
        Ok(match &schema.shape {
            Shape::Any | Shape::Null => Type::Any,
            Shape::Boolean => Type::Boolean,
            Shape::Integer(format) => Type::Integer(*format),
            Shape::Number => Type::Number,
            Shape::String { .. } => Type::String,
            Shape::Reference(name) => Type::Named(name.clone()),
            Shape::Array(items) => Type::List(Box::new(self.element(items)?)),
            Shape::Map(values) => Type::Map(Box::new(self.element(values)?)),
            Shape::Enumeration(_) => {
                let problem = "a constant outside a tagged union is not supported";
                return Err(problem_at(schema, problem));
            }
            Shape::Object(_) | Shape::Union(_) => {
                return Err(problem_at(schema, "an inline object was not hoisted"));
            }
        })
    }

    fn element(&self, schema: &Schema) -> Result<Type, Error> {
        let value = self.value(schema)?;
        Ok(if schema.nullable && value != Type::Any {
            Type::Nullable(Box::new(value))
        } else {
            value
        })
    }

    fn union(&self, union: &Union) -> Result<Kind, Error> {
        let payloads: Option<Vec<(&str, &Annotated)>> = union
            .branches
            .iter()
            .map(|branch| self.resolve(branch))
            .collect();
        let tagged = payloads.filter(|it| it.iter().all(|(_, payload)| payload.tag.is_some()));
        if let Some(payloads) = tagged {
            return self.tagged(&payloads).map(Kind::Tagged);
        }
        let is_keyed =
            |branch: &Schema| matches!(branch.shape, Shape::Enumeration(_) | Shape::Object(_));
        if union.branches.iter().any(is_keyed) {
            return self.keyed(union).map(Kind::Keyed);
        }
        self.untagged(union).map(Kind::Untagged)
    }

    fn resolve(&self, schema: &Schema) -> Option<(&str, &Annotated)> {
        match &schema.shape {
            Shape::Reference(name) => {
                let (name, annotated) = self.definitions.get_key_value(name)?;
                Some((name, annotated))
            }
            _ => None,
        }
    }

    fn tagged(&self, payloads: &[(&str, &Annotated)]) -> Result<Tagged, Error> {
        let tags: Vec<&(String, String)> = payloads
            .iter()
            .filter_map(|(_, payload)| payload.tag.as_ref())
            .collect();
        let values: Vec<&str> = tags.iter().map(|(_, value)| value.as_str()).collect();
        let names = self.variant_names(&values)?;
        let variants = payloads.iter().zip(tags.iter().zip(names));
        Ok(Tagged {
            tag: WireName(tags[0].0.clone()),
            variants: variants
                .map(|((payload, _), ((_, value), rust))| TaggedVariant {
                    wire: WireName(value.clone()),
                    rust,
                    payload: (*payload).to_owned(),
                    docs: None,
                    boxed: false,
                })
                .collect(),
            common: Vec::new(),
        })
    }

    fn keyed(&self, union: &Union) -> Result<Keyed, Error> {
        let (values, entries) = self.strings_and_entries(union)?;
        let wires: Vec<&str> = values
            .iter()
            .map(|value| value.value.as_str())
            .chain(entries.iter().map(|(key, ..)| key.as_str()))
            .collect();
        let mut names = self.variant_names(&wires)?.into_iter();
        let strings = values
            .iter()
            .zip(names.by_ref())
            .map(string_variant)
            .collect();
        let keys = entries.into_iter().zip(names);
        let keys = keys.map(|((key, property, branch), rust)| {
            Ok(KeyedVariant {
                wire: WireName(key.clone()),
                rust,
                payload: self.element(&property.schema)?,
                secret: false,
                docs: branch.description.clone(),
                since: Since::default(),
            })
        });
        let keys = keys.collect::<Result<_, Error>>()?;
        Ok(Keyed { strings, keys })
    }

    /// The strings of a keyed union, and the keys with their branches.
    fn strings_and_entries<'a>(
        &self,
        union: &'a Union,
    ) -> Result<(Vec<EnumValue>, Vec<Entry<'a>>), Error> {
        let mut values = Vec::new();
        let mut entries = Vec::new();
        for branch in &union.branches {
            match &branch.shape {
                Shape::Enumeration(more) => values.extend(more.iter().map(|value| EnumValue {
                    description: value.description.clone().or(branch.description.clone()),
                    ..value.clone()
                })),
                Shape::Object(object) => {
                    entries.extend(object.properties.iter().map(|(key, p)| (key, p, branch)));
                }
                // The explicit catch-all is the variant every such union has anyway.
                Shape::Any => {}
                _ => {
                    return Err(self.problem("strings and one-key objects mixed with other shapes"));
                }
            }
        }
        Ok((values, entries))
    }

    fn untagged(&self, union: &Union) -> Result<Vec<Alternative>, Error> {
        let branches = &union.branches;
        let order = matchers::matchers(branches, self.definitions);
        let order = order.map_err(|(one, other)| overlapping(&branches[one], &branches[other]))?;
        let alternatives = order.into_iter().map(|(position, matcher)| {
            let payload = self.value(&branches[position])?;
            Ok(Alternative {
                matcher,
                rust: self.alternative_name(&branches[position], &payload)?,
                payload,
            })
        });
        alternatives.collect()
    }

    /// The name of an alternative, from its payload; a hoisted alternative drops the union's own
    /// name.
    fn alternative_name(&self, branch: &Schema, payload: &Type) -> Result<RustName, Error> {
        let own = |name: &'_ str| match name.strip_suffix(self.name) {
            Some("") | None => name.to_owned(),
            Some(rest) => rest.to_owned(),
        };
        let name = match payload {
            Type::String => "String",
            Type::Integer(_) => "Integer",
            Type::Number => "Number",
            Type::Boolean => "Boolean",
            Type::List(_) | Type::Listing(_) => "List",
            Type::Map(_) => "Map",
            Type::Named(name) => &own(name),
            Type::Any | Type::Nullable(_) | Type::Boxed(_) => {
                return Err(problem_at(branch, "an alternative that may be anything"));
            }
        };
        Ok(RustName(name.to_owned()))
    }

    fn string_variants(&self, values: &[EnumValue]) -> Result<Vec<StringVariant>, Error> {
        let wires: Vec<&str> = values.iter().map(|value| value.value.as_str()).collect();
        let names = self.variant_names(&wires)?;
        Ok(values.iter().zip(names).map(string_variant).collect())
    }

    fn variant_names(&self, wires: &[&str]) -> Result<Vec<RustName>, Error> {
        let names = distinct_pascal_case(wires)
            .ok_or_else(|| self.problem(&format!("two variants of {wires:?} get one name")))?;
        let named = wires.iter().zip(names).map(|(wire, name)| {
            RustName(match table::of_variant(self.name, wire) {
                Some(name) => name.to_owned(),
                None => name,
            })
        });
        Ok(named.collect())
    }

    /// The Rust name of a field; `extra` and `new` are taken, because every struct has them.
    fn field_name(&self, wire: &str) -> RustName {
        if let Some(name) = table::of_field(self.name, wire) {
            return RustName(name.to_owned());
        }
        let name = snake_case(wire);
        RustName(if names::is_method_of_structs(&name) {
            format!("{name}_")
        } else {
            name
        })
    }

    fn problem(&self, problem: &str) -> Error {
        problem_at(&self.annotated.schema, problem)
    }
}

fn problem_at(schema: &Schema, problem: &str) -> Error {
    let problem = format!(
        "{problem}; support it in codegen/src/lower.rs, or correct the dump in codegen/src/fixups.rs"
    );
    Error::schema(schema.pointer(), problem)
}

fn overlapping(one: &Schema, other: &Schema) -> Error {
    let problem = format!(
        "a value can be both {} here and {} at {}, and they cannot be distinguished: \
         make one require a key that the other does not have, or unite them, \
         in EDITS in codegen/src/fixups.rs",
        encode(one),
        encode(other),
        other.pointer(),
    );
    Error::schema(one.pointer(), problem)
}

/// The deprecation note, if the keyword `deprecated` is set.
fn deprecated(schema: &Schema) -> Option<String> {
    schema
        .deprecated
        .then(|| "Deprecated by the protocol.".to_owned())
}

fn string_variant((value, rust): (&EnumValue, RustName)) -> StringVariant {
    StringVariant {
        wire: WireName(value.value.clone()),
        rust,
        docs: value.description.clone(),
        deprecated: None,
        since: Since::default(),
    }
}
