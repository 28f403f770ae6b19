//! The ids in the parameters of a message, which identify its recipients.

use super::Protocol;
use crate::bundle::Bundle;
use crate::schema::{Property, Shape};

/// An id in the parameters of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The kind of the identified item, such as `thread`.
    pub(crate) kind: &'static str,
    /// The path of names to it, such as `turn`, `id`.
    pub(crate) path: Vec<String>,
    /// True if it is always present.
    pub(crate) required: bool,
}

/// The kinds of ids, with their paths; the first that exists counts.
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

/// The rows that match no message.
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

/// Returns whether the value at the path is always present; `None` if the path does not exist.
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
