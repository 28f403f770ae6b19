//! A diff as text for a terminal, as Markdown for a pull request, and as JSON for programs.

mod json;
mod markdown;
mod text;

use super::{Aspect, Change, Class, Diff, Item};
use crate::inventory::Senders;

/// A form of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Lines for a terminal.
    #[default]
    Text,
    /// A JSON document.
    Json,
    /// Markdown for the text of a pull request.
    Markdown,
}

impl Diff {
    /// Renders the report, with the names of the two sides as its title.
    pub fn render(&self, old: &str, new: &str, format: Format) -> String {
        match format {
            Format::Text => text::render(self, old, new),
            Format::Json => json::render(self, old, new),
            Format::Markdown => markdown::render(self, old, new),
        }
    }

    /// The changes of one class, without those of documentation alone.
    pub fn of_class(&self, class: Class) -> Vec<&Change> {
        let changes = self.changes.iter();
        let changes = changes.filter(|it| it.class() == class && !it.is_documentation());
        changes.collect()
    }

    fn documentation(&self) -> Vec<&Change> {
        let changes = self.changes.iter();
        changes.filter(|it| it.is_documentation()).collect()
    }
}

impl Change {
    fn is_documentation(&self) -> bool {
        self.aspect == Aspect::Documentation
    }

    /// The change in one sentence, without place and consequence.
    fn sentence(&self) -> String {
        let item = item(self.item);
        let (before, after) = (self.before.as_deref(), self.after.as_deref());
        match (self.aspect, before, after) {
            (Aspect::Added, _, Some(after)) => format!("{item} added: {after}"),
            (Aspect::Added, _, None) => format!("{item} added"),
            (Aspect::Removed, Some(before), _) => format!("{item} removed: {before}"),
            (Aspect::Removed, None, _) => format!("{item} removed"),
            (Aspect::Rust, _, Some(after)) => after.to_owned(),
            (Aspect::Rust, _, None) => "only the Rust API".to_owned(),
            (Aspect::Documentation, _, _) => "documentation".to_owned(),
            (Aspect::Required, Some(before), Some(after)) => format!("{before} -> {after}"),
            (aspect, before, after) => format!(
                "{} {} -> {}",
                aspect_name(aspect),
                before.unwrap_or("none"),
                after.unwrap_or("none")
            ),
        }
    }
}

const CLASSES: [(Class, &str, &str); 3] = [
    (
        Class::BreaksDecoding,
        "breaks-decoding",
        "Breaks decoding by the old types",
    ),
    (
        Class::BreaksApi,
        "breaks-api",
        "Breaks the Rust API of the models or of the builders",
    ),
    (Class::Additive, "additive", "Additive"),
];

fn item(item: Item) -> &'static str {
    match item {
        Item::Method => "method",
        Item::Notification => "notification",
        Item::Type => "type",
        Item::Field => "field",
        Item::Variant => "variant",
        Item::Value => "value",
        Item::Argument => "argument",
    }
}

fn aspect_name(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Added => "added",
        Aspect::Removed => "removed",
        Aspect::Type => "type",
        Aspect::Required => "required",
        Aspect::Nullable => "nullable",
        Aspect::Default => "default",
        Aspect::Stability => "stability",
        Aspect::Rust => "rust",
        Aspect::Documentation => "documentation",
    }
}

fn direction(senders: Senders) -> &'static str {
    match (senders.client, senders.server) {
        (true, true) => "both",
        (true, false) => "client",
        (false, true) => "server",
        (false, false) => "-",
    }
}
