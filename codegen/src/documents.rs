//! Stage 1a: the JSON documents of the dump, definition by definition.
//!
//! Reads the roots written by schemars 0.8 (`definitions`) and schemars 1 (`$defs`), and rejects
//! any other. The definitions themselves stay undecoded: they can still be corrected (see
//! [`crate::fixups`]).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::Error;
use crate::schema::decode::step;

/// The keys under which schemars 0.8 and schemars 1 keep the definitions.
const SECTIONS: [&str; 2] = ["definitions", "$defs"];

/// The namespace of the definitions of the second version of the protocol.
const V2: &str = "v2";

/// One document of the dump.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    name: &'static str,
    section: &'static str,
    /// By path below the section: `RequestId`, `v2/Thread`.
    pub(crate) definitions: BTreeMap<String, Value>,
}

impl Document {
    /// Reads a document.
    pub(crate) fn read(name: &'static str, text: &str) -> Result<Self, Error> {
        let mut json: Value = serde_json::from_str(text).map_err(|error| Error::Json {
            document: name,
            error,
        })?;
        let section = section(name, &json)?;
        let mut definitions = BTreeMap::new();
        for (member, json) in take_members(&mut json[section]) {
            if member != V2 {
                definitions.insert(member, json);
                continue;
            }
            let Value::Object(members) = json else {
                let pointer = format!("{name}#/{section}/{V2}");
                let problem = "expected an object of definitions; dump the schema again";
                return Err(Error::schema(pointer, problem));
            };
            for (member, json) in members {
                definitions.insert(format!("{V2}/{member}"), json);
            }
        }
        Ok(Self {
            name,
            section,
            definitions,
        })
    }

    /// The JSON pointer of a definition, without the document's name.
    pub(crate) fn pointer(&self, path: &str) -> String {
        let steps = match path.split_once('/') {
            Some((V2, name)) => format!("{V2}/{}", step(name)),
            _ => step(path),
        };
        format!("{}#/{}/{steps}", self.name, self.section)
    }

    /// The name of the definition at a path.
    pub(crate) fn name_of(path: &str) -> &str {
        path.strip_prefix("v2/").unwrap_or(path)
    }

    /// Every definition of this name, in either namespace.
    pub(crate) fn named_mut<'a>(
        &'a mut self,
        name: &'a str,
    ) -> impl Iterator<Item = &'a mut Value> {
        let all = self.definitions.iter_mut();
        let named = all.filter(move |(path, _)| Self::name_of(path) == name);
        named.map(|(_, json)| json)
    }

    /// Removes every definition with this name; returns the number of removed ones.
    pub(crate) fn remove(&mut self, name: &str) -> usize {
        let before = self.definitions.len();
        self.definitions
            .retain(|path, _| Self::name_of(path) != name);
        before - self.definitions.len()
    }

    /// Renames every definition with this name, and every reference to it; returns the number of
    /// definitions.
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> usize {
        let moved = |path: &str| match path.strip_suffix(from) {
            Some(namespace) if namespace.is_empty() || namespace == "v2/" => {
                Some(format!("{namespace}{to}"))
            }
            _ => None,
        };
        let mut renamed = 0;
        let definitions = std::mem::take(&mut self.definitions);
        for (path, mut json) in definitions {
            rename_references(&mut json, &moved);
            let target = moved(&path);
            renamed += usize::from(target.is_some());
            self.definitions.insert(target.unwrap_or(path), json);
        }
        renamed
    }
}

fn rename_references(json: &mut Value, moved: &dyn Fn(&str) -> Option<String>) {
    match json {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| rename_references(item, moved)),
        Value::Object(members) => {
            for (keyword, value) in members {
                match value {
                    Value::String(target) if keyword == "$ref" => {
                        for section in SECTIONS {
                            let prefix = format!("#/{section}/");
                            let path = target.strip_prefix(&prefix).and_then(moved);
                            if let Some(path) = path {
                                *target = format!("{prefix}{path}");
                                break;
                            }
                        }
                    }
                    other => rename_references(other, moved),
                }
            }
        }
        _ => {}
    }
}

fn take_members(json: &mut Value) -> Map<String, Value> {
    json.as_object_mut().map(std::mem::take).unwrap_or_default()
}

/// The key of a document's definitions; the rest of its root is irrelevant.
fn section(document: &str, json: &Value) -> Result<&'static str, Error> {
    let refuse = |pointer: &str, problem: String| {
        Err(Error::schema(format!("{document}#{pointer}"), problem))
    };
    let no_definitions = || {
        let problem = "missing object; is it what `generate-json-schema` dumps?";
        refuse("/definitions", problem.to_owned())
    };
    let Some(root) = json.as_object() else {
        return no_definitions();
    };
    for (keyword, value) in root {
        let is_known = match keyword.as_str() {
            "$schema" | "title" | "description" => true,
            "type" => value == "object",
            other => SECTIONS.contains(&other),
        };
        if !is_known {
            let problem = format!(
                "unsupported `{keyword}: {value}` beside the definitions; \
                 support it in codegen/src/documents.rs"
            );
            return refuse(&format!("/{}", step(keyword)), problem);
        }
    }
    let is_object = |section: &&str| root.get(*section).is_some_and(Value::is_object);
    let mut found = SECTIONS.into_iter().filter(is_object);
    match (found.next(), found.next()) {
        (Some(section), None) => Ok(section),
        (Some(_), Some(_)) => refuse(
            "/$defs",
            "both `definitions` and `$defs`; dump the schema again".to_owned(),
        ),
        (None, _) => no_definitions(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(json: &Value) -> Document {
        Document::read("dump.json", &json.to_string()).unwrap()
    }

    #[test]
    fn a_renamed_definition_takes_its_references_along() {
        let dump = json!({ "$defs": {
            "A": { "$ref": "#/$defs/v2/B" },
            "v2": { "B": { "items": { "$ref": "#/$defs/v2/B" } }, "Bee": {} },
        } });
        let mut document = document(&dump);
        assert_eq!(document.rename("B", "C"), 1);
        let paths: Vec<_> = document.definitions.keys().map(String::as_str).collect();
        assert_eq!(paths, ["A", "v2/Bee", "v2/C"]);
        assert_eq!(document.definitions["A"]["$ref"], "#/$defs/v2/C");
        assert_eq!(
            document.definitions["v2/C"]["items"]["$ref"],
            "#/$defs/v2/C"
        );
        assert_eq!(document.pointer("v2/C"), "dump.json#/$defs/v2/C");
    }

    #[test]
    fn definitions_are_removed_from_both_namespaces() {
        let mut document = document(&json!({ "definitions": { "A": {}, "v2": { "A": {} } } }));
        assert_eq!(document.remove("A"), 2);
        assert_eq!(document.remove("A"), 0);
    }
}
