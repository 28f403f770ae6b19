//! A diff as lines for a terminal.

use std::fmt::Write as _;

use super::{CLASSES, direction};
use crate::diff::{Change, Diff};

pub(super) fn render(diff: &Diff, old: &str, new: &str) -> String {
    let mut text = format!("{old} -> {new}\n\n");
    for verdict in &diff.verdicts {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<17} {:<6} {} items broken, {} added",
            verdict.of.to_string(),
            verdict.level.to_string(),
            verdict.broken,
            verdict.added
        );
    }
    for (class, _, title) in CLASSES {
        let changes = diff.of_class(class);
        let _ = writeln!(text, "\n{title} ({})", changes.len());
        for change in changes {
            lines(change, &mut text);
        }
    }
    let documentation = diff.documentation();
    let _ = writeln!(text, "\nDocumentation ({})", documentation.len());
    for change in documentation {
        let _ = writeln!(text, "  {}", change.place);
    }
    text
}

fn lines(change: &Change, text: &mut String) {
    let direction = direction(change.senders);
    let (place, sentence) = (&change.place, change.sentence());
    let _ = writeln!(text, "  {direction:<6} {place}: {sentence}");
    for consequence in change.decoding.iter().chain(&change.api) {
        let _ = writeln!(text, "         - {consequence}");
    }
}
