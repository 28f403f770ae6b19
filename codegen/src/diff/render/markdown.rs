//! A diff as the text of a pull request.

use std::fmt::Write as _;

use super::{CLASSES, direction};
use crate::diff::{Change, Class, Diff};

pub(super) fn render(diff: &Diff, old: &str, new: &str) -> String {
    let mut text = format!("# Protocol changes from {old} to {new}\n\n");
    text.push_str("| crate | release | items broken | items added |\n|---|---|---|---|\n");
    for verdict in &diff.verdicts {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| `{}` | **{}** | {} | {} |",
            verdict.of, verdict.level, verdict.broken, verdict.added
        );
    }
    text.push_str("\nA `sender` is the end of the connection that sends the item.\n");
    for (class, _, title) in CLASSES {
        let changes = diff.of_class(class);
        section(title, &changes, class == Class::Additive, &mut text);
    }
    let documentation = diff.documentation();
    if !documentation.is_empty() {
        let places: Vec<_> = documentation
            .iter()
            .map(|it| format!("`{}`", it.place))
            .collect();
        let _ = writeln!(
            text,
            "\n<details><summary>Documentation ({})</summary>\n\n{}\n\n</details>",
            places.len(),
            places.join(", ")
        );
    }
    text
}

fn section(title: &str, changes: &[&Change], folded: bool, text: &mut String) {
    if changes.is_empty() {
        let _ = writeln!(text, "\n## {title}: nothing");
        return;
    }
    let count = changes.len();
    if folded {
        let _ = writeln!(text, "\n<details><summary>{title} ({count})</summary>\n");
    } else {
        let _ = writeln!(text, "\n## {title} ({count})\n");
    }
    text.push_str("| place | sender | change | consequence |\n|---|---|---|---|\n");
    for change in changes {
        let consequences = change.decoding.iter().chain(&change.api);
        let consequences: Vec<_> = consequences.map(|it| cell(it)).collect();
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            change.place.replace('|', "\\|"),
            direction(change.senders),
            cell(&change.sentence()),
            consequences.join("<br>")
        );
    }
    if folded {
        text.push_str("\n</details>\n");
    }
}

/// Text that stays inside its cell and is not interpreted as HTML.
fn cell(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('|', "\\|").replace(['\r', '\n'], " ")
}
