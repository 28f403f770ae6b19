//! The order in which the fields of a type are declared.
//!
//! Handles the composition of types, independent of the meaning of fields.

use super::{Member, Type, TypeScript};

/// The references that are followed, one inside the other.
const DEPTH: usize = 4;

/// One form of a type: the objects that it is composed of, each with its members.
type Form<'a> = Vec<Vec<&'a Member>>;

impl TypeScript {
    /// The names of a type's fields in the order of their declaration.
    ///
    /// Of a union, those of the variant (see [`TypeScript::field`]) come first: the runtime writes
    /// what all variants have behind them, wherever it is declared.
    pub(crate) fn declared_order(&self, type_name: &str, variant: Option<&str>) -> Vec<&str> {
        let body = self.module_of(type_name).and_then(|path| self.module(path));
        let mut forms = body.map_or_else(Vec::new, |body| self.forms(body, DEPTH));
        if let Some(variant) = variant {
            let is_of =
                |member: &&Member| member.name == variant || member.value.is_literal(variant);
            for form in &mut forms {
                form.sort_by_key(|members| !members.iter().any(is_of));
            }
            forms.sort_by_key(|form| !form.iter().flatten().any(is_of));
        }
        let mut names: Vec<&str> = Vec::new();
        for member in forms.into_iter().flatten().flatten() {
            if !names.contains(&member.name.as_str()) {
                names.push(&member.name);
            }
        }
        names
    }

    fn forms<'a>(&'a self, body: &'a Type, depth: usize) -> Vec<Form<'a>> {
        match body {
            Type::Object(members) => vec![vec![with_inline(members)]],
            Type::Union(parts) => {
                let parts = parts.iter().map(|part| self.forms(part, depth));
                parts.flatten().collect()
            }
            Type::Intersection(parts) => parts.iter().fold(vec![Vec::new()], |all, part| {
                combine(&all, &self.forms(part, depth))
            }),
            Type::Array(inner) | Type::Map(inner) => self.forms(inner, depth),
            Type::Reference(module) if depth > 0 => self
                .module(module)
                .map_or_else(Vec::new, |body| self.forms(body, depth - 1)),
            _ => Vec::new(),
        }
    }
}

/// The members of an object, then those of the objects written out inside it.
fn with_inline(members: &[Member]) -> Vec<&Member> {
    let inline = members.iter().filter_map(|member| match &member.value {
        Type::Object(inner) => Some(with_inline(inner)),
        _ => None,
    });
    members.iter().chain(inline.flatten()).collect()
}

/// Every form of the first with every one of the second.
fn combine<'a>(first: &[Form<'a>], second: &[Form<'a>]) -> Vec<Form<'a>> {
    if second.is_empty() {
        return first.to_vec();
    }
    let pairs = first.iter().flat_map(|left| {
        second
            .iter()
            .map(move |right| [left.as_slice(), right].concat())
    });
    pairs.collect()
}
