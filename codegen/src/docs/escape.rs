//! Makes the texts of the dump safe for rustdoc.
//!
//! Unescaped, brackets would become links, angle brackets tags, bare URLs warnings, and a fence
//! without a language a doctest.

use crate::ir::{Kind, Model};
use crate::protocol::Protocol;

/// Escapes all documentation.
pub(super) fn escape(model: &mut Model, protocol: &mut Protocol) {
    for definition in model.definitions.values_mut() {
        escape_one(&mut definition.docs);
        member_docs(&mut definition.kind)
            .into_iter()
            .for_each(escape_one);
    }
    let requests = protocol.client_requests.iter_mut();
    for request in requests.chain(&mut protocol.server_requests) {
        escape_one(&mut request.docs);
    }
    let notifications = protocol.server_notifications.iter_mut();
    for notification in notifications.chain(&mut protocol.client_notifications) {
        escape_one(&mut notification.docs);
    }
}

fn member_docs(kind: &mut Kind) -> Vec<&mut Option<String>> {
    match kind {
        Kind::Struct(object) => object
            .fields
            .iter_mut()
            .map(|field| &mut field.docs)
            .collect(),
        Kind::StringEnum(values) => values.iter_mut().map(|value| &mut value.docs).collect(),
        Kind::Keyed(union) => {
            let strings = union.strings.iter_mut().map(|value| &mut value.docs);
            strings
                .chain(union.keys.iter_mut().map(|key| &mut key.docs))
                .collect()
        }
        Kind::Newtype | Kind::Alias(_) | Kind::Tagged(_) | Kind::Untagged(_) => Vec::new(),
    }
}

fn escape_one(docs: &mut Option<String>) {
    if let Some(text) = docs {
        *text = escape_text(text);
    }
}

/// One text, safe for rustdoc.
pub(crate) fn escape_text(text: &str) -> String {
    let mut lines = text.trim().lines().map(str::trim_end);
    let mut escaped = Vec::new();
    while let Some(line) = lines.next() {
        match Fence::opened_by(line.trim_start()) {
            Some(fence) => {
                let body = lines.by_ref().take_while(|line| !fence.is_closed_by(line));
                escaped.extend(fence.block(&body.collect::<Vec<_>>()));
            }
            None => escaped.push(escape_line(line)),
        }
    }
    escaped.join("\n")
}

/// Languages of code blocks that are kept. Everything else is `text`: without a language, and with
/// most of those that rustdoc knows, a block is a test.
const LANGUAGES: &[&str] = &[
    "bash",
    "diff",
    "javascript",
    "json",
    "jsonc",
    "python",
    "sh",
    "shell",
    "toml",
    "ts",
    "typescript",
    "xml",
    "yaml",
];

/// The line that opens a block of code.
struct Fence<'a> {
    sign: char,
    length: usize,
    language: &'a str,
}

impl<'a> Fence<'a> {
    fn opened_by(line: &'a str) -> Option<Self> {
        let sign = line
            .chars()
            .next()
            .filter(|sign| matches!(sign, '`' | '~'))?;
        let info = line.trim_start_matches(sign);
        let length = line.len() - info.len();
        // Backticks that are closed in the same line are code in a text.
        if length < 3 || sign == '`' && info.contains('`') {
            return None;
        }
        let known = LANGUAGES.iter().find(|known| **known == info.trim());
        Some(Self {
            sign,
            length,
            language: known.copied().unwrap_or("text"),
        })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim_start();
        line.len() >= self.length && line.chars().all(|sign| sign == self.sign)
    }

    /// The block between backticks that nothing in it can close.
    fn block(&self, body: &[&str]) -> Vec<String> {
        let ticks = |line: &&str| {
            let line = line.trim_start();
            line.len() - line.trim_start_matches('`').len()
        };
        let longest = body.iter().map(ticks).max().unwrap_or_default();
        let fence = "`".repeat(3.max(longest + 1));
        let mut block = vec![format!("{fence}{}", self.language)];
        block.extend(body.iter().map(|line| (*line).to_owned()));
        block.push(fence);
        block
    }
}

fn escape_line(line: &str) -> String {
    let line = line.trim_start();
    // Behind the sign of a list, such a run opens a block as well.
    if line.contains("```") {
        let mut escaped = String::new();
        escape_prose(&line.replace('`', "\\`"), &mut escaped);
        return escaped;
    }
    let spans: Vec<&str> = line.split('`').collect();
    // With an odd number of backticks the last one opens no code span.
    let closed = spans.len() % 2 == 1;
    let last = spans.len() - 1;
    let mut escaped = String::new();
    for (index, span) in spans.iter().enumerate() {
        if index > 0 {
            escaped.push_str(if closed || index < last { "`" } else { "\\`" });
        }
        let is_code = index % 2 == 1 && (closed || index < last);
        if is_code {
            escaped.push_str(span);
        } else {
            escape_prose(span, &mut escaped);
        }
    }
    escaped
}

fn escape_prose(prose: &str, escaped: &mut String) {
    for (index, word) in prose.split(' ').enumerate() {
        if index > 0 {
            escaped.push(' ');
        }
        if let Some(start) = word.find("https://").or_else(|| word.find("http://")) {
            let (before, address) = word.split_at(start);
            let end = address.trim_end_matches(['.', ',', ')', ';', ':']).len();
            let (address, after) = address.split_at(end);
            escape_characters(before, escaped);
            escaped.extend(["<", address, ">"]);
            escape_characters(after, escaped);
        } else {
            escape_characters(word, escaped);
        }
    }
}

fn escape_characters(text: &str, escaped: &mut String) {
    for character in text.chars() {
        if matches!(character, '[' | ']' | '<' | '>' | '*' | '_' | '~') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::escape_text;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(escape_text(text), expected);
    }

    #[test]
    fn hazards_outside_code_are_escaped() {
        check("[UNSTABLE] a <id>", "\\[UNSTABLE\\] a \\<id\\>");
        check("see `[apps.x] <y>` there", "see `[apps.x] <y>` there");
        check(
            "See https://example.com/a_b?c=d.",
            "See <https://example.com/a_b?c=d>.",
        );
        check("one ` alone [x]", "one \\` alone \\[x\\]");
        check("a /* b */ c", "a /\\* b \\*/ c");
    }

    #[test]
    fn fences_get_a_language_and_keep_their_text() {
        check("x:\n```\n[a]\n```", "x:\n```text\n[a]\n```");
        check("```json\n[]\n```\ny", "```json\n[]\n```\ny");
    }

    /// What rustdoc would compile and run.
    #[test]
    fn no_fence_is_a_test() {
        for info in [
            "",
            "rust",
            "rust,no_run",
            "should_panic",
            "edition2024",
            "{.a}",
            "text rust",
            "E0277",
        ] {
            for (open, close) in [
                ("```", "```"),
                ("~~~", "~~~"),
                ("`````", "``````"),
                ("   ~~~~", "~~~~"),
            ] {
                let text = format!("a\n{open}{info}\nlet [x];\n{close}\nb_");
                check(&text, "a\n```text\nlet [x];\n```\nb\\_");
            }
        }
    }

    #[test]
    fn fences_end_with_their_own_sign() {
        check(
            "~~~\n```rust\nx\n```\n~~~\ny",
            "````text\n```rust\nx\n```\n````\ny",
        );
        check("````\n```\nx\n````", "````text\n```\nx\n````");
        check("```\n~~~\n```", "```text\n~~~\n```");
        check("```\nwithout end", "```text\nwithout end\n```");
        check("```", "```text\n```");
    }

    #[test]
    fn fences_in_lists_and_lines_are_text() {
        check("- ```rust\n  x", "- \\`\\`\\`rust\nx");
        check("- ````rust\n  x", "- \\`\\`\\`\\`rust\nx");
        check("1. ~~~rust\n   x", "1. \\~\\~\\~rust\nx");
        check("```x``` y", "\\`\\`\\`x\\`\\`\\` y");
    }

    #[test]
    fn indented_lines_are_not_code_blocks() {
        check("a\n    b", "a\nb");
    }
}
