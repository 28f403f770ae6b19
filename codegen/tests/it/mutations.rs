//! Mutations of small dumps, by kind, each with its expected outcome.
//!
//! A dump that the generator cannot express is rejected with a place and a remedy; the generated
//! code compiles, all of it together, in the target `emitted`: those that generate are one more
//! fixture.

use std::collections::BTreeSet;
use std::fs;

use codegen::Inputs;
use serde_json::{Map, Value, json};

use crate::fixture::{document, folder, messages};

mod documents;
mod keywords;
mod matrix;
mod members;
mod names;
mod odd;
mod secrets;
mod texts;
mod unions;

/// The outcome of a mutation.
#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// It generates.
    Generates,
    /// It is rejected, with an error that contains this text.
    Refused(&'static str),
}

use Expected::{Generates, Refused};

/// Definitions, the first of which is used by one message. `@` stands for a prefix of their names,
/// so that all can be put into one dump.
pub(crate) struct Mutant {
    name: String,
    definitions: Value,
    /// True if a client sends it; otherwise the server does.
    client: bool,
    expected: Expected,
}

impl Mutant {
    fn new(name: impl Into<String>, definitions: Value, expected: Expected) -> Self {
        Self {
            name: name.into(),
            definitions,
            client: false,
            expected,
        }
    }

    fn sent_by_client(mut self) -> Self {
        self.client = true;
        self
    }

    /// The definitions with their completed names, the first one's in front.
    fn named(&self, prefix: &str) -> (String, Map<String, Value>) {
        let text = self.definitions.to_string().replace('@', prefix);
        let definitions: Map<String, Value> = serde_json::from_str(&text).unwrap();
        (format!("{prefix}Book"), definitions)
    }
}

fn mutants() -> Vec<Mutant> {
    let mut all = matrix::mutants();
    all.extend(members::mutants());
    all.extend(names::mutants());
    all.extend(texts::mutants());
    all.extend(odd::mutants());
    all.extend(keywords::mutants());
    all.extend(unions::mutants());
    all.extend(secrets::mutants());
    all
}

/// A dump of definitions, with messages that use some of them.
fn dump(definitions: Map<String, Value>, server: &[&str], client: &[&str]) -> Inputs {
    let mut all = definitions;
    all.extend(messages(server, client));
    let text = document(&all);
    Inputs {
        stable: text.clone(),
        experimental: text,
        runtime_version: String::from("0.0.0"),
        ..Inputs::default()
    }
}

fn one(mutant: &Mutant) -> Inputs {
    let (root, definitions) = mutant.named("Q");
    let (server, client) = if mutant.client {
        (vec![], vec![root.as_str()])
    } else {
        (vec![root.as_str()], vec![])
    };
    dump(definitions, &server, &client)
}

/// Compares an outcome with the expected one; returns the difference.
fn wrong(name: &str, expected: &Expected, inputs: &Inputs) -> Option<String> {
    let outcome = codegen::generate(inputs).map_err(|error| error.to_string());
    let is_placed = |error: &str| {
        let remedies = ["codegen/src/", "dump the schema again", "is it what"];
        error.contains(".json#/") && remedies.iter().any(|remedy| error.contains(remedy))
    };
    match (expected, outcome) {
        (Generates, Ok(_)) => None,
        (Refused(words), Err(error)) if error.contains(words) && is_placed(&error) => None,
        (_, Ok(_)) => Some(format!("{name}: generates")),
        (_, Err(error)) => Some(format!("{name}: {error}")),
    }
}

#[test]
fn every_mutation_has_the_expected_outcome() {
    let mutants = mutants();
    let documents = documents::mutations();
    let mut seen = BTreeSet::new();
    let small = mutants
        .iter()
        .map(|it| (it.name.as_str(), &it.expected, one(it)));
    let whole = documents
        .iter()
        .map(|it| (it.name.as_str(), &it.expected, it.inputs()));
    let mut failures = Vec::new();
    for (name, expected, inputs) in small.chain(whole) {
        assert!(seen.insert(name.to_owned()), "two are called `{name}`");
        failures.extend(wrong(name, expected, &inputs));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(seen.len() >= 200, "{} mutations", seen.len());
}

/// A block that rustdoc would run has no language, or one that it knows.
#[test]
fn descriptions_contain_no_tests() {
    for mutant in texts::mutants() {
        let output = codegen::generate(&one(&mutant)).unwrap();
        let models = output
            .tree
            .iter()
            .filter(|(path, _)| path.contains("codex-types"));
        for (path, text) in models.filter(|(path, _)| path.contains(".rs")) {
            let docs = text
                .lines()
                .filter_map(|line| line.trim_start().strip_prefix("///"));
            let fences = docs
                .map(str::trim)
                .filter(|line| line.starts_with("```") || line.starts_with("~~~"));
            for (index, fence) in fences.enumerate() {
                let info = fence.trim_start_matches('`');
                let expected = if index % 2 == 0 { "text" } else { "" };
                assert_eq!(info, expected, "{}: {path}: {fence}", mutant.name);
            }
        }
    }
}

#[test]
fn mutants_that_generate_are_a_fixture() {
    let mut definitions = Map::new();
    let (mut server, mut client) = (Vec::new(), Vec::new());
    let generating = mutants();
    let generating = generating
        .iter()
        .filter(|it| matches!(it.expected, Generates));
    for (index, mutant) in generating.enumerate() {
        let (root, more) = mutant.named(&format!("Q{index:03}"));
        definitions.extend(more);
        if mutant.client {
            client.push(root);
        } else {
            server.push(root);
        }
    }
    let fixture = json!({ "client": client, "definitions": definitions, "server": server });
    let fixture = format!("{fixture:#}\n");
    let file = folder("fixtures").join("mutants.json");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&file, &fixture).unwrap();
    }
    assert!(
        fs::read_to_string(&file).unwrap() == fixture,
        "codegen/tests/fixtures/mutants.json lacks a mutation; run \
         `INSTA_UPDATE=always cargo test -p codegen --test it`, then `cargo xtask generate-types`"
    );
}

/// An object that requires its fields.
fn object(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().unwrap().keys().collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/@{name}") })
}
