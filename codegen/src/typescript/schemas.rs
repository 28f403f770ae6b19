//! Converts the types into the representation of the JSON schema, so that the two are compared as
//! like with like.
//!
//! `{ a } & ({ b } | { c })` becomes the objects `{ a, b }` and `{ a, c }`, because the JSON schema
//! nests unions in another way. Which fields may be absent is kept, but not compared.

use std::collections::BTreeMap;

use super::alternatives::{Alternative, Fields};
use super::{Member, Type, TypeScript, type_name};
use crate::schema::{EnumValue, Object, Property, Schema, Shape, Union};

impl TypeScript {
    /// Every type under the name of its definition.
    ///
    /// `renamed` are the definitions with another name here, and `values` those that are written
    /// out as the values of a map.
    pub(super) fn convert(
        &self,
        renamed: &[(&str, &str)],
        values: &[(&str, &str)],
    ) -> BTreeMap<String, Schema> {
        let names = Names {
            typescript: self,
            renamed,
        };
        let modules = self.modules.iter();
        let mut schemas: BTreeMap<String, Schema> = modules
            .map(|(module, body)| (names.of(module), names.schema(body)))
            .collect();
        for (name, map) in values {
            if let Some(body) = self.map_values(map) {
                schemas.insert((*name).to_owned(), names.schema(body));
            }
        }
        schemas
    }
}

/// The names of definitions, by which references are compared.
struct Names<'a> {
    typescript: &'a TypeScript,
    renamed: &'a [(&'a str, &'a str)],
}

impl Names<'_> {
    /// The name of a module's definition. An older type whose name a newer one has taken keeps its
    /// path, which is no name of a definition.
    fn of(&self, module: &str) -> String {
        if let Some((name, _)) = self.renamed.iter().find(|(_, other)| *other == module) {
            return (*name).to_owned();
        }
        let name = type_name(module);
        let is_hidden = self.typescript.module_of(name) != Some(module)
            || self.renamed.iter().any(|(definition, other)| {
                *definition == name && self.typescript.module(other).is_some()
            });
        if is_hidden {
            return format!("{module}.ts");
        }
        name.to_owned()
    }

    fn schema(&self, body: &Type) -> Schema {
        let mut branches = Vec::new();
        let mut literals = Vec::new();
        self.flatten(body, &mut branches, &mut literals);
        if !literals.is_empty() {
            branches.push(Schema::of(Shape::Enumeration(literals)));
        }
        let nullable = body.count_nulls() > 0;
        let mut schema = match (branches.len(), branches.pop()) {
            (0 | 1, last) => last.unwrap_or_else(|| Schema::of(Shape::Null)),
            (_, last) => {
                branches.extend(last);
                let common = BTreeMap::new();
                Schema::of(Shape::Union(Union { branches, common }))
            }
        };
        schema.nullable |= nullable;
        schema
    }

    /// The parts of a union, without `null`; its literals are one enumeration.
    fn flatten(&self, body: &Type, branches: &mut Vec<Schema>, literals: &mut Vec<EnumValue>) {
        let shape = match body {
            Type::Null | Type::Undefined => return,
            Type::Union(parts) => {
                for part in parts {
                    self.flatten(part, branches, literals);
                }
                return;
            }
            Type::Literal(text) => {
                literals.push(EnumValue {
                    value: text.clone(),
                    description: None,
                });
                return;
            }
            Type::Intersection(_) => {
                for alternative in self.typescript.alternatives(body) {
                    match alternative {
                        Alternative::Object { fields, map } => {
                            branches.push(Schema::of(self.object(&fields, map)));
                        }
                        Alternative::Literal(text) => {
                            self.flatten(&Type::Literal(text.to_owned()), branches, literals);
                        }
                        Alternative::Other(other) => self.flatten(other, branches, literals),
                    }
                }
                return;
            }
            Type::String => Shape::String { min_length: 0 },
            Type::Number => Shape::Number,
            Type::Boolean => Shape::Boolean,
            Type::Unknown => Shape::Any,
            Type::Reference(module) => Shape::Reference(self.of(module)),
            Type::Array(inner) => Shape::Array(Box::new(self.schema(inner))),
            Type::Map(values) => self.object(&Fields::new(), Some(values)),
            Type::Object(members) => {
                let fields = members.iter().map(|it| (it.name.as_str(), it)).collect();
                self.object(&fields, None)
            }
        };
        branches.push(Schema::of(shape));
    }

    /// An object, a map, or an object with any other keys.
    fn object(&self, fields: &Fields<'_>, map: Option<&Type>) -> Shape {
        if let (Some(values), true) = (map, fields.is_empty()) {
            return Shape::Map(Box::new(self.schema(values)));
        }
        let properties = fields.values().map(|member| self.property(member));
        Shape::Object(Object {
            properties: properties.collect(),
            closed: false,
            open: map.is_some(),
        })
    }

    fn property(&self, member: &Member) -> (String, Property) {
        let property = Property {
            schema: self.schema(&member.value),
            required: !member.optional,
        };
        (member.name.clone(), property)
    }
}
