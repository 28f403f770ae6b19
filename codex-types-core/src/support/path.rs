//! The path to a fault, in front of its message: `item.content[2].url: …`.
//!
//! A path is built only when something failed, from the inside out. In an error that came through
//! serde it travels in the text; a message that begins with a path differs from one that does not
//! by the grammar of paths: no message of serde has a `: ` before its first space.

use std::fmt;

/// A message without the value that was found where another type was expected: it may be a
/// secret, and of any length. A number that is out of range is repeated; secrets are no numbers.
pub(crate) fn without_value(mut message: String) -> String {
    const FOUND: [(&str, &str); 6] = [
        ("invalid type: string", "\", expected "),
        ("invalid value: string", "\", expected "),
        ("invalid type: integer", "`, expected "),
        ("invalid type: floating point", "`, expected "),
        ("invalid type: boolean", "`, expected "),
        ("invalid type: character", "`, expected "),
    ];
    let value = FOUND
        .iter()
        .find(|(found, _)| message.starts_with(found))
        .and_then(|(found, end)| Some(found.len()..=message.rfind(end)?));
    if let Some(value) = value {
        message.replace_range(value, "");
    }
    message
}

/// The message of a JSON error without serde's ` at line 1 column 5`.
pub(crate) fn without_position(message: &str, line: usize, column: usize) -> &str {
    let position = format!(" at line {line} column {column}");
    message.strip_suffix(&position).unwrap_or(message)
}

/// Splits `a.b[0]: problem` into the path and the problem; the path is empty
/// when the message has none.
pub(crate) fn split(message: &str) -> (&str, &str) {
    match path_length(message) {
        Some(length) => (&message[..length], &message[length + 2..]),
        None => ("", message),
    }
}

/// A step from a value to a part of it.
pub(crate) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(formatter, "[{index}]"),
            Self::Key(key) if is_plain(key) => formatter.write_str(key),
            Self::Key(key) => write!(formatter, "[{key:?}]"),
        }
    }
}

/// The path with one more step in front.
pub(crate) fn joined(step: &Step<'_>, path: &str) -> String {
    let separator = if path.is_empty() || path.starts_with('[') {
        ""
    } else {
        "."
    };
    format!("{step}{separator}{path}")
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(is_plain_byte)
}

fn is_plain_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-' | b'/')
}

/// Returns the length of the path at the start of a message, if `: ` follows it.
fn path_length(message: &str) -> Option<usize> {
    let bytes = message.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b':' if at > 0 && bytes.get(at + 1) == Some(&b' ') => return Some(at),
            b'.' => at += 1,
            b'[' => at += bracket_length(&bytes[at..])?,
            byte if is_plain_byte(byte) => at += 1,
            _ => return None,
        }
    }
    None
}

/// `[3]` or `["any \"key\""]`, the brackets included.
fn bracket_length(bytes: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b']' if !quoted => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(steps: &[Step<'_>]) -> String {
        let inside_out = steps.iter().rev();
        inside_out.fold(String::new(), |path, step| joined(step, &path))
    }

    #[test]
    fn a_path_grows_from_the_inside_out() {
        let steps = [
            Step::Key("item"),
            Step::Key("content"),
            Step::Index(2),
            Step::Key("url"),
        ];
        assert_eq!(path(&steps), "item.content[2].url");
    }

    #[test]
    fn found_value_is_not_repeated() {
        let hidden = |message: &str| without_value(message.to_owned());
        assert_eq!(
            hidden(r#"invalid type: string "k\"e, y", expected i64 at line 1 column 3"#),
            "invalid type: string, expected i64 at line 1 column 3"
        );
        assert_eq!(
            hidden(r#"invalid value: string "", expected x"#),
            "invalid value: string, expected x"
        );
        assert_eq!(
            hidden("invalid type: integer `5`, expected a string"),
            "invalid type: integer, expected a string"
        );
        assert_eq!(
            hidden("invalid type: floating point `5.5`, expected a string"),
            "invalid type: floating point, expected a string"
        );
        let out_of_range = "invalid value: integer `70000`, expected u16";
        assert_eq!(hidden(out_of_range), out_of_range);
    }

    #[test]
    fn odd_keys_are_quoted_and_still_paths() {
        let path = path(&[Step::Key("env"), Step::Key("a \"b]\": c"), Step::Key("x")]);
        assert_eq!(path, "env[\"a \\\"b]\\\": c\"].x");
        let message = format!("{path}: missing field");
        assert_eq!(split(&message), (path.as_str(), "missing field"));
    }

    #[test]
    fn split_returns_the_path_and_the_problem() {
        assert_eq!(split("a.b[0]: gone"), ("a.b[0]", "gone"));
        assert_eq!(split("missing field"), ("", "missing field"));
        assert_eq!(split(""), ("", ""));
        assert_eq!(split("[1"), ("", "[1"));
    }
}
