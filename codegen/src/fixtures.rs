//! Small dumps as fixtures: a handful of definitions and the code emitted for them.
//!
//! The emitted code is part of what `generate-types` writes and checks; the test target `emitted`
//! compiles it. Independent of files: the texts of the fixtures are arguments.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::emit::{CORE, TYPES};
use crate::{Error, FileTree, Inputs, Output, parallel};

/// The folder of the fixtures.
pub const FIXTURES: &str = "codegen/tests/fixtures";
/// The folder of the code emitted for them.
pub const EMITTED: &str = "codegen/tests/emitted/generated";

/// The files that make up an emitted protocol, beside the models of its types.
const PROTOCOL: &[&str] = &[
    "client_notification",
    "client_request",
    "client_response",
    "common",
    "methods",
    "notifications",
    "registry",
    "server_notification",
    "server_request",
    "server_response",
];

/// Definitions, the ends that send them, and types in TypeScript.
#[derive(Clone, Debug)]
pub struct Fixture {
    json: Value,
}

impl Fixture {
    /// Definitions, with those that each end sends in a notification.
    pub fn sent(server: &[&str], client: &[&str], definitions: &Value) -> Self {
        Self {
            json: json!({ "server": server, "client": client, "definitions": definitions }),
        }
    }

    /// Parses a fixture.
    ///
    /// # Errors
    ///
    /// Returns an error for a text that is not JSON.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let document = "a fixture";
        let json = serde_json::from_str(text).map_err(|error| Error::Json { document, error })?;
        Ok(Self { json })
    }

    /// The same definitions, of which these are experimental: `Type` or `Type.field`.
    #[must_use]
    pub fn experimental(mut self, places: &[&str]) -> Self {
        if let Some(fixture) = self.json.as_object_mut() {
            fixture.insert("experimental".to_owned(), json!(places));
        }
        self
    }

    /// The definitions.
    pub fn definitions(&self) -> Map<String, Value> {
        let definitions = self.json["definitions"].as_object();
        definitions.cloned().unwrap_or_default()
    }

    /// Returns whether the definitions are a whole dump, with messages of their own.
    fn is_whole(&self) -> bool {
        self.json["definitions"].get("ServerNotification").is_some()
    }

    /// The fixture as a dump, with the required minimum of other definitions.
    pub fn inputs(&self) -> Inputs {
        let mut definitions = self.definitions();
        if !self.is_whole() {
            definitions.extend(messages(&self.names("server"), &self.names("client")));
        }
        Inputs {
            stable: document(&self.without_experimental(&definitions)),
            experimental: document(&definitions),
            typescript: self.typescript(),
            runtime_version: String::from("0.0.0"),
            ..Inputs::default()
        }
    }

    fn names(&self, key: &str) -> Vec<&str> {
        let names = self.json[key].as_array().into_iter().flatten();
        names.filter_map(Value::as_str).collect()
    }

    /// Removes `Type` and `Type.field`, and the messages with such types.
    fn without_experimental(&self, definitions: &Map<String, Value>) -> Map<String, Value> {
        let mut stable = definitions.clone();
        for place in self.names("experimental") {
            if let Some((name, field)) = place.split_once('.') {
                let pointer = format!("/{name}/properties");
                let mut json = Value::Object(stable);
                if let Some(Value::Object(properties)) = json.pointer_mut(&pointer) {
                    properties.remove(field);
                }
                stable = json.as_object().cloned().unwrap_or_default();
            } else {
                stable.remove(place);
                let params = format!("#/definitions/{place}");
                let union = stable.get_mut("ServerNotification");
                if let Some(Value::Array(branches)) = union.and_then(|it| it.get_mut("oneOf")) {
                    branches.retain(|it| it["properties"]["params"]["$ref"] != params);
                }
            }
        }
        stable
    }

    /// The fixture's types, and the unions of messages that the helpers add.
    fn typescript(&self) -> Option<BTreeMap<String, String>> {
        let types = self.json.get("typescript")?.as_object()?;
        let bodies = types.iter().filter_map(|(name, body)| {
            let body = body.as_str()?.to_owned();
            Some((name.as_str(), body))
        });
        let bodies = bodies.chain(self.typescript_messages());
        let files = bodies.map(|(name, body)| {
            let mut text = String::new();
            for other in types.keys().filter(|other| *other != name) {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "import type {{ {other} }} from \"./{other}\";");
            }
            let _ = writeln!(text, "\nexport type {name} = {body};");
            (format!("{name}.ts"), text)
        });
        Some(files.collect())
    }

    /// The definitions added by [`messages`], and the methods that the real dump has in TypeScript
    /// only.
    fn typescript_messages(&self) -> [(&'static str, String); 6] {
        let sent = self.names("server").into_iter().map(|name| {
            let method = method(name);
            format!("{{ \"method\": \"{method}\", params: {name} }}")
        });
        let only_here = [
            "{ \"method\": \"rawResponse/completed\" }",
            "{ \"method\": \"rawResponseItem/completed\" }",
        ];
        let sent: Vec<_> = sent.chain(only_here.map(str::to_owned)).collect();
        let requests = "{ \"method\": \"memory\" } | { \"method\": \"getAuthStatus\" } \
                        | { \"method\": \"getConversationSummary\" } \
                        | { \"method\": \"gitDiffToRemote\" }";
        [
            ("ServerNotification", sent.join(" | ")),
            (
                "ClientNotification",
                "{ \"method\": \"initialized\" }".to_owned(),
            ),
            ("ClientRequest", requests.to_owned()),
            ("ServerRequest", "{ \"method\": \"skill\" }".to_owned()),
            ("MemoryResponse", "Record<string, never>".to_owned()),
            ("SkillResponse", "Record<string, never>".to_owned()),
        ]
    }
}

/// The four unions of messages. There is one request in each, because a union needs a branch; their
/// types are in modules that no fixture uses.
pub fn messages(server: &[&str], client: &[&str]) -> Map<String, Value> {
    let notifications = |names: &[&str], default: &str| {
        let branches = names.iter().map(|name| {
            let params = json!({ "$ref": format!("#/definitions/{name}") });
            message(&method(name), Some(params))
        });
        let mut branches: Vec<_> = branches.collect();
        if branches.is_empty() {
            branches.push(message(default, None));
        }
        json!({ "oneOf": branches })
    };
    Map::from_iter(
        [
            (
                "ClientRequest",
                json!({ "oneOf": [message("memory", None)] }),
            ),
            (
                "ServerRequest",
                json!({ "oneOf": [message("skill", None)] }),
            ),
            ("ServerNotification", notifications(server, "nothing")),
            ("ClientNotification", notifications(client, "initialized")),
            ("MemoryResponse", json!({ "type": "object" })),
            ("SkillResponse", json!({ "type": "object" })),
        ]
        .map(|(name, json)| (name.to_owned(), json)),
    )
}

/// A branch of a union of messages.
pub fn message(method: &str, params: Option<Value>) -> Value {
    let method = json!({ "type": "string", "enum": [method] });
    match params {
        Some(params) => json!({
            "type": "object",
            "properties": { "method": method, "params": params },
            "required": ["method", "params"],
        }),
        None => json!({
            "type": "object",
            "properties": { "method": method },
            "required": ["method"],
        }),
    }
}

fn method(name: &str) -> String {
    format!("fixture/{}", name.to_lowercase())
}

/// The text of a document of a dump.
pub fn document(definitions: &Map<String, Value>) -> String {
    json!({ "definitions": definitions }).to_string()
}

/// The code emitted for fixtures, by their names.
///
/// # Errors
///
/// Returns the errors of their generation, and names that are emitted into another file.
pub fn emit(
    fixtures: &BTreeMap<String, String>,
    is_current: &(dyn Fn(&str, &str) -> bool + Sync),
) -> Result<FileTree, Error> {
    let mut tree = FileTree::with_roots([EMITTED]);
    let fixtures: Vec<_> = fixtures.iter().collect();
    let files = parallel::map(&fixtures, |(name, text)| files(name, text));
    let mut problems = Vec::new();
    for result in files {
        match result {
            Ok(files) => {
                for (path, text) in files {
                    tree.insert(path, text);
                }
            }
            Err(error) => problems.push(error),
        }
    }
    problems.extend(crate::emit::problems(&tree, is_current));
    Error::all(problems)?;
    Ok(tree)
}

fn files(name: &str, text: &str) -> Result<Vec<(String, String)>, Error> {
    let fixture = Fixture::parse(text)?;
    let output = crate::generate_models(&fixture.inputs())?;
    if fixture.is_whole() {
        let files = PROTOCOL.iter();
        let files = files.map(|file| {
            (
                format!("{EMITTED}/{name}/{file}.rs"),
                emitted(&output, file),
            )
        });
        return Ok(files.collect());
    }
    let types = output.inventory.types.iter();
    let elsewhere = types.filter(|it| it.module != "common");
    let mut elsewhere = elsewhere.filter(|it| fixture.definitions().contains_key(&it.name));
    if let Some(entry) = elsewhere.next() {
        return Err(Error::schema(
            format!("{FIXTURES}/{name}.json#/definitions/{}", entry.name),
            "belongs to another module by its name; rename it in the fixture",
        ));
    }
    Ok(vec![(
        format!("{EMITTED}/{name}.rs"),
        emitted(&output, "common"),
    )])
}

/// The emitted code of a file of the models, merged from all crates.
pub fn emitted(output: &Output, file: &str) -> String {
    const IMPORT: &str = "use super::prelude::*;\n\n";
    let paths = [CORE, TYPES].map(|folder| format!("{folder}/{file}.rs"));
    let mut parts = paths.iter().filter_map(|path| output.tree.get(path));
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let items = part.split_once(IMPORT).map_or(part, |(_, items)| items);
        format!("{text}\n{items}")
    })
}
