//! A handful of definitions as a whole dump, and the code emitted for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::{Inputs, Output};
use serde_json::{Map, Value, json};
use similar::TextDiff;

/// The folders of the emitted models: those that the server initiates, and the others.
pub(crate) const GENERATED: [&str; 2] = [
    "codex-types-core/src/generated",
    "codex-types/src/generated",
];

/// The emitted code of a file of the models, merged from all crates.
pub(crate) fn emitted(output: &Output, file: &str) -> String {
    const IMPORT: &str = "use super::prelude::*;\n\n";
    let paths = GENERATED.map(|folder| format!("{folder}/{file}.rs"));
    let parts: Vec<&str> = paths
        .iter()
        .filter_map(|path| output.tree.get(path))
        .collect();
    match parts[..] {
        [one] => one.to_owned(),
        [core, others] => {
            let (_, others) = others.split_once(IMPORT).unwrap();
            format!("{core}\n{others}")
        }
        _ => panic!("{file}.rs is not emitted"),
    }
}

/// A file of `tests/fixtures`: definitions, and the ends that send them.
pub(crate) struct Fixture {
    json: Value,
}

impl Fixture {
    /// Reads the fixture of a construct.
    pub(crate) fn read(construct: &str) -> Self {
        let path = folder("fixtures").join(format!("{construct}.json"));
        let text = fs::read_to_string(&path).unwrap();
        Self {
            json: serde_json::from_str(&text).unwrap(),
        }
    }

    /// A fixture of definitions, of which the server sends one in a notification.
    pub(crate) fn told(name: &str, definitions: &Value) -> Self {
        Self {
            json: json!({ "server": [name], "definitions": definitions }),
        }
    }

    /// A fixture of definitions, with those that each end sends in a notification.
    pub(crate) fn sent(server: &[&str], client: &[&str], definitions: &Value) -> Self {
        Self {
            json: json!({ "server": server, "client": client, "definitions": definitions }),
        }
    }

    /// A fixture of definitions in which these are experimental.
    pub(crate) fn experimental(mut self, places: &[&str]) -> Self {
        self.json["experimental"] = json!(places);
        self
    }

    /// The definitions.
    pub(crate) fn definitions(&self) -> &Map<String, Value> {
        self.json["definitions"].as_object().unwrap()
    }

    /// The fixture as a dump, with the required minimum of other definitions.
    pub(crate) fn inputs(&self) -> Inputs {
        let mut definitions = self.definitions().clone();
        definitions.extend(messages(&self.names("server"), &self.names("client")));
        Inputs {
            stable: document(&self.without_experimental(&definitions)),
            experimental: document(&definitions),
            typescript: self.typescript(),
            runtime_version: String::from("0.0.0"),
            unreviewed_runtime: false,
            history: None,
        }
    }

    fn names(&self, key: &str) -> Vec<&str> {
        let names = self.json[key].as_array().into_iter().flatten();
        names.map(|name| name.as_str().unwrap()).collect()
    }

    /// Removes `Type` and `Type.field`, and the messages with such types.
    fn without_experimental(&self, definitions: &Map<String, Value>) -> Map<String, Value> {
        let mut stable = definitions.clone();
        for place in self.names("experimental") {
            let (name, field) = place.split_once('.').unwrap_or((place, ""));
            if field.is_empty() {
                stable.remove(name);
                let branches = stable["ServerNotification"]["oneOf"].as_array_mut();
                branches.unwrap().retain(|branch| {
                    branch["properties"]["params"]["$ref"] != format!("#/definitions/{name}")
                });
            } else {
                let properties = stable[name]["properties"].as_object_mut();
                properties.unwrap().remove(field).unwrap();
            }
        }
        stable
    }

    /// The fixture's types, and the unions of messages that the helpers add.
    fn typescript(&self) -> Option<BTreeMap<String, String>> {
        let types = self.json.get("typescript")?.as_object().unwrap();
        let bodies = types.iter().map(|(name, body)| {
            let body = body.as_str().unwrap().to_owned();
            (name.as_str(), body)
        });
        let bodies = bodies.chain(self.typescript_messages());
        let files = bodies.map(|(name, body)| {
            let mut text = String::new();
            for other in types.keys().filter(|other| *other != name) {
                writeln!(text, "import type {{ {other} }} from \"./{other}\";").unwrap();
            }
            writeln!(text, "\nexport type {name} = {body};").unwrap();
            (format!("{name}.ts"), text)
        });
        Some(files.collect())
    }

    /// The definitions added by [`messages`], and the methods that the real dump has in TypeScript
    /// only.
    fn typescript_messages(&self) -> [(&'static str, String); 6] {
        let told = self.names("server").into_iter().map(|name| {
            let method = method(name);
            format!("{{ \"method\": \"{method}\", params: {name} }}")
        });
        let only_here = [
            "{ \"method\": \"rawResponse/completed\" }",
            "{ \"method\": \"rawResponseItem/completed\" }",
        ];
        let told: Vec<_> = told.chain(only_here.map(str::to_owned)).collect();
        let asked = "{ \"method\": \"memory\" } | { \"method\": \"getAuthStatus\" } \
                     | { \"method\": \"getConversationSummary\" } | { \"method\": \"gitDiffToRemote\" }";
        [
            ("ServerNotification", told.join(" | ")),
            (
                "ClientNotification",
                "{ \"method\": \"initialized\" }".to_owned(),
            ),
            ("ClientRequest", asked.to_owned()),
            ("ServerRequest", "{ \"method\": \"skill\" }".to_owned()),
            ("MemoryResponse", "Record<string, never>".to_owned()),
            ("SkillResponse", "Record<string, never>".to_owned()),
        ]
    }
}

/// The four unions of messages. There is one request in each, because a union needs a branch; their
/// types are in modules that no fixture uses.
pub(crate) fn messages(server: &[&str], client: &[&str]) -> Map<String, Value> {
    let told = |names: &[&str]| {
        let branches = names.iter().map(|name| {
            let params = json!({ "$ref": format!("#/definitions/{name}") });
            message(&method(name), Some(params))
        });
        branches.collect::<Vec<_>>()
    };
    let or = |branches: Vec<Value>, default: &str| {
        if branches.is_empty() {
            vec![message(default, None)]
        } else {
            branches
        }
    };
    let unions = json!({
        "ClientRequest": { "oneOf": [message("memory", None)] },
        "ServerRequest": { "oneOf": [message("skill", None)] },
        "ServerNotification": { "oneOf": or(told(server), "nothing") },
        "ClientNotification": { "oneOf": or(told(client), "initialized") },
        "MemoryResponse": { "type": "object" },
        "SkillResponse": { "type": "object" },
    });
    unions.as_object().unwrap().clone()
}

/// A branch of a union of messages.
pub(crate) fn message(method: &str, params: Option<Value>) -> Value {
    let mut branch = json!({
        "type": "object",
        "properties": { "method": { "type": "string", "enum": [method] } },
        "required": ["method"],
    });
    if let Some(params) = params {
        branch["properties"]["params"] = params;
        branch["required"] = json!(["method", "params"]);
    }
    branch
}

fn method(name: &str) -> String {
    format!("fixture/{}", name.to_lowercase())
}

/// The text of a document of a dump.
pub(crate) fn document(definitions: &Map<String, Value>) -> String {
    json!({ "definitions": definitions }).to_string()
}

/// Generates, and asserts that the fixture's own types are all in `common.rs`.
pub(crate) fn generate(fixture: &Fixture) -> Output {
    let output = codegen::generate(&fixture.inputs()).unwrap_or_else(|error| panic!("{error}"));
    let types = output.inventory.types.iter();
    let common: BTreeSet<&str> = types
        .filter(|entry| entry.module == "common")
        .map(|entry| entry.name.as_str())
        .collect();
    for name in fixture.definitions().keys() {
        assert!(
            common.contains(name.as_str()),
            "{name} belongs to another module by its name: rename it in the fixture"
        );
    }
    output
}

/// Compares emitted text with the file below `tests/emitted`.
///
/// These files are snapshots that compile, so they cannot have the header of insta's; they are
/// rewritten by insta's own switch.
#[track_caller]
pub(crate) fn assert_emitted(path: &str, emitted: &str) {
    let file = folder("emitted").join(path);
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, emitted).unwrap();
        return;
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    if expected != emitted {
        let diff = TextDiff::from_lines(&expected, emitted);
        panic!(
            "codegen/tests/emitted/{path} is not what is emitted now:\n{}\n\
             if that is meant, run `INSTA_UPDATE=always cargo test -p codegen --test it` \
             and read the difference as a reviewer would",
            diff.unified_diff()
        );
    }
}

/// A folder of this crate's tests.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}
