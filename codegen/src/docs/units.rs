//! The units of numbers, derived from the ends of their wire names.
//!
//! Instants are in seconds unless the name ends in `Ms`, as in every recording.

use crate::ir::{Field, Kind, Model, Type};

/// The end of a name, the sentence, and the word that makes it superfluous.
const UNITS: &[(&[&str], &str, &str)] = &[
    (
        &["AtMs", "_at_ms"],
        "Unix time in milliseconds.",
        "millisecond",
    ),
    (&["Ms", "_ms", "Millis"], "In milliseconds.", "millisecond"),
    (&["At", "_at"], "Unix time in seconds.", "second"),
    (
        &["Secs", "Sec", "Seconds", "_sec", "_secs", "_seconds"],
        "In seconds.",
        "second",
    ),
    (&["Bytes", "_bytes"], "In bytes.", "byte"),
    (&["Tokens", "_tokens"], "In tokens.", "token"),
    (
        &["Percent", "_percent"],
        "In percent, from 0 to 100.",
        "percent",
    ),
];

/// Adds the unit to the text of every number that lacks it.
pub(super) fn complete(model: &mut Model) {
    for definition in model.definitions.values_mut() {
        if let Kind::Struct(object) = &mut definition.kind {
            object.fields.iter_mut().for_each(complete_one);
        }
    }
}

fn complete_one(field: &mut Field) {
    if !is_number(&field.value) {
        return;
    }
    let Some((sentence, word)) = unit(&field.wire.0) else {
        return;
    };
    match &mut field.docs {
        Some(text) if text.to_lowercase().contains(word) => {}
        Some(text) => {
            let (first, rest) = text.split_once("\n\n").unwrap_or((text, ""));
            let stop = if first.ends_with('.') { "" } else { "." };
            let rest = if rest.is_empty() {
                String::new()
            } else {
                format!("\n\n{rest}")
            };
            *text = format!("{first}{stop} {sentence}{rest}");
        }
        empty => *empty = Some(sentence.to_owned()),
    }
}

fn is_number(value: &Type) -> bool {
    match value {
        Type::Integer(_) | Type::Number => true,
        Type::Nullable(inner) => is_number(inner),
        _ => false,
    }
}

/// The sentence about a unit, and the equivalent word.
fn unit(wire: &str) -> Option<(&'static str, &'static str)> {
    UNITS
        .iter()
        .find(|(ends, ..)| ends.iter().any(|end| wire.ends_with(end)))
        .map(|(_, sentence, word)| (*sentence, *word))
}

#[cfg(test)]
mod tests {
    use super::unit;

    #[test]
    fn the_longest_end_decides() {
        let sentence = |wire| unit(wire).map(|(sentence, _)| sentence);
        assert_eq!(sentence("startedAtMs"), Some("Unix time in milliseconds."));
        assert_eq!(sentence("durationMs"), Some("In milliseconds."));
        assert_eq!(sentence("createdAt"), Some("Unix time in seconds."));
        assert_eq!(sentence("input_tokens"), Some("In tokens."));
        assert_eq!(sentence("count"), None);
    }
}
