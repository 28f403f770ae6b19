//! The words of names: which of them make a value a secret.
//!
//! Independent of the types of values.

use crate::names::words;

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
pub(super) const OF_MAPS: &[&str] = &["env", "environment", "header", "headers"];

/// Names of the one value of an object whose own name is that of a secret.
pub(super) const VALUES: &[&str] = &[
    "blob", "body", "bytes", "content", "data", "key", "material", "raw", "text", "value",
];

/// Last words of a name that make a number a secret.
pub(super) const OF_NUMBERS: &[&str] = &["code", "otp", "passcode", "pin", "totp"];

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
pub(super) const NEAR: &[&str] = &[
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

pub(super) fn has_word(name: &str, known: &[&str]) -> bool {
    parts(name)
        .iter()
        .any(|word| known.contains(&word.as_str()))
}

pub(super) fn has_secret_name(name: &str) -> bool {
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

pub(super) fn is_about_secret(words: &[String]) -> bool {
    let pairs = words.windows(2);
    let mut pairs = pairs.map(|pair| (pair[0].as_str(), singular(&pair[1])));
    words.iter().any(|word| is_word_of_secret(word)) || pairs.any(|pair| PAIRS.contains(&pair))
}

fn is_word_of_secret(word: &str) -> bool {
    let word = singular(word);
    let ends = |known: &str| known.len() >= INSIDE && word.ends_with(known);
    WORDS.contains(&word) || WORDS.iter().any(|known| ends(known))
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

/// The words of a name, in lower case.
pub(super) fn parts(name: &str) -> Vec<String> {
    words(name)
        .iter()
        .map(|word| word.to_ascii_lowercase())
        .collect()
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
