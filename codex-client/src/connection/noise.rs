//! Noise of terminals and editors in a text: escape sequences, a byte order mark.
//!
//! Wrappers around a runtime write such noise before its first line. None of it can be a part of a
//! message.

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;

/// The frame from the start of its JSON, if only noise precedes it.
pub(super) fn skip(frame: &[u8]) -> &[u8] {
    let mut rest = frame;
    loop {
        match rest {
            [b'{', ..] => return rest,
            [] => return frame,
            _ => match noise(rest) {
                0 => return frame,
                length => rest = rest.get(length..).unwrap_or_default(),
            },
        }
    }
}

/// A text without escape sequences.
pub(crate) fn plain_text(text: &str) -> String {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let skipped = if *first == ESCAPE {
            escape_sequence(after)
        } else {
            plain.push(*first);
            0
        };
        rest = after.get(skipped..).unwrap_or_default();
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Length of the noise at the start.
fn noise(bytes: &[u8]) -> usize {
    match bytes {
        [b' ' | b'\t' | b'\r' | BELL, ..] => 1,
        [ESCAPE, rest @ ..] => 1 + escape_sequence(rest),
        _ if bytes.starts_with(BYTE_ORDER_MARK) => BYTE_ORDER_MARK.len(),
        _ => 0,
    }
}

/// The length of an escape sequence without its first byte.
fn escape_sequence(bytes: &[u8]) -> usize {
    let through = |last: &dyn Fn(u8) -> bool, from: usize| {
        let rest = bytes.iter().skip(from);
        let length = rest.take_while(|byte| !last(**byte)).count();
        bytes.len().min(from + length + 1)
    };
    match bytes {
        // Control sequence: parameters, then a final byte.
        [b'[', ..] => through(&|byte| (0x40..=0x7e).contains(&byte), 1),
        // Operating system command: up to a bell, or before the escape of its terminator.
        [b']', ..] => match memchr::memchr2(BELL, ESCAPE, bytes) {
            Some(end) if bytes.get(end) == Some(&ESCAPE) => end,
            Some(end) => end + 1,
            None => bytes.len(),
        },
        // Intermediate bytes, then a final one.
        _ => through(&|byte| !(0x20..=0x2f).contains(&byte), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::{plain_text, skip};

    #[test]
    fn escape_sequences_are_removed_from_texts() {
        let text = "\u{1b}[31mrot\u{1b}[0m und \u{1b}]8;;x\u{7}grün\u{1b}[";
        assert_eq!(plain_text(text), "rot und grün");
    }

    #[test]
    fn noise_before_a_message_is_skipped() {
        for noise in [
            "\u{feff}",
            "\u{1b}[?2004h",
            "\u{1b}[0m\u{1b}[1;32m \u{feff}",
            "\u{1b}]0;a title\u{7}",
            "\u{1b}]0;a title\u{1b}\\",
            "\u{1b}(B\u{1b}7\u{1b}=",
            "\t \r",
        ] {
            let frame = format!("{noise}{{\"id\":1}}");
            assert_eq!(skip(frame.as_bytes()), b"{\"id\":1}", "{noise:?}");
        }
    }

    #[test]
    fn everything_else_is_left_alone() {
        for frame in [
            "",
            "Usage: x {",
            "\u{1b}[0m",
            "\u{1b}",
            "\u{1b}[",
            "\u{1b}]",
            "[1]",
            "\u{feff}no",
        ] {
            assert_eq!(skip(frame.as_bytes()), frame.as_bytes());
        }
    }
}
