//! Counts first lines, relative clauses and personifying words in sources and in Markdown.
//!
//! Comments, documentation (also as a `#[doc]` attribute) and the texts of errors are prose; code,
//! also in examples, is not.

pub(super) const OPENERS: [&str; 14] = [
    "What",
    "Who",
    "Whom",
    "Whose",
    "Whether",
    "How",
    "Where",
    "When",
    "Why",
    "That",
    "Which",
    "Whatever",
    "Whoever",
    "Whichever",
];

/// Words and phrases that make persons of things, in lower case.
pub(super) const PERSONIFYING: [&str; 40] = [
    "tell",
    "tells",
    "told",
    "telling",
    "say",
    "says",
    "said",
    "saying",
    "whom",
    "nobody",
    "somebody",
    "anybody",
    "everybody",
    "whoever",
    "by itself",
    "gone",
    "goes on",
    "go on",
    "going on",
    "went on",
    "give",
    "gives",
    "gave",
    "giving",
    "mend",
    "mends",
    "mended",
    "what comes of",
    "comes of it",
    "lead to",
    "leads to",
    "had back",
    "stands on",
    "want",
    "wants",
    "wanted",
    "asked for",
    "knows",
    "knew",
    "lets go",
];

/// Counts of some files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Prose {
    pub(super) first_lines: usize,
    pub(super) openers: usize,
    pub(super) words: usize,
    pub(super) personified: usize,
}

impl Prose {
    /// Adds a source file.
    pub(super) fn add_source(&mut self, source: &str) {
        let (mut in_documentation, mut in_example, mut in_error) = (false, false, false);
        for line in source.lines().map(str::trim) {
            in_error |= line.starts_with("#[error(");
            if in_error {
                self.add_words(literal(line));
                in_error = !line.ends_with(")]");
                continue;
            }
            let documentation = documentation(line);
            if let (Some(first), false) = (documentation, in_documentation) {
                self.add_first_line(first);
            }
            in_documentation = documentation.is_some();
            let Some(comment) = documentation.or_else(|| line.strip_prefix("//")) else {
                in_example = false;
                continue;
            };
            if comment.trim_start().starts_with("```") {
                in_example = !in_example;
            } else if !in_example {
                self.add_words(comment);
            }
        }
    }

    /// Adds a Markdown file; its headings and the cells of its tables are first lines.
    pub(super) fn add_markdown(&mut self, text: &str) {
        let mut in_example = false;
        for line in text.lines() {
            if line.trim_start().starts_with("```") {
                in_example = !in_example;
            }
            if in_example {
                continue;
            }
            if let Some(heading) = line.strip_prefix('#') {
                self.add_first_line(heading.trim_start_matches('#'));
            }
            for cell in line
                .strip_prefix('|')
                .into_iter()
                .flat_map(|row| row.split('|'))
            {
                self.add_first_line(cell);
            }
            let without_code = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
            self.add_words(&without_code);
        }
    }

    fn add_first_line(&mut self, line: &str) {
        let Some(opener) = line.split_whitespace().next() else {
            return;
        };
        self.first_lines += 1;
        self.openers += usize::from(OPENERS.contains(&opener));
    }

    fn add_words(&mut self, text: &str) {
        self.words += text.split_whitespace().count();
        self.personified += personified(text);
    }
}

/// The text of a line of documentation.
fn documentation(line: &str) -> Option<&str> {
    let attribute = || {
        let text = line
            .strip_prefix("#[doc = \"")
            .or_else(|| line.strip_prefix("#![doc = \""))?;
        text.strip_suffix("\"]")
    };
    let comment = line
        .strip_prefix("///")
        .or_else(|| line.strip_prefix("//!"));
    comment.or_else(attribute)
}

/// The part of a line of an attribute that is text: a literal, or a line of one that continues.
fn literal(line: &str) -> &str {
    match (line.find('"'), line.rfind('"')) {
        (Some(start), Some(end)) if start < end => &line[start + 1..end],
        (Some(start), _) if line.ends_with('\\') => &line[start + 1..],
        (Some(end), _) => &line[..end],
        (None, _) if line.ends_with('\\') => line,
        (None, _) => "",
    }
}

fn personified(text: &str) -> usize {
    let is_letter = |it: char| it.is_alphanumeric() || it == '_';
    let text = text.to_lowercase();
    let occurrences = |phrase: &str| {
        let found = text.match_indices(phrase).filter(|(at, _)| {
            let before = text[..*at].chars().next_back();
            let after = text[at + phrase.len()..].chars().next();
            !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
        });
        found.count()
    };
    PERSONIFYING.into_iter().map(occurrences).sum()
}
