//! Small functions that each use one item of the API. Compiling them shows which items a change
//! breaks, which verifies the verdict.

use std::collections::BTreeMap;

use super::api::{self, Usage};
use crate::inventory::Inventory;

/// A use of one item of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Probe {
    /// The path of the item.
    pub path: String,
    /// Its signature.
    pub signature: String,
    /// A function on one line that compiles only as long as the item has the signature.
    pub code: String,
}

/// The imports that the probes need.
pub const PRELUDE: &str = "\
#![allow(unused, deprecated)]
use std::collections::BTreeMap;
use codex_types::*;
use serde_json::{Number, Value};
";

/// A probe for every item of the models' API; the client's items have none.
pub fn probes(inventory: &Inventory) -> Vec<Probe> {
    let api = api::of(inventory);
    let probes = api.iter().enumerate().filter_map(|(index, (path, item))| {
        let code = function(&item.usage)?;
        Some(Probe {
            path: path.clone(),
            signature: item.signature.clone(),
            code: format!("pub fn probe_{index}{code}"),
        })
    });
    probes.collect()
}

/// The paths of the API that the new inventory lacks or has with another signature.
pub fn broken(old: &Inventory, new: &Inventory) -> BTreeMap<String, String> {
    let (before, after) = (api::of(old), api::of(new));
    let models = before
        .into_iter()
        .filter(|(_, item)| item.usage != Usage::Client);
    let broken = models.filter(|(path, item)| {
        let same = |other: &api::ApiItem| other.signature == item.signature;
        !after.get(path).is_some_and(same)
    });
    broken.map(|(path, item)| (path, item.place)).collect()
}

fn function(usage: &Usage) -> Option<String> {
    Some(match usage {
        // A type is used by the probes of its members.
        Usage::Type | Usage::Client => return None,
        Usage::Trait(owner, name) => format!(
            "() {{ fn is<T: {}>() {{}} is::<{owner}>(); }}",
            trait_path(name)
        ),
        Usage::Field(owner, field, declared) => {
            format!("(it: {owner}) -> {declared} {{ it.{field} }}")
        }
        Usage::New(owner, arguments) => {
            let (parameters, names) = parameters(arguments);
            format!("({parameters}) -> {owner} {{ {owner}::new({names}) }}")
        }
        Usage::Setter(owner, setter, arguments) => {
            let (parameters, names) = parameters(arguments);
            format!("(it: {owner}, {parameters}) -> {owner} {{ it.{setter}({names}) }}")
        }
        Usage::Getter(owner, getter, result) => {
            format!("(it: &{owner}) -> {result} {{ it.{getter}() }}")
        }
        Usage::Variant(owner, variant, Some(payload)) => format!(
            "(it: {owner}) -> Option<{payload}> {{ match it {{ {owner}::{variant}(it) => Some(it), _ => None }} }}"
        ),
        Usage::Variant(owner, variant, None) => {
            format!("(it: &{owner}) -> bool {{ matches!(it, {owner}::{variant}) }}")
        }
        Usage::From(owner, value) => format!("(it: {value}) -> {owner} {{ {owner}::from(it) }}"),
        Usage::Marker(path, params, Some(response)) => format!(
            "() {{ fn is<M: Method<Params = {params}, Response = {response}>>() {{}} is::<{path}>(); }}"
        ),
        Usage::Marker(path, params, None) => format!(
            "() {{ fn is<M: NotificationMethod<Params = {params}>>() {{}} is::<{path}>(); }}"
        ),
    })
}

fn trait_path(name: &str) -> String {
    match name {
        "Hash" => "std::hash::Hash".to_owned(),
        _ => name.to_owned(),
    }
}

fn parameters(arguments: &[String]) -> (String, String) {
    let named = arguments.iter().enumerate();
    let parameters = named.map(|(index, argument)| format!("a{index}: {argument}"));
    let names = (0..arguments.len()).map(|index| format!("a{index}"));
    (
        parameters.collect::<Vec<_>>().join(", "),
        names.collect::<Vec<_>>().join(", "),
    )
}
