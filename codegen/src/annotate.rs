//! Stage 3: assigns every union variant and inline object a definition of its own.
//!
//! Names come from tag values, property names and distinguishing keys, never from titles or
//! numbers. After this stage a definition is an object, a union of references, an enumeration or a
//! plain value, and every property is a reference, a plain value, a list or a map. Independent of
//! Rust types.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::names::{distinct_pascal_case, pascal_case};
use crate::schema::{self, Object, Property, Schema, Shape, Union};

mod variants;

pub(crate) use variants::distinguishing_key;
use variants::{find_tag, is_keyed, merge_alternatives, refuse, tag_value, with_common};

/// All definitions, each with its place of origin.
pub(crate) type Definitions = BTreeMap<String, Annotated>;

/// A definition after this stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Annotated {
    /// The schema after hoisting.
    pub(crate) schema: Schema,
    /// The place in the dump: the name of a definition and the steps into it.
    pub(crate) origin: String,
    /// The constant property that distinguishes this variant of a union from the others.
    pub(crate) tag: Option<(String, String)>,
    /// The union this is a variant of, and the tag or key of the variant.
    pub(crate) variant_of: Option<(String, String)>,
}

/// A schema to be hoisted, with the reason why it has a name of its own.
struct Hoisted {
    name: String,
    shape: Shape,
    description: Option<String>,
    position: schema::Place,
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

/// Annotates all definitions of a dump; those that cannot be annotated become `Any`.
pub(crate) fn annotate(
    definitions: &BTreeMap<String, Schema>,
    problems: &mut Vec<Error>,
) -> Definitions {
    let mut stage = Stage {
        done: BTreeMap::new(),
        taken: definitions.keys().cloned().collect(),
    };
    for (name, schema) in definitions {
        let annotated = Annotated::new(name.clone(), schema.clone());
        if let Err(error) = stage.definition(name, annotated) {
            problems.push(error);
            let anything = Annotated::new(name.clone(), Schema::of(Shape::Any));
            stage.done.insert(name.clone(), anything);
        }
    }
    stage.done
}

struct Stage {
    done: Definitions,
    taken: BTreeSet<String>,
}

/// A place in the dump, and the type whose name is the prefix of everything hoisted there.
struct Place<'a> {
    owner: &'a str,
    origin: &'a str,
    pointer: &'a str,
    /// The constant property that stays where it is.
    tag: Option<&'a str>,
}

impl Stage {
    fn definition(&mut self, name: &str, mut annotated: Annotated) -> Result<(), Error> {
        let position = annotated.schema.place.clone();
        let place = Place {
            owner: name,
            origin: &annotated.origin,
            pointer: position.pointer(),
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
        let Object { closed, open, .. } = object;
        let mut properties = BTreeMap::new();
        for (name, property) in object.properties {
            let required = property.required;
            let schema = match place.tag {
                Some(tag) if tag == name => property.schema,
                _ => self.inline(place, &pascal_case(&name), property.schema)?,
            };
            properties.insert(name, Property { schema, required });
        }
        Ok(Object {
            properties,
            closed,
            open,
        })
    }

    /// Hoists a schema that cannot be inline; `step` extends the owner's name.
    fn inline(&mut self, place: &Place<'_>, step: &str, schema: Schema) -> Result<Schema, Error> {
        let shape = match schema.shape {
            Shape::Array(items) => {
                let step = format!("{step}Item");
                Shape::Array(Box::new(self.inline(place, &step, *items)?))
            }
            Shape::Map(values) => {
                let step = format!("{step}Value");
                Shape::Map(Box::new(self.inline(place, &step, *values)?))
            }
            shape @ (Shape::Object(_) | Shape::Union(_) | Shape::Enumeration(_)) => self.hoist(
                place,
                Hoisted {
                    name: format!("{}{step}", place.owner),
                    shape,
                    description: schema.description.clone(),
                    position: schema.place.clone(),
                    tag: None,
                    variant: None,
                },
            )?,
            plain => plain,
        };
        Ok(Schema { shape, ..schema })
    }

    fn hoist(&mut self, place: &Place<'_>, hoisted: Hoisted) -> Result<Shape, Error> {
        let name = hoisted.name;
        if !self.taken.insert(name.clone()) {
            let problem = format!(
                "the name `{name}` for what stands there is taken by another definition; \
                 rename that one in RENAMED in codegen/src/fixups.rs"
            );
            return Err(Error::schema(hoisted.position.pointer(), problem));
        }
        let schema = Schema {
            description: hoisted.description,
            place: hoisted.position,
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
            let object = merge_alternatives(place.pointer, union)?;
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
        let names = distinct_pascal_case(&values).ok_or_else(|| {
            let problem = format!("two variants of {values:?} get one name");
            refuse(place.pointer, problem)
        })?;
        let mut branches = Vec::new();
        for ((branch, name), value) in union.branches.into_iter().zip(names).zip(&values) {
            let shape = self.hoist(
                place,
                Hoisted {
                    name: format!("{name}{}", place.owner),
                    description: branch.description.clone(),
                    position: branch.place.clone(),
                    shape: Shape::Object(with_common(branch, &union.common)?),
                    tag: Some((tag.to_owned(), (*value).to_owned())),
                    variant: Some((*value).to_owned()),
                },
            )?;
            branches.push(Schema::of(shape));
        }
        let common = BTreeMap::new();
        Ok(Shape::Union(Union { branches, common }))
    }

    /// A union of strings and of objects with one key; the payload under the key is hoisted.
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
                    pointer: place.pointer,
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
                                position: inner.place,
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

    /// A union distinguished by the kind of JSON, or by keys that only one alternative has.
    fn untagged(&mut self, place: &Place<'_>, mut union: Union) -> Result<Shape, Error> {
        let all = union.branches.clone();
        for branch in &mut union.branches {
            let (shape, description) = (branch.shape.clone(), branch.description.clone());
            let position = branch.place.clone();
            branch.shape = match shape {
                Shape::Object(ref object) => {
                    let key = distinguishing_key(object, &all).ok_or_else(|| {
                        let problem =
                            "no required key distinguishes this alternative from the others";
                        refuse(position.pointer(), problem)
                    })?;
                    self.hoist(
                        place,
                        Hoisted {
                            name: format!("{}{}", pascal_case(&key), place.owner),
                            shape,
                            description,
                            position,
                            tag: None,
                            variant: Some(key),
                        },
                    )?
                }
                Shape::Array(items) => Shape::Array(Box::new(self.inline(place, "Item", *items)?)),
                Shape::Union(_) | Shape::Map(_) => {
                    let problem = "a union inside a union is not supported";
                    return Err(refuse(position.pointer(), problem));
                }
                plain => plain,
            };
        }
        Ok(Shape::Union(union))
    }
}
