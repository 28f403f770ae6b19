//! Reads the JSON of the dump, strictly.
//!
//! Every keyword is known or the generation fails with a pointer to it: a
//! keyword that is ignored is a rule that is broken later, at run time.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{EnumValue, IntegerFormat, Object, Property, Schema, Shape, Union};
use crate::Error;

mod keywords;

use keywords::{Node, problem_at};

/// Reads one schema that stands at `pointer`.
///
/// # Errors
///
/// An unknown keyword or an unexpected combination, with its JSON pointer.
pub fn decode(json: &Value, pointer: &str) -> Result<Schema, Error> {
    match json {
        Value::Bool(true) => Ok(Schema::of(Shape::Any)),
        Value::Object(keywords) => Node { keywords, pointer }.decode(),
        _ => Err(problem_at(pointer, "a schema must be an object or `true`")),
    }
}

impl Node<'_> {
    fn decode(self) -> Result<Schema, Error> {
        self.refuse_unknown_keywords()?;
        let (shape, nullable) = self.shape()?;
        Ok(Schema {
            shape,
            nullable,
            description: self.string("description")?.map(str::to_owned),
            default: self.keywords.get("default").cloned(),
        })
    }

    fn shape(self) -> Result<(Shape, bool), Error> {
        if let Some(target) = self.string("$ref")? {
            self.only(&["$ref"])?;
            return Ok((Shape::Reference(self.reference_name(target)?), false));
        }
        if let Some(parts) = self.array("allOf")? {
            self.only(&["allOf"])?;
            return self.all_of(parts);
        }
        match (self.array("oneOf")?, self.array("anyOf")?) {
            (Some(_), Some(_)) => Err(self.problem("both `oneOf` and `anyOf`")),
            (Some(branches), None) => self.union(branches, "oneOf"),
            (None, Some(branches)) => self.union(branches, "anyOf"),
            (None, None) => self.typed(),
        }
    }

    /// `allOf` with one part is schemars' way to put words beside a `$ref`.
    fn all_of(self, parts: &[Value]) -> Result<(Shape, bool), Error> {
        let [part] = parts else {
            return Err(self.problem("`allOf` with more than one part is not supported"));
        };
        let inner = decode(part, &self.below("allOf/0"))?;
        Ok((inner.shape, inner.nullable))
    }

    fn union(self, branches: &[Value], keyword: &str) -> Result<(Shape, bool), Error> {
        self.only(&[keyword, "type", "properties", "required"])?;
        let common = self.properties()?;
        let mut nullable = false;
        let mut alternatives = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let schema = decode(branch, &self.below(&format!("{keyword}/{index}")))?;
            if schema.shape == Shape::Null {
                nullable = true;
            } else {
                alternatives.push(schema);
            }
        }
        self.simplify_union(alternatives, common, nullable)
    }

    fn simplify_union(
        self,
        mut branches: Vec<Schema>,
        common: BTreeMap<String, Property>,
        mut nullable: bool,
    ) -> Result<(Shape, bool), Error> {
        if branches.is_empty() {
            return Err(self.problem("a union without alternatives"));
        }
        // A nullable alternative is a nullable union: the dump nests `anyOf [T, null]`.
        for branch in &mut branches {
            nullable |= std::mem::take(&mut branch.nullable);
        }
        if branches.len() == 1 && common.is_empty() && !is_tagged_object(&branches[0]) {
            return Ok((branches.remove(0).shape, nullable));
        }
        if let Some(values) = merge_enumerations(&branches) {
            return Ok((Shape::Enumeration(values), nullable));
        }
        Ok((Shape::Union(Union { branches, common }), nullable))
    }

    fn typed(self) -> Result<(Shape, bool), Error> {
        let (names, nullable) = self.type_names()?;
        let shape = match names.as_slice() {
            [] if nullable => Shape::Null,
            [] => {
                self.only(&[])?;
                Shape::Any
            }
            ["boolean"] => self.plain(Shape::Boolean)?,
            ["integer"] => self.integer()?,
            ["number"] => self.number()?,
            ["string"] => self.text()?,
            ["array"] => self.list()?,
            ["object"] => self.object()?,
            several => self.several(several)?,
        };
        let nullable = nullable && shape != Shape::Null;
        Ok((shape, nullable))
    }

    /// `type: [string, object]` is the dump's explicit catch-all branch.
    fn several(self, names: &[&str]) -> Result<Shape, Error> {
        self.only(&["type"])?;
        let known = ["string", "object", "array", "integer", "number", "boolean"];
        match names.iter().find(|name| !known.contains(name)) {
            Some(name) => Err(self.problem(format!("unknown type `{name}`"))),
            None => Ok(Shape::Any),
        }
    }

    fn plain(self, shape: Shape) -> Result<Shape, Error> {
        self.only(&["type"])?;
        Ok(shape)
    }

    fn integer(self) -> Result<Shape, Error> {
        self.only(&["type", "format"])?;
        let format = match self.string("format")? {
            Some("int64") => IntegerFormat::Int64,
            Some("int32") => IntegerFormat::Int32,
            Some("uint16") => IntegerFormat::Uint16,
            Some("uint32") => IntegerFormat::Uint32,
            // `uint` is Rust's usize, which no 64-bit runtime keeps in 32 bits.
            Some("uint64" | "uint") => IntegerFormat::Uint64,
            Some(other) => {
                return Err(self.problem(format!("unsupported integer format `{other}`")));
            }
            None => return Err(self.problem("an integer without a format")),
        };
        Ok(Shape::Integer(format))
    }

    fn number(self) -> Result<Shape, Error> {
        self.only(&["type", "format"])?;
        match self.string("format")? {
            None | Some("double" | "float") => Ok(Shape::Number),
            Some(other) => Err(self.problem(format!("unsupported number format `{other}`"))),
        }
    }

    fn text(self) -> Result<Shape, Error> {
        self.only(&["type", "enum", "minLength"])?;
        let Some(values) = self.array("enum")? else {
            let min_length = self.keywords.get("minLength").and_then(Value::as_u64);
            return Ok(Shape::String {
                min_length: min_length.unwrap_or(0),
            });
        };
        let values: Option<Vec<_>> = values
            .iter()
            .map(|value| {
                Some(EnumValue {
                    value: value.as_str()?.to_owned(),
                    description: None,
                })
            })
            .collect();
        values
            .map(Shape::Enumeration)
            .ok_or_else(|| self.problem("`enum` must hold strings"))
    }

    fn list(self) -> Result<Shape, Error> {
        self.only(&["type", "items"])?;
        let items = match self.keywords.get("items") {
            Some(items) => decode(items, &self.below("items"))?,
            None => Schema::of(Shape::Any),
        };
        Ok(Shape::Array(Box::new(items)))
    }

    fn object(self) -> Result<Shape, Error> {
        self.only(&["type", "properties", "required", "additionalProperties"])?;
        let properties = self.properties()?;
        let additional = self.keywords.get("additionalProperties");
        let map_of = match additional {
            None | Some(Value::Bool(false)) => None,
            Some(schema) => Some(decode(schema, &self.below("additionalProperties"))?),
        };
        match map_of {
            Some(values) if properties.is_empty() => Ok(Shape::Map(Box::new(values))),
            Some(values) if values.shape != Shape::Any => {
                Err(self.problem("named properties beside typed additional ones are not supported"))
            }
            _ => Ok(Shape::Object(Object {
                properties,
                closed: additional == Some(&Value::Bool(false)),
            })),
        }
    }

    fn properties(self) -> Result<BTreeMap<String, Property>, Error> {
        let required = self.required()?;
        let mut properties = BTreeMap::new();
        if let Some(members) = self.keywords.get("properties") {
            let members = members
                .as_object()
                .ok_or_else(|| self.problem("`properties` must be an object"))?;
            for (name, member) in members {
                let schema = decode(member, &self.below(&format!("properties/{name}")))?;
                let required = required.contains(name.as_str());
                properties.insert(name.clone(), Property { schema, required });
            }
        }
        match required
            .iter()
            .find(|name| !properties.contains_key(**name))
        {
            Some(name) => Err(self.problem(format!("required property `{name}` is not described"))),
            None => Ok(properties),
        }
    }
}

/// A union with one tagged branch is still a union: such unions grow.
fn is_tagged_object(schema: &Schema) -> bool {
    schema.as_object().is_some_and(|object| {
        object
            .properties
            .values()
            .any(|property| property.required && property.schema.as_single_value().is_some())
    })
}

/// The dump writes an enumeration as `oneOf` when its values are documented.
fn merge_enumerations(branches: &[Schema]) -> Option<Vec<EnumValue>> {
    let mut merged = Vec::new();
    for branch in branches {
        let Shape::Enumeration(values) = &branch.shape else {
            return None;
        };
        merged.extend(values.iter().map(|value| EnumValue {
            description: value.description.clone().or(branch.description.clone()),
            ..value.clone()
        }));
    }
    Some(merged)
}
