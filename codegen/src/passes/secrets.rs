//! Marks the fields whose values must never be printed.
//!
//! Decided by the words of a name, for texts and for lists and maps of texts: a field that a new
//! runtime adds is kept out of logs before any review. Printed fields with a similar name are
//! listed, for a review (see [`candidates`]).

use std::collections::BTreeSet;

use crate::ir::{Field, Kind, Model, Type};
use crate::passes::names::resolved;

mod words;

use words::{NEAR, OF_MAPS, OF_NUMBERS, VALUES, has_secret_name, has_word, is_about_secret, parts};

/// Secret fields with an inconclusive name: text that people enter where a secret may be requested,
/// and maps and settings that may contain one.
const FIELDS: &[(&str, &str)] = &[
    ("AttestationGenerateResponse", "token"),
    ("CommandExecParams", "env"),
    ("ConfigEdit", "value"),
    ("ConfigValueWriteParams", "value"),
    ("ExecLocalShellAction", "env"),
    ("McpServerElicitationRequestResponse", "content"),
    ("OtlpGrpcOtelExporter", "headers"),
    ("OtlpHttpOtelExporter", "headers"),
    ("ProcessSpawnParams", "env"),
    ("ThreadForkParams", "config"),
    ("ThreadResumeParams", "config"),
    ("ThreadStartParams", "config"),
    ("ToolRequestUserInputAnswer", "answers"),
    ("UserVerificationProof", "signature"),
];

/// Marks the fields and types that must not be printed.
pub(super) fn mark(model: &mut Model) {
    let mut secrets = BTreeSet::new();
    for definition in model.definitions.values() {
        if let Kind::Struct(object) = &definition.kind {
            let owner = &definition.name;
            let fields = object
                .fields
                .iter()
                .filter(|field| is_secret(model, owner, field));
            secrets.extend(fields.map(|field| (owner.clone(), field.wire.0.clone())));
        }
    }
    let keyed = secret_keys(model);
    for definition in model.definitions.values_mut() {
        let owner = definition.name.clone();
        match &mut definition.kind {
            Kind::Struct(object) => {
                for field in &mut object.fields {
                    field.secret = secrets.contains(&(owner.clone(), field.wire.0.clone()));
                }
            }
            Kind::Keyed(union) => {
                for key in &mut union.keys {
                    key.secret = keyed.contains(&(owner.clone(), key.wire.0.clone()));
                }
            }
            Kind::Newtype => definition.secret = has_secret_name(&owner),
            _ => {}
        }
    }
}

fn secret_keys(model: &Model) -> BTreeSet<(String, String)> {
    let mut secrets = BTreeSet::new();
    for definition in model.definitions.values() {
        if let Kind::Keyed(union) = &definition.kind {
            let keys = union.keys.iter();
            let keys = keys.filter(|key| is_secret_value(model, &key.wire.0, &key.payload));
            secrets.extend(keys.map(|key| (definition.name.clone(), key.wire.0.clone())));
        }
    }
    secrets
}

/// The printed text fields whose name is similar to that of a secret, as `Owner.field`.
pub(crate) fn candidates(model: &Model) -> Vec<String> {
    let mut found = Vec::new();
    for definition in model.definitions.values() {
        let Kind::Struct(object) = &definition.kind else {
            continue;
        };
        let fields = object.fields.iter().filter(|field| {
            let words = parts(&field.wire.0);
            let is_near = words.iter().any(|word| NEAR.contains(&word.as_str()));
            let is_text = text(model, &field.value).is_some();
            !field.secret && is_text && (is_near || is_about_secret(&words))
        });
        found.extend(fields.map(|field| format!("{}.{}", definition.name, field.wire.0)));
    }
    found
}

/// The rows that name no field.
pub(crate) fn stale(model: &Model) -> Vec<String> {
    let is_there = |owner: &str, wire: &str| {
        let definition = model.definitions.get(owner);
        definition.is_some_and(|definition| match &definition.kind {
            Kind::Struct(object) => object.fields.iter().any(|field| field.wire.0 == wire),
            _ => false,
        })
    };
    let rows = FIELDS.iter().filter(|(owner, wire)| !is_there(owner, wire));
    rows.map(|(owner, wire)| format!("codegen/src/passes/secrets.rs: FIELDS ({owner}, {wire})"))
        .collect()
}

fn is_secret(model: &Model, owner: &str, field: &Field) -> bool {
    let wire = field.wire.0.as_str();
    FIELDS.contains(&(owner, wire))
        || is_secret_value(model, wire, &field.value)
        || is_value_of_secret(model, owner, wire, &field.value)
}

fn is_secret_value(model: &Model, name: &str, value: &Type) -> bool {
    if is_of_secret_type(model, value) {
        return true;
    }
    match text(model, value) {
        Some(Text::Map | Text::Any) if has_word(name, OF_MAPS) => true,
        Some(_) => has_secret_name(name),
        None => is_secret_number(model, name, value),
    }
}

/// Returns whether a field is the value in an object that is a secret by its own name:
/// `AccessToken { value, expiresAt }`, `EnvVar { name, value }`.
fn is_value_of_secret(model: &Model, owner: &str, wire: &str, value: &Type) -> bool {
    text(model, value).is_some()
        && VALUES.contains(&wire.to_ascii_lowercase().as_str())
        && (has_secret_name(owner) || (wire == "value" && has_word(owner, OF_MAPS)))
}

/// Returns whether a text has a type with the name of a secret that Rust does not have as a type of
/// its own, or that prints its values: the name of a list, a choice with a text.
fn is_of_secret_type(model: &Model, value: &Type) -> bool {
    match value {
        Type::Named(name) => {
            let definition = model.definitions.get(name);
            definition.is_some_and(|definition| match &definition.kind {
                Kind::Alias(inner) => {
                    let is_secret = has_secret_name(name) && text(model, inner).is_some();
                    is_secret || is_of_secret_type(model, inner)
                }
                Kind::Untagged(_) => has_secret_name(name) && text(model, value).is_some(),
                _ => false,
            })
        }
        Type::Nullable(inner)
        | Type::List(inner)
        | Type::Listing(inner)
        | Type::Map(inner)
        | Type::Boxed(inner) => is_of_secret_type(model, inner),
        _ => false,
    }
}

/// Returns whether a number is a secret: one to type, as others count secrets.
fn is_secret_number(model: &Model, name: &str, value: &Type) -> bool {
    let words = parts(name);
    let is_number = match resolved(model, value) {
        Type::Nullable(inner) => matches!(resolved(model, inner), Type::Integer(_) | Type::Number),
        value => matches!(value, Type::Integer(_) | Type::Number),
    };
    let last = words.last().map(String::as_str).unwrap_or_default();
    is_number && OF_NUMBERS.contains(&last) && is_about_secret(&words)
}

/// A kind of value that contains text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    Plain,
    /// Text, or a map, or neither.
    Any,
    Map,
}

fn text(model: &Model, value: &Type) -> Option<Text> {
    match resolved(model, value) {
        Type::String => Some(Text::Plain),
        Type::Any => Some(Text::Any),
        Type::Nullable(inner) | Type::List(inner) | Type::Listing(inner) | Type::Boxed(inner) => {
            text(model, inner)
        }
        Type::Map(inner) => text(model, inner).map(|_| Text::Map),
        Type::Named(name) => match &model.definitions.get(name)?.kind {
            Kind::Newtype => Some(Text::Plain),
            // Not followed further: the alternatives are values themselves or have fields.
            Kind::Untagged(alternatives) => {
                let is_string = |value: &Type| match value {
                    Type::String => true,
                    Type::Named(name) => {
                        let definition = model.definitions.get(name);
                        definition.is_some_and(|it| matches!(it.kind, Kind::Newtype))
                    }
                    _ => false,
                };
                let plain = alternatives.iter().any(|it| match &it.payload {
                    Type::List(inner) | Type::Map(inner) => is_string(inner),
                    payload => is_string(payload),
                });
                plain.then_some(Text::Plain)
            }
            _ => None,
        },
        Type::Boolean | Type::Integer(_) | Type::Number => None,
    }
}
