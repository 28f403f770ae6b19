//! Reads the TypeScript dump, which is correct where the JSON Schema is wrong.
//!
//! TypeScript is written by another tool of the runtime, from the same Rust types, so the two
//! verify each other; and only TypeScript distinguishes a field that is omitted (`f?: T`) from one
//! that is sent as null (`f: T | null`). This module parses and answers queries;
//! [`crate::crosscheck`] compares.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::Schema;
use crate::{Error, crosscheck};

mod alternatives;
mod declared;
mod lexer;
mod parser;
mod schemas;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use alternatives::{Alternative, Fields};

/// Every exported type of the dump.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypeScript {
    /// By the path of the file without its ending: `RequestId`, `v2/Thread`.
    modules: BTreeMap<String, Type>,
    /// The same by the name of the definition, as schemas.
    schemas: BTreeMap<String, Schema>,
}

/// A type in TypeScript.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    /// `string`.
    String,
    /// `number` or `bigint`.
    Number,
    /// `boolean`.
    Boolean,
    /// `null`.
    Null,
    /// `undefined`.
    Undefined,
    /// `unknown`.
    Unknown,
    /// `"text"`.
    Literal(String),
    /// Another exported type, by its module.
    Reference(String),
    /// `Array<T>` or `T[]`.
    Array(Box<Type>),
    /// `{ [key in string]?: T }`.
    Map(Box<Type>),
    /// `{ name: T, … }`.
    Object(Vec<Member>),
    /// `A | B`.
    Union(Vec<Type>),
    /// `A & B`.
    Intersection(Vec<Type>),
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    /// The name on the wire.
    pub(crate) name: String,
    /// True if it is marked `?`.
    pub(crate) optional: bool,
    /// The type of its value.
    pub(crate) value: Type,
}

/// The properties of a field in TypeScript beyond its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FieldFacts {
    /// `f?: T`: omitted when empty. Also set if only some shapes of the variant have it.
    pub(crate) optional: bool,
    /// `T | null`: may be null.
    pub(crate) nullable: bool,
    /// `T | null | null`: null and absent differ.
    pub(crate) double_null: bool,
}

impl TypeScript {
    /// Parses every file; keys are paths below the dump's root (`v2/Thread.ts`).
    ///
    /// # Errors
    ///
    /// Returns an error for an unknown construct, with file and offset; for a file that does not
    /// export exactly the type it is named after; and for an import of a missing file.
    pub(crate) fn parse(files: &BTreeMap<String, String>) -> Result<Self, Error> {
        let mut modules = BTreeMap::new();
        for (path, text) in files {
            let exports = parser::parse(path, text)?;
            let module = path.trim_end_matches(".ts");
            let name = type_name(module);
            if name == "index" && exports.is_empty() {
                continue;
            }
            match exports.into_iter().next() {
                Some((exported, body)) if exported == name => {
                    modules.insert(module.to_owned(), body);
                }
                _ => {
                    let problem = format!("does not export exactly one type, `{name}`");
                    return Err(Error::schema(format!("ts/experimental/{path}"), problem));
                }
            }
        }
        let mut dump = Self {
            modules,
            schemas: BTreeMap::new(),
        };
        dump.require_no_dangling()?;
        dump.schemas = dump.convert(crosscheck::OTHER_NAMES, crosscheck::MAP_VALUES);
        Ok(dump)
    }

    fn require_no_dangling(&self) -> Result<(), Error> {
        for (module, body) in &self.modules {
            let mut targets = BTreeSet::new();
            body.collect_references(&mut targets);
            if let Some(target) = targets.iter().find(|t| !self.modules.contains_key(**t)) {
                let problem = format!("imports `{target}`, which is not in the dump; dump again");
                return Err(Error::schema(
                    format!("ts/experimental/{module}.ts"),
                    problem,
                ));
            }
        }
        Ok(())
    }

    /// The module that a name in the JSON schema refers to.
    ///
    /// A few names are exported twice, as the type of the protocol (`v2/`) and as an older type of
    /// the same name; the JSON schema has only the former.
    pub(crate) fn module_of(&self, name: &str) -> Option<&str> {
        let v2 = format!("v2/{name}");
        let found = self.modules.get_key_value(&v2);
        let found = found.or_else(|| self.modules.get_key_value(name));
        found.map(|(module, _)| module.as_str())
    }

    /// Renames types with all references; the folders of their files stay.
    pub(crate) fn rename(&mut self, renamed: &BTreeMap<String, String>) {
        let renamed = |module: &str| {
            let name = type_name(module);
            let to = renamed.get(name)?;
            Some(module.strip_suffix(name)?.to_owned() + to)
        };
        let modules = std::mem::take(&mut self.modules);
        for (module, mut body) in modules {
            body.rename_references(&renamed);
            self.modules
                .insert(renamed(&module).unwrap_or(module), body);
        }
        self.schemas = self.convert(crosscheck::OTHER_NAMES, crosscheck::MAP_VALUES);
    }

    /// Every type as a schema, by the name of its definition.
    pub(crate) fn schemas(&self) -> &BTreeMap<String, Schema> {
        &self.schemas
    }

    /// The type behind a module's path.
    pub(crate) fn module(&self, module: &str) -> Option<&Type> {
        self.modules.get(module)
    }

    /// The type of the values of a map, which may have fields as well.
    fn map_values(&self, module: &str) -> Option<&Type> {
        let shapes = self.alternatives(self.module(module)?);
        shapes.into_iter().find_map(|shape| match shape {
            Alternative::Object { map, .. } => map,
            Alternative::Literal(_) | Alternative::Other(_) => None,
        })
    }

    /// The module of the params of a method in one of the unions of messages.
    pub(crate) fn params_of(&self, union: &str, method: &str) -> Option<&str> {
        let shapes = self.shapes_of(union, Some(method))?;
        match &shapes.first()?.get("params")?.value {
            Type::Reference(module) => Some(module),
            _ => None,
        }
    }

    /// The properties of a field of a type.
    ///
    /// `variant` narrows a union to the shapes that carry this value as a tag (`"type":
    /// "agentMessage"`) or have a field of this name; if that field is an inline object (`{
    /// "custom": { … } }`), its fields count.
    pub(crate) fn field(
        &self,
        type_name: &str,
        variant: Option<&str>,
        field: &str,
    ) -> Option<FieldFacts> {
        let shapes = self.shapes_of(type_name, variant)?;
        let members: Vec<_> = shapes.iter().filter_map(|shape| shape.get(field)).collect();
        let first = members.first()?;
        Some(FieldFacts {
            optional: members.len() < shapes.len() || members.iter().any(|m| m.optional),
            nullable: members.iter().any(|m| m.value.count_nulls() > 0),
            double_null: first.value.count_nulls() > 1,
        })
    }

    fn shapes_of(&self, type_name: &str, variant: Option<&str>) -> Option<Vec<Fields<'_>>> {
        let body = self.module(self.module_of(type_name)?)?;
        let shapes = self.objects_in(body);
        let Some(variant) = variant else {
            return Some(shapes);
        };
        let tagged: Vec<_> = shapes
            .iter()
            .filter(|shape| shape.values().any(|m| m.value.is_literal(variant)))
            .cloned()
            .collect();
        if !tagged.is_empty() {
            return Some(tagged);
        }
        let named = shapes.into_iter().filter(|s| s.contains_key(variant));
        Some(named.flat_map(|shape| self.enter(shape, variant)).collect())
    }

    /// The inline object below `key`, or the shape itself if there is none.
    fn enter<'a>(&'a self, shape: Fields<'a>, key: &str) -> Vec<Fields<'a>> {
        match shape.get(key).map(|member| &member.value) {
            Some(inline @ Type::Object(_)) => self.objects_in(inline),
            _ => vec![shape],
        }
    }

    fn objects_in<'a>(&'a self, body: &'a Type) -> Vec<Fields<'a>> {
        let alternatives = self.alternatives(body).into_iter();
        alternatives
            .filter_map(|alternative| match alternative {
                Alternative::Object { fields, .. } => Some(fields),
                Alternative::Literal(_) | Alternative::Other(_) => None,
            })
            .collect()
    }
}

impl Type {
    fn is_literal(&self, text: &str) -> bool {
        matches!(self, Self::Literal(literal) if literal == text)
    }

    /// The number of `null`s directly in this union.
    pub(crate) fn count_nulls(&self) -> usize {
        match self {
            Self::Null => 1,
            Self::Union(parts) => parts.iter().map(Self::count_nulls).sum(),
            _ => 0,
        }
    }

    fn rename_references(&mut self, renamed: &dyn Fn(&str) -> Option<String>) {
        match self {
            Self::Reference(module) => {
                if let Some(to) = renamed(module) {
                    *module = to;
                }
            }
            Self::Array(inner) | Self::Map(inner) => inner.rename_references(renamed),
            Self::Object(members) => {
                for member in members {
                    member.value.rename_references(renamed);
                }
            }
            Self::Union(parts) | Self::Intersection(parts) => {
                for part in parts {
                    part.rename_references(renamed);
                }
            }
            Self::String
            | Self::Number
            | Self::Boolean
            | Self::Null
            | Self::Undefined
            | Self::Unknown
            | Self::Literal(_) => {}
        }
    }

    fn collect_references<'a>(&'a self, modules: &mut BTreeSet<&'a str>) {
        match self {
            Self::Reference(module) => {
                modules.insert(module);
            }
            Self::Array(inner) | Self::Map(inner) => inner.collect_references(modules),
            Self::Object(members) => {
                for member in members {
                    member.value.collect_references(modules);
                }
            }
            Self::Union(parts) | Self::Intersection(parts) => {
                for part in parts {
                    part.collect_references(modules);
                }
            }
            Self::String
            | Self::Number
            | Self::Boolean
            | Self::Null
            | Self::Undefined
            | Self::Unknown
            | Self::Literal(_) => {}
        }
    }
}

/// `Thread` of `v2/Thread`.
pub(crate) fn type_name(module: &str) -> &str {
    module.rsplit('/').next().unwrap_or(module)
}
