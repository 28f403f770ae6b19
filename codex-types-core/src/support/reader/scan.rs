//! Finds the end of plain text sixteen bytes at a time.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = LOW << 7;
const BACKSLASH: u64 = LOW * 0x5c;
/// Moves the quote next to the control characters, which stay among themselves.
const NEXT_TO_CONTROL: u64 = LOW * 0x02;
const CONTROL_OR_QUOTE: u64 = LOW * 0x21;

/// Sets the high bit of each byte that ends a run of plain text: a quote, a backslash or a
/// control character. Only the lowest bit that is set can be relied on: a byte above it may have
/// been reached by a borrow.
#[inline]
fn special(word: u64) -> u64 {
    let control_or_quote = (word ^ NEXT_TO_CONTROL).wrapping_sub(CONTROL_OR_QUOTE);
    let backslash = (word ^ BACKSLASH).wrapping_sub(LOW);
    (control_or_quote | backslash) & !word & HIGH
}

/// Returns `true` if one of these bytes ends a run of plain text: one instruction for all of them,
/// on most machines.
#[inline]
fn has_special(bytes: &[u8; 16]) -> bool {
    let found = bytes.iter().fold(0, |found, byte| {
        let control_or_quote = u8::from(byte ^ 0x02 < 0x21);
        found | control_or_quote | u8::from(*byte == b'\\')
    });
    found != 0
}

/// The place of the first of them.
#[inline]
fn first_special(bytes: &[u8; 16]) -> usize {
    let words = bytes.first_chunk().zip(bytes.last_chunk());
    let (low, high) = words.unwrap_or((&[0; 8], &[0; 8]));
    match special(u64::from_le_bytes(*low)) {
        0 => 8 + special(u64::from_le_bytes(*high)).trailing_zeros() as usize / 8,
        low => low.trailing_zeros() as usize / 8,
    }
}

/// The length of the run of plain text at the start.
#[expect(clippy::inline_always, reason = "it is most of reading a string")]
#[inline(always)]
pub(super) fn plain_length(text: &[u8]) -> usize {
    let mut length = 0;
    let mut chunks = text.chunks_exact(16);
    for bytes in chunks.by_ref().filter_map(<[u8]>::first_chunk) {
        if has_special(bytes) {
            return length + first_special(bytes);
        }
        length += 16;
    }
    let ends = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    let rest = chunks.remainder();
    length + rest.iter().position(ends).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slowly(text: &str) -> usize {
        let ends = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
        text.bytes()
            .position(|byte| ends(&byte))
            .unwrap_or(text.len())
    }

    /// Every character at every place of a word, alone and beside one that looks like its end.
    #[test]
    fn plain_text_ends_where_a_slow_search_ends() {
        for character in (0..=0x2ff).filter_map(char::from_u32) {
            for before in 0..17 {
                for behind in ["", "\"", "!!!!!!!!!!!!\\", "\u{a2}\u{7f}]]]]]]]]\u{1f}"] {
                    let text = format!("{}{character}{behind}", "#".repeat(before));
                    assert_eq!(plain_length(text.as_bytes()), slowly(&text), "{text:?}");
                }
            }
        }
    }
}
