//! Reads the JSON of the dump, strictly.
//!
//! An unknown keyword fails the generation with a pointer to it: an ignored keyword would be a
//! constraint that is violated later, at run time.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::fit::in_range;
use super::{EnumValue, IntegerFormat, Object, Place, Property, Schema, Shape, Union, plain_text};
use crate::Error;

mod keywords;

pub(crate) use keywords::step;
use keywords::{Node, problem_at};

/// Reads the schema at `pointer`.
///
/// # Errors
///
/// Returns every unknown keyword and unexpected combination, each with its JSON pointer.
pub fn decode(json: &Value, pointer: &str) -> Result<Schema, Error> {
    let (schema, problems) = decode_all(json, pointer);
    Error::all(problems)?;
    Ok(schema)
}

/// Reads one schema and collects its problems; parts that cannot be read become `Any`.
pub(crate) fn decode_all(json: &Value, pointer: &str) -> (Schema, Vec<Error>) {
    let problems = RefCell::new(Vec::new());
    let schema = decode_at(json, pointer, &problems);
    (schema, problems.into_inner())
}

fn decode_at(json: &Value, pointer: &str, problems: &RefCell<Vec<Error>>) -> Schema {
    let result = match json {
        Value::Bool(true) => Ok(Schema::of(Shape::Any)),
        Value::Object(keywords) => Node {
            keywords,
            pointer,
            problems,
        }
        .decode(),
        _ => Err(problem_at(pointer, "a schema must be an object or `true`")),
    };
    let mut schema = result.unwrap_or_else(|error| {
        problems.borrow_mut().push(error);
        Schema::of(Shape::Any)
    });
    schema.place = Place::at(pointer);
    schema
}

impl Node<'_> {
    fn decode(self) -> Result<Schema, Error> {
        self.refuse_unknown_keywords()?;
        let (shape, nullable) = self.shape()?;
        let description = self.description(&shape)?;
        Ok(Schema {
            shape,
            nullable,
            description,
            default: self.keywords.get("default").cloned(),
            deprecated: self.flag("deprecated")?,
            write_only: self.flag("writeOnly")?,
            place: Place::default(),
        })
    }

    /// Reads a schema below this one.
    fn child(self, json: &Value, step: &str) -> Schema {
        decode_at(json, &self.below(step), self.problems)
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

    /// `allOf` with one part, which schemars uses to put a description beside a `$ref`.
    fn all_of(self, parts: &[Value]) -> Result<(Shape, bool), Error> {
        let [part] = parts else {
            return Err(self.problem("`allOf` with more than one part is not supported"));
        };
        let inner = self.child(part, "allOf/0");
        Ok((inner.shape, inner.nullable))
    }

    fn union(self, branches: &[Value], keyword: &str) -> Result<(Shape, bool), Error> {
        self.only(&[keyword, "type", "properties", "required"])?;
        if let Some(value) = self.keywords.get("type").filter(|value| *value != "object") {
            return Err(self.problem(format!("`type: {value}` beside `{keyword}`")));
        }
        let common = self.properties()?;
        let mut nullable = false;
        let mut alternatives = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let step = format!("{keyword}/{index}");
            if is_catch_all(branch) {
                alternatives.push(Schema::of(Shape::Any));
                continue;
            }
            let schema = self.child(branch, &step);
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
            [] if self.keywords.contains_key("enum") || self.keywords.contains_key("const") => {
                self.text()?
            }
            [] => {
                self.only(&[])?;
                Shape::Any
            }
            [one] => self.of_type(one)?,
            several => self.several(several)?,
        };
        let nullable = nullable && shape != Shape::Null;
        Ok((shape, nullable))
    }

    fn of_type(self, name: &str) -> Result<Shape, Error> {
        match name {
            "boolean" => self.plain(Shape::Boolean),
            "integer" => self.integer(),
            "number" => self.number(),
            "string" => self.text(),
            "array" => self.list(),
            "object" => self.object(),
            other => Err(self.problem(format!("unknown type `{other}`"))),
        }
    }

    /// A list of types is a union of these types, each with the keywords that concern it.
    fn several(self, names: &[&str]) -> Result<Shape, Error> {
        let mut branches = Vec::new();
        for name in names {
            let keywords = self
                .keywords
                .iter()
                .filter(|(keyword, _)| concerns(keyword, name));
            let mut keywords: Map<String, Value> = keywords
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            keywords.insert(String::from("type"), Value::from(*name));
            let node = Node {
                keywords: &keywords,
                ..self
            };
            let mut branch = Schema::of(node.of_type(name)?);
            branch.place = Place::at(self.pointer);
            branches.push(branch);
        }
        let common = BTreeMap::new();
        Ok(Shape::Union(Union { branches, common }))
    }

    fn plain(self, shape: Shape) -> Result<Shape, Error> {
        self.only(&["type"])?;
        Ok(shape)
    }

    /// An integer. One with fixed values is an integer of any value, as a later version may have others:
    /// [`fixed_values`] describes them.
    fn integer(self) -> Result<Shape, Error> {
        self.only(&["type", "format", "enum", "const"])?;
        let format = match self.string("format")? {
            Some("int64") => IntegerFormat::Int64,
            Some("int32") => IntegerFormat::Int32,
            Some("uint8") => IntegerFormat::Uint8,
            Some("uint16") => IntegerFormat::Uint16,
            Some("uint32") => IntegerFormat::Uint32,
            // `uint` is Rust's usize, which no 64-bit runtime stores in 32 bits.
            Some("uint64" | "uint") => IntegerFormat::Uint64,
            Some(other) => {
                return Err(self.problem(format!("unsupported integer format `{other}`")));
            }
            None => return Err(self.problem("an integer without a format")),
        };
        let mut values = fixed_values(self.keywords).iter();
        match values.find(|value| !is_integer(value, format)) {
            Some(value) => Err(self.problem(format!(
                "`enum` and `const` must hold integers of this format, found {value}"
            ))),
            None => Ok(Shape::Integer(format)),
        }
    }

    /// The description, with the fixed values of an integer, of which the type knows nothing.
    fn description(self, shape: &Shape) -> Result<Option<String>, Error> {
        let own = self.string("description")?.map(plain_text);
        let values = match shape {
            Shape::Integer(_) => fixed_values(self.keywords),
            _ => &[],
        };
        let values: Vec<String> = values.iter().map(Value::to_string).collect();
        let fixed = match values.as_slice() {
            [] => return Ok(own),
            [one] => format!("Always {one}."),
            several => format!("One of {}.", several.join(", ")),
        };
        Ok(Some(match own {
            Some(own) => format!("{own}\n\n{fixed}"),
            None => fixed,
        }))
    }

    fn number(self) -> Result<Shape, Error> {
        self.only(&["type", "format"])?;
        match self.string("format")? {
            None | Some("double" | "float") => Ok(Shape::Number),
            Some(other) => Err(self.problem(format!("unsupported number format `{other}`"))),
        }
    }

    fn text(self) -> Result<Shape, Error> {
        self.only(&["type", "enum", "const", "minLength"])?;
        let values = match (self.array("enum")?, self.keywords.get("const")) {
            (Some(values), None) => values,
            (None, Some(constant)) => std::slice::from_ref(constant),
            (Some(values), Some(constant)) if values.contains(constant) => {
                std::slice::from_ref(constant)
            }
            (Some(_), Some(constant)) => {
                return Err(self.problem(format!("`enum` lacks the `const` {constant}")));
            }
            (None, None) => {
                let min_length = self.keywords.get("minLength").and_then(Value::as_u64);
                return Ok(Shape::String {
                    min_length: min_length.unwrap_or(0),
                });
            }
        };
        // Beside a type that allows it, schemars lists `null` among the values.
        let (_, nullable) = self.type_names()?;
        let values = values.iter().filter(|value| !(nullable && value.is_null()));
        let values = values.map(|value| self.enum_value(value));
        let values: Vec<_> = values.collect::<Result<_, _>>()?;
        if values.is_empty() {
            return Err(self.problem("an enumeration without values"));
        }
        Ok(Shape::Enumeration(values))
    }

    fn enum_value(self, value: &Value) -> Result<EnumValue, Error> {
        let Some(text) = value.as_str() else {
            let problem = format!("`enum` and `const` must hold strings, found {value}");
            return Err(self.problem(problem));
        };
        self.printable(text)?;
        Ok(EnumValue {
            value: text.to_owned(),
            description: None,
        })
    }

    fn list(self) -> Result<Shape, Error> {
        self.only(&["type", "items"])?;
        let items = match self.keywords.get("items") {
            Some(items) => self.child(items, "items"),
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
            Some(schema) => Some(self.child(schema, "additionalProperties")),
        };
        let open = map_of.is_some();
        match map_of {
            Some(values) if properties.is_empty() => Ok(Shape::Map(Box::new(values))),
            Some(values) if values.shape != Shape::Any => Err(self
                .problem("named properties beside typed `additionalProperties` are not supported")),
            _ => Ok(Shape::Object(Object {
                properties,
                closed: additional == Some(&Value::Bool(false)),
                open,
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
                self.printable(name)?;
                let schema = self.child(member, &format!("properties/{}", step(name)));
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

/// The values that `enum` or `const` allows.
fn fixed_values(keywords: &Map<String, Value>) -> &[Value] {
    match (keywords.get("const"), keywords.get("enum")) {
        (Some(constant), _) => std::slice::from_ref(constant),
        (None, Some(Value::Array(values))) => values,
        _ => &[],
    }
}

/// Returns whether a value is an integer of this format. `null` stands beside a type that allows it.
fn is_integer(value: &Value, format: IntegerFormat) -> bool {
    match value {
        Value::Number(number) => in_range(format, number),
        other => other.is_null(),
    }
}

/// `type: [string, object]` and nothing else in a branch is the dump's explicit catch-all.
fn is_catch_all(branch: &Value) -> bool {
    let Some(keywords) = branch.as_object() else {
        return false;
    };
    let says_more =
        |keyword: &String| !["type", "title", "description"].contains(&keyword.as_str());
    keywords.get("type") == Some(&serde_json::json!(["string", "object"]))
        && !keywords.keys().any(says_more)
}

/// Returns whether a keyword belongs to one of several types.
fn concerns(keyword: &str, type_name: &str) -> bool {
    match keyword {
        "enum" | "const" | "minLength" => type_name == "string",
        "format" => matches!(type_name, "integer" | "number"),
        "items" => type_name == "array",
        "properties" | "required" | "additionalProperties" => type_name == "object",
        other => !["description", "default", "deprecated", "writeOnly"].contains(&other),
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
