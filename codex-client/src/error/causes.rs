//! The text of an error of the program, for the server or the model, which see only text.

use std::error::Error;

/// The message of an error, followed by those of its causes that it does not repeat.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::with_causes;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Outer {
        text: &'static str,
        source: io::Error,
    }

    #[test]
    fn causes_are_not_repeated() {
        for (text, expected) in [
            ("no decision", "no decision: broken"),
            ("no decision: broken", "no decision: broken"),
        ] {
            let source = io::Error::other("broken");
            assert_eq!(with_causes(&Outer { text, source }), expected);
        }
    }
}
