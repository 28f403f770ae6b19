//! Removes notes to the protocol's own developers from the texts: section headings, to-dos and
//! marks.
//!
//! Headings and to-dos are dropped, `@deprecated` becomes an attribute, and "EXPERIMENTAL" a
//! sentence at the end.

use std::collections::BTreeMap;

use crate::ir::{Kind, Model};
use crate::protocol::Protocol;
use crate::schema::{Schema, Shape};

/// Headings of a source file before the text of the item that follows.
const HEADINGS: &[&str] = &["NEW NOTIFICATIONS", "NEW APIs", "DEPRECATED APIs below"];

/// Prefixes of texts about experimental items.
const EXPERIMENTAL: &[&str] = &["EXPERIMENTAL - ", "EXPERIMENTAL. "];

/// Prefixes of texts about deprecated items.
const DEPRECATED: &[&str] = &["@deprecated", "Deprecated"];

/// Cleans all texts of the dump, and finds the deprecated items.
pub(super) fn clean(model: &mut Model, protocol: &mut Protocol) {
    for definition in model.definitions.values_mut() {
        note(&mut definition.deprecated, &mut definition.docs);
        match &mut definition.kind {
            Kind::Struct(object) => {
                for field in &mut object.fields {
                    note(&mut field.deprecated, &mut field.docs);
                }
            }
            Kind::StringEnum(values) => {
                for value in values {
                    note(&mut value.deprecated, &mut value.docs);
                }
            }
            _ => {}
        }
    }
    let requests = protocol.client_requests.iter_mut();
    for request in requests.chain(&mut protocol.server_requests) {
        note(&mut request.deprecated, &mut request.docs);
    }
    let notifications = protocol.server_notifications.iter_mut();
    for notification in notifications.chain(&mut protocol.client_notifications) {
        note(&mut notification.deprecated, &mut notification.docs);
    }
}

/// The rows that no text of a dump has.
pub(super) fn stale(definitions: &BTreeMap<String, Schema>) -> Vec<String> {
    let mut texts = Vec::new();
    for schema in definitions.values() {
        collect(schema, &mut texts);
    }
    let is_unused = |mark: &&&str| !texts.iter().any(|text| text.starts_with(**mark));
    let headings = HEADINGS.iter().filter(is_unused);
    let headings = headings.map(|row| ("HEADINGS", row));
    let experimental = EXPERIMENTAL.iter().filter(is_unused);
    let deprecated = DEPRECATED.iter().filter(is_unused);
    let marks = experimental
        .map(|row| ("EXPERIMENTAL", row))
        .chain(deprecated.map(|row| ("DEPRECATED", row)));
    headings
        .chain(marks)
        .map(|(table, row)| format!("codegen/src/docs/notes.rs: {table} ({row})"))
        .collect()
}

fn collect<'a>(schema: &'a Schema, texts: &mut Vec<&'a str>) {
    texts.extend(schema.description.as_deref());
    if let Shape::Enumeration(values) = &schema.shape {
        texts.extend(values.iter().filter_map(|it| it.description.as_deref()));
    }
    schema.for_each_child(&mut |child| collect(child, texts));
}

/// Cleans one text, and keeps its deprecation note.
fn note(deprecated: &mut Option<String>, docs: &mut Option<String>) {
    if let Some(note) = clean_one(docs) {
        *deprecated = Some(note);
    }
}

/// Cleans one text; returns the deprecation note, if any.
fn clean_one(docs: &mut Option<String>) -> Option<String> {
    let text = docs.take()?;
    let text = text.trim();
    let heading = HEADINGS.iter().find_map(|it| text.strip_prefix(it));
    let text = without_to_do(heading.unwrap_or(text).trim());
    if let Some(note) = deprecation(&text) {
        return Some(note);
    }
    let text = match EXPERIMENTAL.iter().find_map(|mark| text.strip_prefix(mark)) {
        Some(rest) => format!(
            "{}\n\nThe runtime calls this experimental.",
            capitalized(rest)
        ),
        None => text,
    };
    *docs = (!text.is_empty()).then_some(text);
    None
}

/// Removes the to-do at the end of each paragraph.
fn without_to_do(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter_map(|paragraph| {
        let (told, is_cut) = match paragraph.find("TODO") {
            Some(start) => (&paragraph[..start], true),
            None => (paragraph, false),
        };
        let told = told.trim_end();
        (!is_cut || !told.is_empty()).then(|| told.to_owned())
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

fn deprecation(text: &str) -> Option<String> {
    let rest = DEPRECATED.iter().find_map(|mark| text.strip_prefix(mark))?;
    let is_colon = rest.starts_with(':') || text.starts_with('@');
    let note = if is_colon {
        rest.trim_start_matches(':')
    } else {
        text
    };
    Some(capitalized(
        &note.split_whitespace().collect::<Vec<_>>().join(" "),
    ))
}

/// The text with a capital first letter.
pub(super) fn capitalized(text: &str) -> String {
    let mut characters = text.trim().chars();
    let first = characters
        .next()
        .map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

#[cfg(test)]
mod tests {
    use super::clean_one;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>, deprecated: Option<&str>) {
        let mut docs = Some(text.to_owned());
        let found = clean_one(&mut docs);
        assert_eq!(docs.as_deref(), expected);
        assert_eq!(found.as_deref(), deprecated);
    }

    #[test]
    fn headings_are_dropped() {
        check("NEW NOTIFICATIONS", None, None);
        check("NEW APIs\nSent when asked.", Some("Sent when asked."), None);
        check("DEPRECATED APIs below Asks.", Some("Asks."), None);
    }

    #[test]
    fn to_dos_are_dropped() {
        check(
            "Defaults to 1. TODO: remove it.",
            Some("Defaults to 1."),
            None,
        );
        check(
            "One.\n\nTODO(x): two\n\nThree.",
            Some("One.\n\nThree."),
            None,
        );
        check("TODO", None, None);
    }

    #[test]
    fn deprecated_becomes_a_note() {
        check("@deprecated Use `b`.\n Soon.", None, Some("Use `b`. Soon."));
        check("Deprecated: use `b`.", None, Some("Use `b`."));
        check("Deprecated field.", None, Some("Deprecated field."));
        check("What is deprecated.", Some("What is deprecated."), None);
    }

    #[test]
    fn experimental_comes_last() {
        let expected = "List apps.\n\nThe runtime calls this experimental.";
        check("EXPERIMENTAL - list apps.", Some(expected), None);
    }
}
