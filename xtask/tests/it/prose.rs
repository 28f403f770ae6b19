//! The English of comments, documentation, error texts and Markdown, by two measures: first lines
//! that open with a relative clause instead of a noun phrase or a verb, and words that make persons
//! of things. And the length of the names of tests.
//!
//! The limits are those that well-kept crates stay below. A low count does not make good English,
//! but a high one makes documentation hard to read.

use std::fs;

use xtask::workspace_root;

use crate::tree::files;

mod measure;

use measure::{OPENERS, PERSONIFYING, Prose};

/// The folders with hand-written sources that are held to the limits.
const HELD: [&str; 9] = [
    "codegen",
    "codex-client",
    "codex-exec",
    "codex-runtime",
    "codex-testing",
    "codex-types",
    "codex-types-core",
    "gallery",
    "xtask",
];

/// The folders with generated sources, including the texts of the runtime's schema.
const GENERATED: [&str; 3] = ["codex-client", "codex-types", "codex-types-core"];

/// Limit of openers, in percent of the first lines.
const OPENERS_PERCENT: usize = 5;
/// Limit of personifying words, for 1,000 words of prose.
const PERSONIFIED_PER_MILLE: usize = 2;
/// Limit of the name of a function, which for tests is often a sentence, in characters.
const NAME: usize = 60;

impl Prose {
    fn is_within_limits(&self) -> bool {
        self.openers * 100 <= self.first_lines * OPENERS_PERCENT
            && self.personified * 1000 <= self.words * PERSONIFIED_PER_MILLE
    }
}

/// Lines as a text; in one literal, they would be documentation of this file.
fn lines(lines: &[&str]) -> String {
    lines.join("\n")
}

fn read(file: &str) -> String {
    fs::read_to_string(workspace_root().join(file)).unwrap()
}

/// The sources of a folder, generated or hand-written ones.
fn sources(folder: &str, generated: bool) -> Prose {
    let mut prose = Prose::default();
    for file in files(".rs") {
        if file.starts_with(&format!("{folder}/")) {
            let source = read(&file);
            if source.starts_with("// @generated") == generated {
                prose.add_source(&source);
            }
        }
    }
    assert!(prose.words > 0, "{folder} has no prose");
    prose
}

fn assert_within_limits(measured: impl Iterator<Item = (String, Prose)>) {
    let exceeding: Vec<String> = measured
        .filter(|(_, prose)| !prose.is_within_limits())
        .map(|(name, prose)| format!("{name}: {prose:?}"))
        .collect();
    assert!(
        exceeding.is_empty(),
        "at most {OPENERS_PERCENT} % of first lines may open with one of {OPENERS:?}, and \
         {PERSONIFIED_PER_MILLE} of 1,000 words be one of {PERSONIFYING:?}:\n{}",
        exceeding.join("\n")
    );
}

#[test]
fn comments_are_distinguished_from_code_and_examples() {
    let mut prose = Prose::default();
    prose.add_source(&lines(&[
        "//! A module that says much.",
        "",
        "/// What it is.",
        "/// Which is a second line.",
        "///",
        "/// ```",
        "/// tell(\"nobody\");",
        "/// ```",
        "fn tell() {} // said",
        "/// Tells nobody; retold stories are gone.",
        "fn other() {}",
    ]));
    let expected = Prose {
        first_lines: 3,
        openers: 1,
        words: 5 + 3 + 5 + 6,
        personified: 1 + 3,
    };
    assert_eq!(prose, expected);
    assert!(!prose.is_within_limits());
}

#[test]
fn attributes_and_error_texts_are_prose() {
    let mut prose = Prose::default();
    prose.add_source(&lines(&[
        "#[doc = \"Whether it wants.\"]",
        "#[error(\"nobody: {0}\")]",
        "One(Nobody),",
        "#[error(",
        "    \"a text that says {}\",",
        "    it.nobody()",
        ")]",
        "Two,",
        "#[error(transparent)]",
        "Three(Told),",
    ]));
    let expected = Prose {
        first_lines: 1,
        openers: 1,
        words: 3 + 2 + 5,
        personified: 3,
    };
    assert_eq!(prose, expected);
}

#[test]
fn headings_and_cells_of_markdown_are_first_lines() {
    let mut prose = Prose::default();
    prose.add_markdown("# What it is\n\n`tell` says.\n\n```\nnobody\n```\n| How | Fine |\n");
    let expected = Prose {
        first_lines: 3,
        openers: 2,
        words: 4 + 1 + 5,
        personified: 1,
    };
    assert_eq!(prose, expected);
}

#[test]
fn hand_written_sources_are_in_plain_english() {
    assert_within_limits(
        HELD.map(|it| (it.to_owned(), sources(it, false)))
            .into_iter(),
    );
}

#[test]
fn generated_documentation_is_in_plain_english() {
    assert_within_limits(
        GENERATED
            .map(|it| (it.to_owned(), sources(it, true)))
            .into_iter(),
    );
}

#[test]
fn documents_are_in_plain_english() {
    assert_within_limits(files(".md").into_iter().map(|file| {
        let mut prose = Prose::default();
        prose.add_markdown(&read(&file));
        (file, prose)
    }));
}

#[test]
fn names_of_tests_are_short() {
    let mut long = Vec::new();
    for file in files(".rs") {
        let source = read(&file);
        let functions = source
            .lines()
            .filter_map(|line| line.trim().split_once("fn "));
        let names = functions.filter_map(|(_, rest)| rest.split(['(', '<']).next());
        long.extend(
            names
                .filter(|name| name.len() > NAME)
                .map(|name| format!("{file}: {name}")),
        );
    }
    assert!(
        long.is_empty(),
        "names over {NAME} characters:\n{}",
        long.join("\n")
    );
}
