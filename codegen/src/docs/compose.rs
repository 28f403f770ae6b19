//! Composes the parts of a text: the message of a type, its description, its uses, and its
//! stability.

use std::collections::BTreeMap;

use super::links::{Links, Place};
use super::usage::{self, Part, Role};
use crate::ir::{Definition, Kind, Model, Since};
use crate::protocol::Protocol;

/// Finishes all texts of the model.
pub(super) fn compose(model: &mut Model, protocol: &Protocol, links: &Links) {
    let used = usage::sentences(model, protocol, links);
    let parts = usage::parts(protocol);
    let texts: BTreeMap<String, Option<String>> = model
        .definitions
        .values()
        .map(|it| (it.name.clone(), it.docs.as_deref().map(first_paragraph)))
        .collect();
    for definition in model.definitions.values_mut() {
        let place = links.place(&definition.name);
        compose_members(definition, &texts, links, place);
        let parts = parts
            .get(definition.name.as_str())
            .map_or(&[][..], Vec::as_slice);
        let own = definition.docs.take();
        let own = own.map(|text| links.link(&text, &definition.name, place));
        let leads = parts.iter().map(|part| lead(part, links, place));
        let mut paragraphs: Vec<String> = leads.collect();
        paragraphs.extend(own);
        paragraphs.extend(belongs_to(definition, links, place));
        paragraphs.extend(used.get(&definition.name).cloned());
        let text = paragraphs.join("\n\n");
        definition.docs = with_history(
            (!text.is_empty()).then_some(text),
            definition.experimental,
            &definition.since,
        );
    }
}

/// Adds the history of an item to its text.
pub(crate) fn with_history(
    text: Option<String>,
    is_experimental: bool,
    since: &Since,
) -> Option<String> {
    let note = is_experimental.then(|| EXPERIMENTAL.to_owned());
    let paragraphs: Vec<String> = text
        .into_iter()
        .chain(since_text(since))
        .chain(note)
        .collect();
    (!paragraphs.is_empty()).then(|| paragraphs.join("\n\n"))
}

/// The runtimes that have it, unless they are the runtimes that have its owner.
fn since_text(since: &Since) -> Option<String> {
    let mut sentences = Vec::new();
    match (&since.first, &since.stable) {
        (Some(first), Some(stable)) => sentences.push(format!(
            "Since {first}, in the stable schema since {stable}."
        )),
        (Some(first), None) => sentences.push(format!("Since {first}.")),
        (None, Some(stable)) => sentences.push(format!("In the stable schema since {stable}.")),
        (None, None) => {}
    }
    let always = since.always.as_ref();
    if let Some(always) = always.filter(|it| since.first.as_ref() != Some(it)) {
        sentences.push(format!("Always sent since {always}."));
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Items that the stable schema lacks may change with any runtime.
const EXPERIMENTAL: &str = "**Experimental**: not in the stable schema.";

fn compose_members(
    definition: &mut Definition,
    texts: &BTreeMap<String, Option<String>>,
    links: &Links,
    place: Place,
) {
    let link = |docs: &mut Option<String>| {
        if let Some(text) = docs {
            *text = links.link(text, "", place);
        }
    };
    match &mut definition.kind {
        Kind::Struct(object) => {
            for field in &mut object.fields {
                link(&mut field.docs);
                field.docs = with_history(field.docs.take(), field.experimental, &field.since);
            }
        }
        Kind::StringEnum(values) => values.iter_mut().for_each(|value| {
            link(&mut value.docs);
            value.docs = with_history(value.docs.take(), false, &value.since);
        }),
        Kind::Keyed(union) => {
            for value in &mut union.strings {
                link(&mut value.docs);
                value.docs = with_history(value.docs.take(), false, &value.since);
            }
            for key in &mut union.keys {
                link(&mut key.docs);
                key.docs = with_history(key.docs.take(), false, &key.since);
            }
        }
        Kind::Tagged(union) => {
            for variant in &mut union.variants {
                variant.docs = texts.get(&variant.payload).cloned().flatten();
                link(&mut variant.docs);
            }
        }
        Kind::Newtype | Kind::Alias(_) | Kind::Untagged(_) => {}
    }
}

/// The sentence about the message that a type belongs to.
fn lead(part: &Part<'_>, links: &Links, place: Place) -> String {
    let method = links.method(part.method, place);
    let role = match part.role {
        Role::Payload => "Payload of",
        Role::Parameters => "Parameters of",
        Role::Response => "Response to",
    };
    let Some(docs) = part.docs else {
        return format!("{role} {method}.");
    };
    let sentence = uncapitalized(first_sentence(&unlinked(docs)));
    match part.role {
        Role::Payload => format!("{role} {method}, {sentence}."),
        _ => format!("{role} {method}, which {sentence}."),
    }
}

/// The union or object in which a type was defined inline.
fn belongs_to(definition: &Definition, links: &Links, place: Place) -> Option<String> {
    if let Some((union, variant)) = &definition.variant_of {
        let union = links.type_name(union, place);
        return Some(format!("The variant `{variant}` of {union}."));
    }
    None
}

pub(super) fn first_paragraph(text: &str) -> String {
    text.split("\n\n").next().unwrap_or_default().to_owned()
}

/// The first sentence without its full stop.
pub(crate) fn first_sentence(text: &str) -> &str {
    let text = text.split("\n\n").next().unwrap_or_default().trim();
    let text = text.split_once(". ").map_or(text, |(first, _)| first);
    text.trim_end_matches('.')
}

/// A text with links replaced by their labels.
pub(crate) fn unlinked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[`") {
        plain.push_str(before);
        let Some((label, after)) = after.split_once("`]") else {
            break;
        };
        plain.extend(["`", label, "`"]);
        rest = match after
            .strip_prefix('(')
            .and_then(|target| target.split_once(')'))
        {
            Some((_, after)) => after,
            None => after,
        };
    }
    plain + rest
}

fn uncapitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters
        .next()
        .map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

#[cfg(test)]
mod tests {
    use super::{first_sentence, uncapitalized, unlinked};

    #[test]
    fn links_become_their_labels() {
        let text = "Ends [`turn`](methods::Turn) and [`Turn`] now";
        assert_eq!(unlinked(text), "Ends `turn` and `Turn` now");
    }

    #[test]
    fn a_sentence_can_be_continued() {
        let sentence = uncapitalized(first_sentence("Starts a turn. And more.\n\nMore."));
        assert_eq!(sentence, "starts a turn");
    }
}
