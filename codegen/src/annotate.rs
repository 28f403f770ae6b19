//! Stage 3: gives every union variant and inline object a definition of its own.
//!
//! Names come from tag values, property names and distinguishing keys, never
//! from titles and never from numbers. After this stage a definition is an
//! object, a union of references, an enumeration or a plain value, and every
//! property is a reference, a plain value, a list or a map. Knows nothing of
//! Rust types.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::names::{distinct_pascal_case, pascal_case};
use crate::schema::{Object, Property, Schema, Shape, Union};

/// The definitions, each with the place it came from.
pub(crate) type Definitions = BTreeMap<String, Annotated>;

/// A definition after this stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Annotated {
    /// What it looks like.
    pub(crate) schema: Schema,
    /// The place in the dump, as the name of a definition and steps into it.
    pub(crate) origin: String,
    /// The constant property that tells this variant of a union from others.
    pub(crate) tag: Option<(String, String)>,
    /// The union this is a variant of, and the tag or key of the variant.
    pub(crate) variant_of: Option<(String, String)>,
}

/// What is hoisted, and why it has a name of its own.
struct Hoisted {
    name: String,
    shape: Shape,
    description: Option<String>,
    tag: Option<(String, String)>,
    variant: Option<String>,
}

impl Annotated {
    fn new(origin: String, schema: Schema) -> Self {
        Self {
            schema,
            origin,
            tag: None,
            variant_of: None,
        }
    }
}

/// Annotates all definitions of a dump.
pub(crate) fn annotate(definitions: &BTreeMap<String, Schema>) -> Result<Definitions, Error> {
    let mut stage = Stage {
        done: BTreeMap::new(),
        taken: definitions.keys().cloned().collect(),
    };
    for (name, schema) in definitions {
        stage.definition(name, Annotated::new(name.clone(), schema.clone()))?;
    }
    Ok(stage.done)
}

struct Stage {
    done: Definitions,
    taken: BTreeSet<String>,
}

/// A place in the dump and the type whose name what is found there extends.
struct Place<'a> {
    owner: &'a str,
    origin: &'a str,
    /// The constant property that stays where it is.
    tag: Option<&'a str>,
}

impl Stage {
    fn definition(&mut self, name: &str, mut annotated: Annotated) -> Result<(), Error> {
        let place = Place {
            owner: name,
            origin: &annotated.origin,
            tag: annotated.tag.as_ref().map(|(tag, _)| tag.as_str()),
        };
        annotated.schema.shape = match annotated.schema.shape.clone() {
            Shape::Object(object) => Shape::Object(self.members(&place, object)?),
            Shape::Union(union) => self.union(&place, union)?,
            Shape::Array(items) => Shape::Array(Box::new(self.inline(&place, "Item", *items)?)),
            Shape::Map(values) => Shape::Map(Box::new(self.inline(&place, "Value", *values)?)),
            plain => plain,
        };
        self.done.insert(name.to_owned(), annotated);
        Ok(())
    }

    fn members(&mut self, place: &Place<'_>, object: Object) -> Result<Object, Error> {
        let closed = object.closed;
        let mut properties = BTreeMap::new();
        for (name, property) in object.properties {
            let required = property.required;
            let schema = match place.tag {
                Some(tag) if tag == name => property.schema,
                _ => self.inline(place, &pascal_case(&name), property.schema)?,
            };
            properties.insert(name, Property { schema, required });
        }
        Ok(Object { properties, closed })
    }

    /// Hoists what cannot stand inline; `step` extends the owner's name.
    fn inline(&mut self, place: &Place<'_>, step: &str, schema: Schema) -> Result<Schema, Error> {
        let (shape, rest) = (schema.shape.clone(), schema);
        let shape = match shape {
            Shape::Array(items) => {
                let step = format!("{step}Item");
                Shape::Array(Box::new(self.inline(place, &step, *items)?))
            }
            Shape::Map(values) => {
                let step = format!("{step}Value");
                Shape::Map(Box::new(self.inline(place, &step, *values)?))
            }
            Shape::Object(_) | Shape::Union(_) | Shape::Enumeration(_) => self.hoist(
                place,
                Hoisted {
                    name: format!("{}{step}", place.owner),
                    shape: rest.shape.clone(),
                    description: rest.description.clone(),
                    tag: None,
                    variant: None,
                },
            )?,
            plain => plain,
        };
        Ok(Schema { shape, ..rest })
    }

    fn hoist(&mut self, place: &Place<'_>, hoisted: Hoisted) -> Result<Shape, Error> {
        let name = hoisted.name;
        if !self.taken.insert(name.clone()) {
            let problem = format!("the name `{name}` for what stands there is taken");
            return Err(refuse(place.origin, problem));
        }
        let schema = Schema {
            description: hoisted.description,
            ..Schema::of(hoisted.shape)
        };
        let annotated = Annotated {
            tag: hoisted.tag,
            variant_of: hoisted
                .variant
                .map(|variant| (place.owner.to_owned(), variant)),
            ..Annotated::new(format!("{} ({name})", place.origin), schema)
        };
        self.definition(&name, annotated)?;
        Ok(Shape::Reference(name))
    }

    fn union(&mut self, place: &Place<'_>, union: Union) -> Result<Shape, Error> {
        if let Some(tag) = find_tag(&union) {
            return self.tagged(place, union, &tag);
        }
        if union
            .branches
            .iter()
            .all(|branch| is_keyed(branch) || branch.shape == Shape::Any)
        {
            return self.keyed(place, union);
        }
        if !union.common.is_empty() {
            let object = merge_alternatives(place.origin, union)?;
            return Ok(Shape::Object(self.members(place, object)?));
        }
        self.untagged(place, union)
    }

    fn tagged(&mut self, place: &Place<'_>, union: Union, tag: &str) -> Result<Shape, Error> {
        let values: Vec<String> = union
            .branches
            .iter()
            .filter_map(|b| tag_value(b, tag))
            .collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let names = distinct_pascal_case(&values)
            .ok_or_else(|| refuse(place.origin, "two variants with the same tag"))?;
        let mut branches = Vec::new();
        for ((branch, name), value) in union.branches.into_iter().zip(names).zip(&values) {
            let shape = self.hoist(
                place,
                Hoisted {
                    name: format!("{name}{}", place.owner),
                    description: branch.description.clone(),
                    shape: Shape::Object(with_common(place.origin, branch, &union.common)?),
                    tag: Some((tag.to_owned(), (*value).to_owned())),
                    variant: Some((*value).to_owned()),
                },
            )?;
            branches.push(Schema::of(shape));
        }
        let common = BTreeMap::new();
        Ok(Shape::Union(Union { branches, common }))
    }

    /// Strings and objects with one key; the payload under the key is hoisted.
    fn keyed(&mut self, place: &Place<'_>, mut union: Union) -> Result<Shape, Error> {
        for branch in &mut union.branches {
            let Shape::Object(object) = &mut branch.shape else {
                continue;
            };
            for (key, property) in &mut object.properties {
                let name = format!("{}{}", pascal_case(key), place.owner);
                let inner = property.schema.clone();
                let step = Place {
                    owner: &name,
                    origin: place.origin,
                    tag: None,
                };
                property.schema = match inner.shape {
                    Shape::Object(_) | Shape::Union(_) | Shape::Enumeration(_) => {
                        Schema::of(self.hoist(
                            place,
                            Hoisted {
                                name,
                                shape: inner.shape,
                                description: inner.description.or(branch.description.clone()),
                                tag: None,
                                variant: Some(key.clone()),
                            },
                        )?)
                    }
                    _ => self.inline(&step, "", inner)?,
                };
            }
        }
        Ok(Shape::Union(union))
    }

    /// Told apart by the kind of JSON, or by the keys only one alternative has.
    fn untagged(&mut self, place: &Place<'_>, mut union: Union) -> Result<Shape, Error> {
        let all = union.branches.clone();
        for branch in &mut union.branches {
            let (shape, description) = (branch.shape.clone(), branch.description.clone());
            branch.shape = match shape {
                Shape::Object(ref object) => {
                    let key = distinguishing_key(object, &all).ok_or_else(|| {
                        refuse(
                            place.origin,
                            "alternatives that no required key tells apart",
                        )
                    })?;
                    self.hoist(
                        place,
                        Hoisted {
                            name: format!("{}{}", pascal_case(&key), place.owner),
                            shape,
                            description,
                            tag: None,
                            variant: Some(key),
                        },
                    )?
                }
                Shape::Array(items) => Shape::Array(Box::new(self.inline(place, "Item", *items)?)),
                Shape::Union(_) | Shape::Map(_) => {
                    let problem = "a union inside a union is not supported";
                    return Err(refuse(place.origin, problem));
                }
                plain => plain,
            };
        }
        Ok(Shape::Union(union))
    }
}

fn refuse(origin: &str, problem: impl std::fmt::Display) -> Error {
    let problem = format!("{problem}; teach codegen/src/annotate.rs or add a fixup");
    Error::schema(format!("#/definitions/{origin}"), problem)
}

/// The property that is a required constant in every branch, each time another one.
fn find_tag(union: &Union) -> Option<String> {
    let first = union.branches.first()?;
    let mut candidates: Vec<&String> = branch_properties(first)?.keys().collect();
    candidates.sort_by_key(|name| (*name != "type", *name != "method", (*name).clone()));
    let tag = candidates.into_iter().find(|name| {
        let values: Vec<_> = union.branches.iter().map(|b| tag_value(b, name)).collect();
        let distinct: BTreeSet<_> = values.iter().flatten().collect();
        distinct.len() == values.len()
    })?;
    Some(tag.clone())
}

fn branch_properties(branch: &Schema) -> Option<&BTreeMap<String, Property>> {
    match &branch.shape {
        Shape::Object(object) => Some(&object.properties),
        Shape::Union(union) => Some(&union.common),
        _ => None,
    }
}

fn tag_value(branch: &Schema, tag: &str) -> Option<String> {
    let property = branch_properties(branch)?.get(tag)?;
    let value = property.schema.as_single_value()?;
    property.required.then(|| value.to_owned())
}

fn is_keyed(branch: &Schema) -> bool {
    match &branch.shape {
        Shape::Enumeration(_) => true,
        Shape::Object(object) => {
            object.closed
                && object.properties.len() == 1
                && object.properties.values().all(|property| property.required)
        }
        _ => false,
    }
}

/// What stands beside a union belongs to each of its variants.
fn with_common(
    origin: &str,
    branch: Schema,
    common: &BTreeMap<String, Property>,
) -> Result<Object, Error> {
    let mut object = match branch.shape {
        Shape::Object(object) => object,
        Shape::Union(union) => merge_alternatives(origin, union)?,
        _ => return Err(refuse(origin, "a tagged variant must be an object")),
    };
    for (name, property) in common {
        if object
            .properties
            .insert(name.clone(), property.clone())
            .is_some()
        {
            let problem = format!("`{name}` stands both beside the union and in a variant");
            return Err(refuse(origin, problem));
        }
    }
    Ok(object)
}

/// An object of which some properties depend on which alternative it is: they
/// become optional, because more than one may be there.
fn merge_alternatives(origin: &str, union: Union) -> Result<Object, Error> {
    let mut properties = union.common;
    for branch in union.branches {
        let Shape::Object(object) = branch.shape else {
            return Err(refuse(
                origin,
                "alternatives inside an object must be objects",
            ));
        };
        for (name, mut property) in object.properties {
            property.required = false;
            match properties.get(&name) {
                Some(other) if other.schema.shape != property.schema.shape => {
                    let problem = format!("alternatives disagree about `{name}`");
                    return Err(refuse(origin, problem));
                }
                _ => properties.insert(name, property),
            };
        }
    }
    Ok(Object {
        properties,
        closed: false,
    })
}

/// A required key that no other alternative requires.
pub(crate) fn distinguishing_key(object: &Object, all: &[Schema]) -> Option<String> {
    let required = |object: &Object, name: &str| {
        object
            .properties
            .get(name)
            .is_some_and(|property| property.required)
    };
    object
        .properties
        .keys()
        .filter(|name| required(object, name))
        .find(|name| {
            let others = all.iter().filter_map(Schema::as_object);
            others.filter(|other| required(other, name)).count() == 1
        })
        .cloned()
}
