//! Compares the message envelope in the dump with the hand-written one.
//!
//! The models of the envelope (`rpc` in the core of the models) are not generated. Anything in the
//! dump beyond them, such as another member of a message or another type of id, is therefore
//! rejected: it would be dropped silently.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::Error;
use crate::schema::decode::decode;
use crate::schema::encode::encode;
use crate::schema::{Object, Property, Schema, Shape, Union};

type Definitions = BTreeMap<String, Schema>;

/// The envelope as read and written by `rpc`.
const KNOWN: &str = r##"{
    "JSONRPCError": {
        "type": "object", "required": ["error", "id"],
        "properties": {
            "error": { "$ref": "#/definitions/JSONRPCErrorError" },
            "id": { "$ref": "#/definitions/RequestId" }
        }
    },
    "JSONRPCErrorError": {
        "type": "object", "required": ["code", "message"],
        "properties": {
            "code": { "type": "integer", "format": "int64" },
            "data": true,
            "message": { "type": "string" }
        }
    },
    "JSONRPCMessage": {
        "anyOf": [
            { "$ref": "#/definitions/JSONRPCRequest" },
            { "$ref": "#/definitions/JSONRPCNotification" },
            { "$ref": "#/definitions/JSONRPCResponse" },
            { "$ref": "#/definitions/JSONRPCError" }
        ]
    },
    "JSONRPCNotification": {
        "type": "object", "required": ["method"],
        "properties": { "method": { "type": "string" }, "params": true }
    },
    "JSONRPCRequest": {
        "type": "object", "required": ["id", "method"],
        "properties": {
            "id": { "$ref": "#/definitions/RequestId" },
            "method": { "type": "string" },
            "params": true,
            "trace": { "anyOf": [{ "$ref": "#/definitions/W3cTraceContext" }, { "type": "null" }] }
        }
    },
    "JSONRPCResponse": {
        "type": "object", "required": ["id", "result"],
        "properties": { "id": { "$ref": "#/definitions/RequestId" }, "result": true }
    },
    "RequestId": { "anyOf": [{ "type": "string" }, { "type": "integer", "format": "int64" }] },
    "W3cTraceContext": {
        "type": "object",
        "properties": {
            "traceparent": { "type": ["string", "null"] },
            "tracestate": { "type": ["string", "null"] }
        }
    }
}"##;

/// The unions of messages, and whether their messages have ids.
const UNIONS: &[(&str, bool)] = &[
    ("ClientNotification", false),
    ("ClientRequest", true),
    ("ServerNotification", false),
    ("ServerRequest", true),
];

static ENVELOPE: LazyLock<Definitions> = LazyLock::new(|| {
    let json: serde_json::Value = serde_json::from_str(KNOWN).unwrap_or_default();
    let members = json.as_object().into_iter().flatten();
    let decoded = members.filter_map(|(name, json)| Some((name.clone(), decode(json, name).ok()?)));
    decoded.collect()
});

/// Rejects anything in the envelope that the hand-written models lack.
pub(super) fn require_known(definitions: &Definitions) -> Vec<Error> {
    let mut problems = Vec::new();
    for (name, known) in ENVELOPE.iter() {
        if let Some(found) = definitions.get(name) {
            compare(found, known, &mut problems);
        }
    }
    for (name, has_id) in UNIONS {
        if let Some(Shape::Union(union)) = definitions.get(*name).map(|schema| &schema.shape) {
            beside_branches(name, union, &mut problems);
            for branch in &union.branches {
                message(branch, *has_id, definitions, &mut problems);
            }
        }
    }
    problems
}

/// The known definitions and members that the dump does not have.
pub(super) fn stale(definitions: &Definitions) -> Vec<String> {
    let mut rows = Vec::new();
    for (name, known) in ENVELOPE.iter() {
        let found = definitions.get(name);
        if found.is_none() {
            rows.push(name.clone());
        }
        if let (Some(found), Some(known)) = (found.and_then(Schema::as_object), known.as_object()) {
            let members = known.properties.keys();
            let missing = members.filter(|member| !found.properties.contains_key(*member));
            rows.extend(missing.map(|member| format!("{name}.{member}")));
        }
    }
    let row = |row| format!("codegen/src/bundle/envelope.rs: KNOWN ({row})");
    rows.into_iter().map(row).collect()
}

fn compare(found: &Schema, known: &Schema, problems: &mut Vec<Error>) {
    match (found.as_object(), known.as_object()) {
        (Some(found), Some(known)) if found.closed == known.closed => {
            for (name, property) in &found.properties {
                member(name, property, known, problems);
            }
        }
        _ if found.shape == known.shape && found.nullable == known.nullable => {}
        _ => problems.push(unknown(
            found,
            &format!("{}, expected {}", encode(found), encode(known)),
        )),
    }
}

fn member(name: &str, found: &Property, known: &Object, problems: &mut Vec<Error>) {
    let problem = match known.properties.get(name) {
        None => format!("a new member `{name}`: {}", encode(&found.schema)),
        Some(known) if known.required != found.required => {
            let words = |required| if required { "required" } else { "optional" };
            let (found, known) = (words(found.required), words(known.required));
            format!("`{name}` is {found}, expected {known}")
        }
        Some(known)
            if known.schema.shape != found.schema.shape
                || known.schema.nullable != found.schema.nullable =>
        {
            let (found, known) = (encode(&found.schema), encode(&known.schema));
            format!("`{name}` is {found}, expected {known}")
        }
        Some(_) => return,
    };
    problems.push(unknown(&found.schema, &problem));
}

/// Reports members beside the branches of a union, which belong to every message.
fn beside_branches(name: &str, union: &Union, problems: &mut Vec<Error>) {
    for (member, property) in &union.common {
        let is_known = name == "ServerNotification"
            && member == "emittedAtMs"
            && matches!(property.schema.shape, Shape::Integer(_));
        if !is_known {
            let problem = format!("`{member}` beside the messages of `{name}`");
            problems.push(unknown(&property.schema, &problem));
        }
    }
}

fn message(branch: &Schema, has_id: bool, definitions: &Definitions, problems: &mut Vec<Error>) {
    let Some(object) = branch.as_object() else {
        let problem = format!("a message that is no object: {}", encode(branch));
        problems.push(unknown(branch, &problem));
        return;
    };
    for (name, property) in &object.properties {
        let is_known = match name.as_str() {
            "id" => has_id && is_request_id(property),
            // Read by the stage `protocol`.
            "method" | "params" => true,
            _ => false,
        };
        if !is_known {
            let problem = format!("`{name}` of a message: {}", encode(&property.schema));
            problems.push(unknown(&property.schema, &problem));
        }
    }
    // A handmade dump of a test may lack the envelope.
    let needs_id = has_id && definitions.contains_key("JSONRPCRequest");
    if needs_id && !object.properties.contains_key("id") {
        problems.push(unknown(branch, "a request without `id`"));
    }
}

fn is_request_id(property: &Property) -> bool {
    let is_reference = property.schema.shape == Shape::Reference("RequestId".to_owned());
    property.required && is_reference && !property.schema.nullable
}

fn unknown(at: &Schema, problem: &str) -> Error {
    Error::schema(
        at.pointer(),
        format!(
            "the envelope of messages has changed: {problem}; teach `rpc` in codex-types-core, \
             then KNOWN in codegen/src/bundle/envelope.rs"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::ENVELOPE;

    #[test]
    fn the_known_envelope_is_all_read() {
        assert_eq!(ENVELOPE.len(), super::KNOWN.matches("\n    \"").count());
    }
}
