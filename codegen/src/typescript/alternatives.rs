//! Expands a type into the flat shapes of its values.
//!
//! `{ a } & ({ b } | { c })` is `{ a, b }` or `{ a, c }`: the form in which a union can be compared
//! with a JSON schema, independent of how either of them nests it.

use std::collections::BTreeMap;

use super::{Member, Type, TypeScript};

/// The fields of one flat object by name.
pub(super) type Fields<'a> = BTreeMap<&'a str, &'a Member>;

/// One possible shape of a value, `null` excluded.
#[derive(Clone, Debug)]
pub(super) enum Alternative<'a> {
    /// An object.
    Object {
        /// Its named fields.
        fields: Fields<'a>,
        /// The type of all other values, if it is also a map.
        map: Option<&'a Type>,
    },
    /// One string.
    Literal(&'a str),
    /// A scalar, an array, or anything.
    Other(&'a Type),
}

impl TypeScript {
    /// The shapes of a type, with references resolved, `null` and `undefined` excluded.
    pub(super) fn alternatives<'a>(&'a self, body: &'a Type) -> Vec<Alternative<'a>> {
        self.below(body, &mut Vec::new())
    }

    /// `open` holds the references being followed: an alias of itself has no shape.
    fn below<'a>(&'a self, body: &'a Type, open: &mut Vec<&'a str>) -> Vec<Alternative<'a>> {
        match body {
            Type::Null | Type::Undefined => Vec::new(),
            Type::Literal(text) => vec![Alternative::Literal(text)],
            Type::Reference(module) if open.contains(&module.as_str()) => Vec::new(),
            Type::Reference(module) => match self.module(module) {
                Some(target) => {
                    open.push(module);
                    let shapes = self.below(target, open);
                    open.pop();
                    shapes
                }
                None => vec![Alternative::Other(body)],
            },
            Type::Object(members) => {
                let fields = members.iter().map(|m| (m.name.as_str(), m)).collect();
                vec![Alternative::Object { fields, map: None }]
            }
            Type::Map(values) => vec![Alternative::Object {
                fields: Fields::new(),
                map: Some(values),
            }],
            Type::Union(parts) => parts
                .iter()
                .flat_map(|part| self.below(part, open))
                .collect(),
            Type::Intersection(parts) => self.product(parts, open),
            Type::String | Type::Number | Type::Boolean | Type::Unknown | Type::Array(_) => {
                vec![Alternative::Other(body)]
            }
        }
    }

    fn product<'a>(&'a self, parts: &'a [Type], open: &mut Vec<&'a str>) -> Vec<Alternative<'a>> {
        let mut product = vec![Alternative::Object {
            fields: Fields::new(),
            map: None,
        }];
        for part in parts {
            let choices = self.below(part, open);
            let so_far = std::mem::take(&mut product);
            for left in &so_far {
                product.extend(choices.iter().map(|right| merged(left, right)));
            }
        }
        product
    }
}

/// The intersection of two shapes; an intersection with a shape that is not an object is that
/// shape.
fn merged<'a>(left: &Alternative<'a>, right: &Alternative<'a>) -> Alternative<'a> {
    let Alternative::Object { fields, map } = left else {
        return left.clone();
    };
    let Alternative::Object {
        fields: more,
        map: other,
    } = right
    else {
        return right.clone();
    };
    let both = fields
        .iter()
        .chain(more)
        .map(|(name, member)| (*name, *member));
    Alternative::Object {
        fields: both.collect(),
        map: other.or(*map),
    }
}
