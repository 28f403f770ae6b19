//! The English of comments, by two measures: first lines of documentation that open with a relative
//! clause instead of a noun phrase or a verb, and words that make persons of things.
//!
//! The limits are those that well-kept crates stay below. A low count does not make good English,
//! but a high one makes documentation hard to read.

use std::fs;

use xtask::workspace_root;

use crate::tree::files;

/// The folders that are held to the limits.
const HELD: [&str; 5] = [
    "codex-runtime",
    "codex-testing",
    "codex-types",
    "codex-types-core",
    "xtask",
];

/// Limit of openers, in percent of the first lines.
const OPENERS_PERCENT: usize = 5;
/// Limit of personifying words, for 1,000 words of comments.
const PERSONIFIED_PER_MILLE: usize = 2;

const OPENERS: [&str; 10] = [
    "What", "Who", "Whether", "How", "Where", "When", "That", "Which", "Whatever", "Whoever",
];

const PERSONIFYING: [&str; 26] = [
    "tell",
    "tells",
    "told",
    "say",
    "says",
    "said",
    "whom",
    "nobody",
    "somebody",
    "whoever",
    "by itself",
    "is gone",
    "goes on",
    "go on",
    "give",
    "gives",
    "mend",
    "mends",
    "what comes of",
    "lead to",
    "leads to",
    "had back",
    "stands on",
    "want",
    "wants",
    "asked for",
];

/// Counts of one folder.
#[derive(Debug, Default, PartialEq, Eq)]
struct Prose {
    first_lines: usize,
    openers: usize,
    words: usize,
    personified: usize,
}

impl Prose {
    /// Adds the comments of a source file; examples in them are code.
    fn add(&mut self, source: &str) {
        let (mut in_documentation, mut in_example) = (false, false);
        for line in source.lines().map(str::trim) {
            let documentation = line.strip_prefix("///");
            if let (Some(first), false) = (documentation, in_documentation) {
                self.first_lines += 1;
                let opener = first.split_whitespace().next().unwrap_or_default();
                self.openers += usize::from(OPENERS.contains(&opener));
            }
            in_documentation = documentation.is_some();
            let Some(comment) = line.strip_prefix("//") else {
                in_example = false;
                continue;
            };
            let comment = comment.trim_start_matches(['/', '!']).trim_start();
            if comment.starts_with("```") {
                in_example = !in_example;
            } else if !in_example {
                self.words += comment.split_whitespace().count();
                self.personified += personified(comment);
            }
        }
    }

    fn is_within_limits(&self) -> bool {
        self.openers * 100 <= self.first_lines * OPENERS_PERCENT
            && self.personified * 1000 <= self.words * PERSONIFIED_PER_MILLE
    }
}

fn personified(comment: &str) -> usize {
    let is_letter = |it: char| it.is_alphanumeric() || it == '_';
    let comment = comment.to_lowercase();
    let occurrences = |phrase: &str| {
        let found = comment.match_indices(phrase).filter(|(at, _)| {
            let before = comment[..*at].chars().next_back();
            let after = comment[at + phrase.len()..].chars().next();
            !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
        });
        found.count()
    };
    PERSONIFYING.into_iter().map(occurrences).sum()
}

#[test]
fn comments_are_told_from_code_and_examples() {
    let mut prose = Prose::default();
    prose.add(
        "//! A module that says much.\n\
         /// What it is.\n\
         /// Which is a second line.\n\
         ///\n\
         /// ```\n\
         /// tell(\"nobody\");\n\
         /// ```\n\
         fn tell() {} // said\n\
         /// Tells nobody; retold stories are gone on.\n\
         fn other() {}\n",
    );
    let expected = Prose {
        first_lines: 2,
        openers: 1,
        words: 5 + 3 + 5 + 7,
        personified: 1 + 2,
    };
    assert_eq!(prose, expected);
    assert!(!prose.is_within_limits());
}

#[test]
fn comments_are_in_plain_english() {
    let root = workspace_root();
    let sources = files(".rs");
    let exceeding: Vec<String> = HELD
        .iter()
        .filter_map(|folder| {
            let mut prose = Prose::default();
            let is_hand_written = |file: &&String| {
                file.starts_with(&format!("{folder}/")) && !file.contains("/generated/")
            };
            for file in sources.iter().filter(is_hand_written) {
                prose.add(&fs::read_to_string(root.join(file)).unwrap());
            }
            assert!(prose.words > 0, "{folder} has no comments");
            (!prose.is_within_limits()).then(|| format!("{folder}: {prose:?}"))
        })
        .collect();
    assert!(
        exceeding.is_empty(),
        "at most {OPENERS_PERCENT} % of first lines may open with a relative clause, and \
         {PERSONIFIED_PER_MILLE} of 1,000 words be one of {PERSONIFYING:?}:\n{}",
        exceeding.join("\n")
    );
}
