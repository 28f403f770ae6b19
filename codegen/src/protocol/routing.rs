//! Where in the parameters of a message the ids are that say whom it concerns.

use super::Protocol;
use crate::bundle::Bundle;
use crate::schema::{Property, Shape};

/// An id in the parameters of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// What it identifies, such as `thread`.
    pub(crate) kind: &'static str,
    /// The names that lead to it, such as `turn`, `id`.
    pub(crate) path: Vec<String>,
    /// Whether it is always there.
    pub(crate) required: bool,
}

/// The kinds of ids, with the names that lead to them; the first that exists counts.
const KINDS: &[(&str, &[&[&str]])] = &[
    ("thread", &[&["threadId"], &["thread", "id"]]),
    ("turn", &[&["turnId"], &["turn", "id"], &["expectedTurnId"]]),
    ("item", &[&["itemId"], &["item", "id"]]),
    ("login", &[&["loginId"]]),
    ("process", &[&["processId"], &["processHandle"]]),
    ("request", &[&["requestId"]]),
    ("session", &[&["sessionId"]]),
    ("watch", &[&["watchId"]]),
];

/// The rows that lead to an id of no message.
pub(crate) fn stale(protocol: &Protocol) -> Vec<String> {
    let routes: Vec<&Route> = protocol.routes().collect();
    let paths = KINDS
        .iter()
        .flat_map(|(kind, paths)| paths.iter().map(move |path| (*kind, *path)));
    let unused = paths.filter(|(kind, path)| {
        !routes
            .iter()
            .any(|route| route.kind == *kind && route.path == *path)
    });
    unused
        .map(|(kind, path)| {
            format!(
                "codegen/src/protocol/routing.rs: KINDS ({kind}, {})",
                path.join(".")
            )
        })
        .collect()
}

/// The ids in the parameters of this type.
pub(super) fn routes(bundle: &Bundle, params: &str) -> Vec<Route> {
    KINDS
        .iter()
        .filter_map(|(kind, paths)| {
            paths.iter().find_map(|path| {
                let required = lookup(bundle, params, path)?;
                Some(Route {
                    kind,
                    path: path.iter().map(|&name| name.to_owned()).collect(),
                    required,
                })
            })
        })
        .collect()
}

/// Whether what the path leads to is always there; `None` when it leads nowhere.
fn lookup(bundle: &Bundle, owner: &str, path: &[&str]) -> Option<bool> {
    let (first, rest) = path.split_first()?;
    let property = property(bundle, owner, first)?;
    let always = property.required && !property.schema.nullable;
    if rest.is_empty() {
        return Some(always);
    }
    match &property.schema.shape {
        Shape::Reference(name) => lookup(bundle, name, rest).map(|inner| inner && always),
        _ => None,
    }
}

fn property<'a>(bundle: &'a Bundle, owner: &str, name: &str) -> Option<&'a Property> {
    match &bundle.definitions.get(owner)?.shape {
        Shape::Object(object) => object.properties.get(name),
        // Beside a union, or in each of its variants.
        Shape::Union(union) => union.common.get(name).or_else(|| {
            let mut members = union.branches.iter().map(|branch| match &branch.shape {
                Shape::Object(object) => object.properties.get(name),
                Shape::Union(inner) => inner.common.get(name),
                _ => None,
            });
            let first = members.next()??;
            members.all(|member| member.is_some()).then_some(first)
        }),
        _ => None,
    }
}
