//! The types whose malformed elements lists keep beside the others.
//!
//! Derived from the definitions and the tables of messages: the elements of `data` in responses,
//! without those of which a client or a request of the server has to know all.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use codex_types::{CLIENT_METHODS, SERVER_METHODS};
use serde_json::Value;

use super::{DEFINITIONS, Kind, resolve};

static LISTED: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let data = CLIENT_METHODS.iter().filter_map(|method| {
        DEFINITIONS
            .get(method.response)?
            .pointer("/properties/data")
    });
    let elements = data.filter_map(|data| match resolve(data).kind {
        Kind::List(items) => reference(items),
        _ => None,
    });
    let client = CLIENT_METHODS.iter().filter_map(|method| method.params);
    let server = SERVER_METHODS
        .iter()
        .flat_map(|method| method.params.into_iter().chain([method.response]));
    let mut strict = BTreeSet::new();
    for name in client.chain(server) {
        collect(name, &mut strict);
    }
    elements.filter(|name| !strict.contains(name)).collect()
});

/// Returns whether a list of such elements keeps malformed ones.
pub(crate) fn is_listed(items: &Value) -> bool {
    let is_object = matches!(resolve(items).kind, Kind::Object(_) | Kind::Tagged(_));
    is_object && reference(items).is_some_and(|name| LISTED.contains(name))
}

fn reference(schema: &Value) -> Option<&str> {
    let reference = schema.get("$ref")?.as_str()?;
    reference.strip_prefix("#/definitions/")
}

/// Every definition that a definition contains, and itself.
fn collect(name: &str, into: &mut BTreeSet<&'static str>) {
    let Some((name, definition)) = DEFINITIONS.get_key_value(name) else {
        return;
    };
    if into.insert(name) {
        walk(definition, into);
    }
}

fn walk(schema: &'static Value, into: &mut BTreeSet<&'static str>) {
    if let Some(name) = reference(schema) {
        collect(name, into);
    }
    match schema {
        Value::Object(keywords) => keywords.values().for_each(|inner| walk(inner, into)),
        Value::Array(values) => values.iter().for_each(|inner| walk(inner, into)),
        _ => {}
    }
}
