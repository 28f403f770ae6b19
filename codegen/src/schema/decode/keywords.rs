//! The keywords of one schema object, each read with its expected type.
//!
//! Has the list of known keywords and rejects all others; their combined meaning is up to the
//! parent.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::Error;
use crate::schema::is_hazardous;

/// Keywords without information that the generator needs: titles are unusable as names, `minimum`
/// is implied by unsigned formats, `writeOnly` is noise.
const IGNORED: &[&str] = &["$schema", "title", "minimum", "maximum"];

/// Keywords that may stand beside every shape.
const ANYWHERE: &[&str] = &["description", "default", "deprecated", "writeOnly"];

const KNOWN: &[&str] = &[
    "type",
    "properties",
    "required",
    "items",
    "enum",
    "const",
    "$ref",
    "anyOf",
    "oneOf",
    "allOf",
    "format",
    "additionalProperties",
    "minLength",
];

pub(super) fn problem_at(pointer: &str, problem: impl std::fmt::Display) -> Error {
    let problem = format!(
        "{problem}; support it in codegen/src/schema/decode.rs, \
         or correct the dump in codegen/src/fixups.rs"
    );
    Error::schema(pointer, problem)
}

/// A schema object and its position.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) keywords: &'a Map<String, Value>,
    pub(super) pointer: &'a str,
    /// Collects problems further down.
    pub(super) problems: &'a RefCell<Vec<Error>>,
}

/// A step of a JSON pointer, with its two special characters escaped.
pub(crate) fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Returns whether a name on the wire can be used in source text: without invisible characters and
/// those that change the direction of text.
fn is_printable(name: &str) -> bool {
    !name.chars().any(is_hazardous)
}

impl<'a> Node<'a> {
    pub(super) fn refuse_unknown_keywords(self) -> Result<(), Error> {
        for keyword in self.keywords.keys().map(String::as_str) {
            let known = [KNOWN, IGNORED, ANYWHERE];
            if !known.iter().any(|list| list.contains(&keyword)) {
                return Err(self.problem(format!("unsupported keyword `{keyword}`")));
            }
        }
        Ok(())
    }

    pub(super) fn required(self) -> Result<BTreeSet<&'a str>, Error> {
        let names = self.array("required")?.unwrap_or_default();
        names
            .iter()
            .map(|name| name.as_str())
            .collect::<Option<_>>()
            .ok_or_else(|| self.problem("`required` must hold strings"))
    }

    /// Rejects a name on the wire that source text cannot show.
    pub(super) fn printable(self, name: &str) -> Result<(), Error> {
        if is_printable(name) {
            return Ok(());
        }
        Err(self.problem(format!(
            "the name {name:?} has invisible characters or ones that change the direction of text"
        )))
    }

    /// The type names without `null`, and `true` if `null` was among them.
    pub(super) fn type_names(self) -> Result<(Vec<&'a str>, bool), Error> {
        let names: Option<Vec<&str>> = match self.keywords.get("type") {
            None => Some(Vec::new()),
            Some(Value::String(name)) => Some(vec![name]),
            Some(Value::Array(names)) => names.iter().map(Value::as_str).collect(),
            Some(_) => None,
        };
        let mut names = names.ok_or_else(|| self.problem("`type` must be a string or strings"))?;
        let before = names.len();
        names.retain(|name| *name != "null");
        let nullable = names.len() != before;
        Ok((names, nullable))
    }

    pub(super) fn reference_name(self, target: &str) -> Result<String, Error> {
        let name = target.strip_prefix("#/definitions/");
        name.or_else(|| target.strip_prefix("#/$defs/"))
            .map(|name| name.strip_prefix("v2/").unwrap_or(name))
            .filter(|name| !name.contains('/'))
            .map(str::to_owned)
            .ok_or_else(|| self.problem(format!("unsupported reference `{target}`")))
    }

    /// Rejects known keywords that this combination would ignore.
    pub(super) fn only(self, allowed: &[&str]) -> Result<(), Error> {
        let stray = self.keywords.keys().map(String::as_str).find(|keyword| {
            !allowed.contains(keyword) && !IGNORED.contains(keyword) && !ANYWHERE.contains(keyword)
        });
        match stray {
            Some(keyword) => Err(self.problem(format!(
                "unsupported keyword `{keyword}` where only {allowed:?} are expected"
            ))),
            None => Ok(()),
        }
    }

    pub(super) fn string(self, keyword: &str) -> Result<Option<&'a str>, Error> {
        match self.keywords.get(keyword) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.problem(format!("`{keyword}` must be a string"))),
        }
    }

    pub(super) fn flag(self, keyword: &str) -> Result<bool, Error> {
        match self.keywords.get(keyword) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.problem(format!("`{keyword}` must be `true` or `false`"))),
        }
    }

    pub(super) fn array(self, keyword: &str) -> Result<Option<&'a [Value]>, Error> {
        match self.keywords.get(keyword) {
            None => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values)),
            Some(_) => Err(self.problem(format!("`{keyword}` must be an array"))),
        }
    }

    pub(super) fn below(self, step: &str) -> String {
        format!("{}/{step}", self.pointer)
    }

    pub(super) fn problem(self, problem: impl std::fmt::Display) -> Error {
        problem_at(self.pointer, problem)
    }
}
