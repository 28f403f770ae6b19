//! Splits the text of a `.ts` file into tokens, without comments.
//!
//! Accepts the few characters that the dump uses and rejects all others; independent of the
//! grammar.

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A keyword or a name.
    Word(&'a str),
    /// The text between two double quotes.
    Text(&'a str),
    /// One of the punctuation marks.
    Mark(char),
    /// The end of the file.
    End,
}

/// A token and the byte offset of its start.
pub(super) type Placed<'a> = (usize, Token<'a>);

const MARKS: &str = "{}[]()<>:;,|&=?*";

/// Every token of the file, [`Token::End`] last; on failure the offset and the problem.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed<'_>>, (usize, String)> {
    let mut tokens = Vec::new();
    let mut offset = 0;
    loop {
        offset = skip_space_and_comments(text, offset)?;
        let rest = &text[offset..];
        let Some(first) = rest.chars().next() else {
            tokens.push((offset, Token::End));
            return Ok(tokens);
        };
        let (token, length) = match first {
            '"' => quoted(rest).ok_or_else(|| (offset, String::from("unsupported string")))?,
            c if is_word(c) => word(rest),
            c if MARKS.contains(c) => (Token::Mark(c), 1),
            c => return Err((offset, format!("unsupported character {c:?}"))),
        };
        tokens.push((offset, token));
        offset += length;
    }
}

fn skip_space_and_comments(text: &str, mut offset: usize) -> Result<usize, (usize, String)> {
    loop {
        let rest = &text[offset..];
        let trimmed = rest.trim_start();
        offset += rest.len() - trimmed.len();
        let length = if trimmed.starts_with("//") {
            trimmed.find('\n').unwrap_or(trimmed.len())
        } else if let Some(comment) = trimmed.strip_prefix("/*") {
            let end = comment.find("*/");
            end.ok_or_else(|| (offset, String::from("comment without an end")))? + 4
        } else {
            return Ok(offset);
        };
        offset += length;
    }
}

/// Escapes never occur in the dump, so they are rejected instead of decoded.
fn quoted(rest: &str) -> Option<(Token<'_>, usize)> {
    let end = rest[1..].find(['"', '\\', '\n'])? + 1;
    let closed = rest[end..].starts_with('"');
    closed.then(|| (Token::Text(&rest[1..end]), end + 1))
}

fn word(rest: &str) -> (Token<'_>, usize) {
    let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    (Token::Word(&rest[..end]), end)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}
