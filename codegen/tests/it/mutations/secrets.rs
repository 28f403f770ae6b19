//! Secrets of every form: which fields of a dump are not printed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Generates, Mutant, object, one, reference};

/// Fields that are secrets.
fn secrets() -> Value {
    let text = json!({ "type": "string" });
    let integer = json!({ "type": ["integer", "null"], "format": "int64" });
    let map = json!({ "type": "object", "additionalProperties": text });
    object(&json!({
        "accesstoken": text,
        "refresh_TOKENS": { "type": "array", "items": text },
        "Passwort": { "type": ["string", "null"] },
        "contraseña": text,
        "senha": text,
        "keyMaterial": { "type": "array", "items": { "type": "array", "items": text } },
        "authHeaders": map,
        "env": true,
        "otp": integer,
        "verificationCode": { "type": "integer", "format": "uint32" },
        "credential": { "anyOf": [reference("Word"), object(&json!({ "x": text }))] },
        "all": reference("Tokens"),
        "each": { "type": "object", "additionalProperties": reference("Tokens") },
    }))
}

/// Fields that are about secrets, or only sound like them.
fn others() -> Value {
    let text = json!({ "type": "string" });
    let integer = json!({ "type": "integer", "format": "int64" });
    object(&json!({
        "tokenCount": text,
        "maxTokens": integer,
        "passwordFile": text,
        "mapping": text,
        "exitCode": integer,
        "isPinned": { "type": "boolean" },
        "value": text,
    }))
}

fn definitions() -> Value {
    let text = json!({ "type": "string" });
    let integer = json!({ "type": "integer", "format": "int64" });
    json!({
        "@Book": object(&json!({
            "one": reference("Secrets1"),
            "two": reference("Others"),
            "three": reference("AccessToken"),
            "four": { "type": "array", "items": reference("EnvEntry") },
        })),
        "@Secrets1": secrets(),
        "@Others": others(),
        "@Word": text,
        "@Tokens": { "type": "array", "items": text },
        "@AccessToken": object(&json!({ "value": text, "expiresAt": integer, "kind": text })),
        "@EnvEntry": object(&json!({ "name": text, "value": text })),
    })
}

pub(super) fn mutants() -> Vec<Mutant> {
    vec![Mutant::new(
        "secrets of every form",
        definitions(),
        Generates,
    )]
}

#[test]
fn secrets_of_every_form_are_not_printed() {
    let mutant = &mutants()[0];
    let output = codegen::generate(&one(mutant)).unwrap();
    let types = output.inventory.types.iter();
    let hidden = types.flat_map(|entry| {
        let fields = entry.fields.iter().filter(|field| field.secret);
        fields.map(|field| format!("{}.{}", entry.name, field.wire))
    });
    let hidden: BTreeSet<String> = hidden.collect();
    let secrets = secrets();
    let secrets = secrets["properties"].as_object().unwrap().keys();
    let expected = secrets.map(|name| format!("QSecrets1.{name}"));
    let nested = ["QAccessToken.value", "QEnvEntry.value"].map(str::to_owned);
    let expected: BTreeSet<String> = expected.chain(nested).collect();
    assert_eq!(hidden, expected);
}
