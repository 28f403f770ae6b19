//! Writes the medians as a table, and the plots.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Values;

/// Writes `figures.md` and the plots beside it.
pub(super) fn write(out: &Path, values: &Values, load: &str) -> Result<()> {
    let mut text =
        String::from("# Figures\n\nWritten by `cargo xtask figures`; do not edit by hand.\n");
    writeln!(
        text,
        "Medians of interleaved rounds on {load}. Read the ratios.\n"
    )?;
    for (title, prefix, unit, base) in TABLES {
        table(&mut text, values, (title, prefix, unit, base))?;
        let plot = format!("figures-{}.svg", prefix.trim().replace(' ', "-"));
        save(&out.join(&plot), &bars(title, &rows(values, prefix))?)?;
        writeln!(text, "![{title}]({plot})\n")?;
    }
    save(
        &out.join("figures.md"),
        &(text.trim_end().to_owned() + "\n"),
    )
}

/// Title, prefix of the names, unit, and the row that is the measure of the others.
const TABLES: [(&str, &str, &str, &str); 8] = [
    ("Client CPU per streamed event", "stream ", "ns", "types"),
    (
        "Client CPU per request, one after the other",
        "calls ",
        "ns",
        "codes",
    ),
    (
        "A stream alone, beside a subscriber that reads ten times a second, and beside one that keeps up",
        "slow ",
        "ms",
        "alone",
    ),
    ("Decoding a recorded notification", "corpus ", "ns", "value"),
    ("Decoding a delta", "deltas ", "ns", "value"),
    ("Memory, as a multiple of the text", "memory ", "x", ""),
    (
        "Crates in the tree, itself included",
        "crates ",
        "crates",
        "codex-codes",
    ),
    (
        "Building the crate alone, CPU",
        "build ",
        "s",
        "models release",
    ),
];

fn rows<'a>(values: &'a Values, prefix: &str) -> Vec<(&'a str, f64, usize)> {
    let rows = values.iter().filter_map(|(name, rounds)| {
        let name = name.strip_prefix(prefix)?;
        Some((name, median(rounds), rounds.len()))
    });
    rows.collect()
}

fn median(rounds: &[f64]) -> f64 {
    let mut sorted = rounds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn table(
    text: &mut String,
    values: &Values,
    (title, prefix, unit, base): (&str, &str, &str, &str),
) -> Result<()> {
    let rows = rows(values, prefix);
    let base_value = rows
        .iter()
        .find(|(name, ..)| *name == base)
        .map(|row| row.1);
    writeln!(
        text,
        "## {title}\n\n| | {unit} | ratio | rounds |\n|---|---|---|---|"
    )?;
    for (name, value, rounds) in rows {
        let ratio = base_value.map_or(String::new(), |base| format!("{:.2}", value / base));
        writeln!(text, "| {name} | {value:.1} | {ratio} | {rounds} |")?;
    }
    text.push('\n');
    Ok(())
}

/// Horizontal bars, one for each row.
fn bars(title: &str, rows: &[(&str, f64, usize)]) -> Result<String> {
    let most = rows.iter().map(|row| row.1).fold(1e-9, f64::max);
    let height = 40 + 24 * rows.len();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<text x=\"8\" y=\"20\">{title}</text>\n"
    );
    for (index, (name, value, _)) in rows.iter().enumerate() {
        let top = 34 + 24 * index;
        let width = 380.0 * value / most;
        writeln!(
            svg,
            "<text x=\"8\" y=\"{0}\">{name}</text><rect x=\"190\" y=\"{top}\" width=\"{width:.1}\" \
             height=\"16\" fill=\"#4a7ebb\"/><text x=\"{1:.1}\" y=\"{0}\">{value:.1}</text>",
            top + 13,
            196.0 + width,
        )?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn save(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_ratio_are_in_the_table() {
        let mut values = Values::new();
        values.insert("stream types".to_owned(), vec![300.0, 100.0, 200.0]);
        values.insert("stream async".to_owned(), vec![250.0]);
        let mut text = String::new();
        table(&mut text, &values, TABLES[0]).unwrap();
        assert!(text.contains("| types | 200.0 | 1.00 | 3 |"), "{text}");
        assert!(text.contains("| async | 250.0 | 1.25 | 1 |"), "{text}");
        let svg = bars("x", &rows(&values, "stream ")).unwrap();
        assert!(
            svg.contains("width=\"380.0\"") && svg.contains("width=\"304.0\""),
            "{svg}"
        );
    }
}
