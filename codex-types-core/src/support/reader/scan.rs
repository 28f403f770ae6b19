//! Finds the end of plain text eight bytes at a time.

use super::Reader;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = LOW << 7;
const SPACE: u64 = LOW * 0x20;
const QUOTE: u64 = LOW * 0x22;
const BACKSLASH: u64 = LOW * 0x5c;

/// Sets the high bit of each byte that ends a run of plain text: a quote, a backslash or a
/// control character. Only the lowest bit that is set can be relied on: a byte above it may have
/// been reached by a borrow.
#[inline]
fn special(word: u64) -> u64 {
    let control = word.wrapping_sub(SPACE);
    let quote = (word ^ QUOTE).wrapping_sub(LOW);
    let backslash = (word ^ BACKSLASH).wrapping_sub(LOW);
    (control | quote | backslash) & !word & HIGH
}

impl Reader<'_> {
    /// Finds the end of the run of plain text that begins here.
    #[inline]
    pub(super) fn plain_end(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            let found = special(u64::from_le_bytes(*chunk));
            if found != 0 {
                return at + found.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        while let Some(byte) = self.byte(at) {
            if byte < b' ' || byte == b'"' || byte == b'\\' {
                break;
            }
            at += 1;
        }
        at
    }
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
                    assert_eq!(Reader::new(&text).plain_end(0), slowly(&text), "{text:?}");
                }
            }
        }
    }
}
