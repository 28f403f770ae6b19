//! Marks the fields whose values must never be printed.

use crate::ir::{Field, Kind, Model, Type};

/// Words at the end of a field's name that make a string a secret.
const WORDS: &[&str] = &[
    "apikey",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "bearertoken",
    "authtoken",
    "password",
    "secret",
    "clientsecret",
    "privatekey",
    "secretaccesskey",
    "accesskeyid",
    "sessiontoken",
    "authorization",
    "pairingcode",
    "usercode",
    "attestation",
];

/// Fields whose name alone does not tell: what people type where a secret may
/// be asked for, and maps and settings that may hold one.
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
    ("RequestHeader", "value"),
    ("ToolRequestUserInputAnswer", "answers"),
    ("UserVerificationProof", "signature"),
];

/// Marks what must not be printed.
pub(super) fn mark(model: &mut Model) {
    for definition in model.definitions.values_mut() {
        let name = definition.name.clone();
        if let Kind::Struct(object) = &mut definition.kind {
            for field in &mut object.fields {
                field.secret = is_secret(&name, field);
            }
        }
    }
}

fn is_secret(owner: &str, field: &Field) -> bool {
    let wire = field.wire.0.as_str();
    if FIELDS
        .iter()
        .any(|(name, member)| *name == owner && *member == wire)
    {
        return true;
    }
    let word: String = wire.chars().filter(char::is_ascii_alphanumeric).collect();
    let word = word.to_ascii_lowercase();
    is_text(&field.value) && WORDS.iter().any(|secret| word.ends_with(secret))
}

fn is_text(value: &Type) -> bool {
    match value {
        Type::String | Type::Any => true,
        Type::Nullable(inner) | Type::Map(inner) => is_text(inner),
        _ => false,
    }
}
