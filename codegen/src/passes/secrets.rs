//! Marks the fields whose values must never be printed.
//!
//! Decided by the words of a name, for texts and for lists and maps of texts: a field that a new
//! runtime adds is kept out of logs before any review. Printed fields with a similar name are
//! listed, for a review (see [`candidates`]).

use std::collections::BTreeSet;

use crate::ir::{Field, Kind, Model, Type};
use crate::names::words;
use crate::passes::names::resolved;

/// Words in a name that make a text a secret, in the singular. In lower case they are also found at
/// the end of a longer word: `accesstoken`.
const WORDS: &[&str] = &[
    "apikey",
    "attestation",
    "authorization",
    "bearer",
    "contrasena",
    "cookie",
    "credential",
    "dsn",
    "jwt",
    "kennwort",
    "mnemonic",
    "otp",
    "passcode",
    "passphrase",
    "passwd",
    "passwort",
    "password",
    "pin",
    "privatekey",
    "psk",
    "secret",
    "senha",
    "token",
    "totp",
    "wachtwoord",
];

/// Such words in other scripts, anywhere in a name.
const FOREIGN: &[&str] = &[
    "contraseña",
    "пароль",
    "密码",
    "密碼",
    "パスワード",
    "비밀번호",
];

/// The shortest of [`WORDS`] that is found inside of a longer word: `pin` ends `mapping`, too.
const INSIDE: usize = 5;

/// Pairs of words in a name that make a text a secret.
const PAIRS: &[(&str, &str)] = &[
    ("access", "code"),
    ("access", "key"),
    ("api", "key"),
    ("auth", "code"),
    ("auth", "key"),
    ("authorization", "code"),
    ("backup", "code"),
    ("connection", "string"),
    ("decryption", "key"),
    ("device", "code"),
    ("encryption", "key"),
    ("hmac", "key"),
    ("key", "material"),
    ("license", "key"),
    ("login", "code"),
    ("master", "key"),
    ("mfa", "code"),
    ("one", "time"),
    ("otp", "code"),
    ("pairing", "code"),
    ("pass", "code"),
    ("pass", "phrase"),
    ("pass", "word"),
    ("private", "key"),
    ("recovery", "code"),
    ("recovery", "key"),
    ("recovery", "phrase"),
    ("security", "code"),
    ("seed", "phrase"),
    ("session", "key"),
    ("shared", "key"),
    ("signing", "key"),
    ("ssh", "key"),
    ("symmetric", "key"),
    ("user", "code"),
    ("verification", "code"),
];

/// Words in a name that make a map or a list of texts a secret, because some of its entries usually
/// are.
const OF_MAPS: &[&str] = &["env", "environment", "header", "headers"];

/// Names of the one value of an object whose own name is that of a secret.
const VALUES: &[&str] = &[
    "blob", "body", "bytes", "content", "data", "key", "material", "raw", "text", "value",
];

/// Last words of a name that make a number a secret.
const OF_NUMBERS: &[&str] = &["code", "otp", "passcode", "pin", "totp"];

/// Last words of a name that refers to a secret without being one: its address, the variable that
/// contains it, the number of secrets.
const ABOUT: &[&str] = &[
    "budget", "count", "endpoint", "env", "file", "kind", "limit", "name", "path", "type", "uri",
    "url", "usage", "var", "variable",
];

/// Harmless pairs of words: such a token is only an identifier.
const HARMLESS: &[(&str, &str)] = &[
    ("cancellation", "token"),
    ("continuation", "token"),
    ("page", "token"),
    ("progress", "token"),
];

/// Words in a name that may belong to a secret.
const NEAR: &[&str] = &[
    "assertion",
    "auth",
    "cert",
    "certificate",
    "challenge",
    "code",
    "env",
    "environment",
    "grant",
    "hash",
    "header",
    "headers",
    "hmac",
    "key",
    "keys",
    "mnemonic",
    "nonce",
    "pem",
    "pin",
    "private",
    "proof",
    "salt",
    "seed",
    "session",
    "signature",
    "verifier",
];

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

fn has_word(name: &str, known: &[&str]) -> bool {
    parts(name)
        .iter()
        .any(|word| known.contains(&word.as_str()))
}

fn has_secret_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    if FOREIGN.iter().any(|word| lower.contains(word)) {
        return true;
    }
    let mut words = parts(name);
    for (first, second) in HARMLESS {
        if let Some(start) = words
            .windows(2)
            .position(|it| it[0] == *first && it[1] == *second)
        {
            words.drain(start..start + 2);
        }
    }
    is_about_secret(&words)
        && !words
            .last()
            .is_some_and(|last| ABOUT.contains(&last.as_str()))
}

fn is_about_secret(words: &[String]) -> bool {
    let pairs = words.windows(2);
    let mut pairs = pairs.map(|pair| (pair[0].as_str(), singular(&pair[1])));
    words.iter().any(|word| is_word_of_secret(word)) || pairs.any(|pair| PAIRS.contains(&pair))
}

fn is_word_of_secret(word: &str) -> bool {
    let word = singular(word);
    let ends = |known: &&str| known.len() >= INSIDE && word.ends_with(*known);
    WORDS.contains(&word) || WORDS.iter().any(|known| ends(&known))
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

/// The words of a name, in lower case.
fn parts(name: &str) -> Vec<String> {
    words(name)
        .iter()
        .map(|word| word.to_ascii_lowercase())
        .collect()
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

#[cfg(test)]
mod tests {
    use super::has_secret_name;

    #[test]
    fn names_of_secrets_in_every_style() {
        for name in [
            "token",
            "sessionCookie",
            "cookies",
            "gcpCredential",
            "jwt",
            "otp",
            "passphrase",
            "bearer",
            "signingKey",
            "signing_key",
            "accessTokens",
            "APIKey",
            "ApiKeys",
            "credentialsBlob",
            "X-Auth-Token",
            "clientSecretValue",
            "refresh_jwt",
            "otpCode",
            "accesstoken",
            "refreshTOKENS",
            "client_secrets",
            "ClientSecret",
            "user.password",
            "x-api-key",
            "API_KEY",
            "privatekeys",
            "passwort",
            "Kennwort",
            "senha",
            "contraseña",
            "пароль",
            "recoveryPhrases",
            "connectionString",
            "dbDsn",
            "PIN",
        ] {
            assert!(has_secret_name(name), "{name}");
        }
    }

    #[test]
    fn names_about_secrets_and_others() {
        for name in [
            "tokenUrl",
            "bearerTokenEnvVar",
            "maxTokensLimit",
            "keyboard",
            "monkey",
            "mapping",
            "pinned",
            "tokenUsage",
            "secretName",
            "id",
        ] {
            assert!(!has_secret_name(name), "{name}");
        }
    }
}
