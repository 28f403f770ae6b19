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
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in text.trim().lines() {
        let line = line.trim_end();
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            let bare = fenced && line.trim_start() == "```";
            lines.push(if bare {
                format!("{line}text")
            } else {
                line.to_owned()
            });
        } else if fenced {
            lines.push(line.to_owned());
        } else {
            lines.push(escape_line(line));
        }
    }
    lines.join("\n")
}

fn escape_line(line: &str) -> String {
    let line = line.trim_start();
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
        if matches!(character, '[' | ']' | '<' | '>' | '*' | '_') {
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
    }

    #[test]
    fn indented_lines_are_not_code_blocks() {
        check("a\n    b", "a\nb");
    }
}
