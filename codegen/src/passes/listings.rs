//! Finds the lists that keep malformed elements beside the others.
//!
//! A history or a list of threads must be readable although one of its elements is not. So the types
//! that the server lists (elements of the field `data` of a response) get a list of that kind wherever
//! only the server sends it. The parameters of its requests are excepted: a decision must not be made
//! on a part of what it is about.
//!
//! A type that something strict contains is not listed, so that nothing strict has such a list.

use std::collections::BTreeSet;

use crate::ir::{Kind, Model, Type};
use crate::passes::reachability::closure;
use crate::protocol::Protocol;

/// The field of a response that has the listed elements.
const DATA: &str = "data";

/// Marks the lists.
pub(super) fn mark(model: &mut Model, protocol: &Protocol) {
    let strict = closure(model, &strict_roots(protocol));
    let mut listed = listed(model, protocol);
    listed.retain(|name| !strict.contains(name));
    for definition in model.definitions.values_mut() {
        let Kind::Struct(object) = &mut definition.kind else {
            continue;
        };
        for field in &mut object.fields {
            keep_malformed(&mut field.value, &listed);
        }
    }
}

/// The messages that are read as a whole or not at all.
fn strict_roots(protocol: &Protocol) -> Vec<&str> {
    let requests = protocol.server_requests.iter();
    let params = requests.filter_map(|request| request.params.type_name());
    protocol.client_sent().into_iter().chain(params).collect()
}

/// The objects and unions that a response lists.
fn listed(model: &Model, protocol: &Protocol) -> BTreeSet<String> {
    let responses = protocol.client_requests.iter();
    let responses = responses.filter_map(|request| model.definitions.get(&request.response));
    let fields = responses.flat_map(|response| match &response.kind {
        Kind::Struct(object) => object.fields.as_slice(),
        _ => &[],
    });
    let elements = fields.filter_map(|field| match &field.value {
        Type::List(inner) if field.wire.0 == DATA => match &**inner {
            Type::Named(name) => Some(name),
            _ => None,
        },
        _ => None,
    });
    let elements = elements.filter_map(|name| model.definitions.get(name));
    let objects = elements.filter(|it| matches!(it.kind, Kind::Struct(_) | Kind::Tagged(_)));
    objects.map(|it| it.name.clone()).collect()
}

fn keep_malformed(value: &mut Type, listed: &BTreeSet<String>) {
    match value {
        Type::List(inner) if matches!(&**inner, Type::Named(name) if listed.contains(name)) => {
            *value = Type::Listing(inner.clone());
        }
        Type::Nullable(inner) => keep_malformed(inner, listed),
        _ => {}
    }
}
