//! Stage 2: names that differ from TypeScript by case alone follow TypeScript.
//!
//! The schema's writer ignores serde's `rename_all_fields`, so the JSON schema has `turn_id` where
//! the wire and TypeScript have `turnId`. A name is replaced only if TypeScript lacks it and has
//! exactly one other spelling at the same place; all other differences are left to
//! [`crate::crosscheck`]. After the comparison, [`spell`] gives acronyms in the names of definitions
//! the spelling that they have in all other names.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::Bundle;
use crate::crosscheck::{Alternative, Properties, alternatives};
use crate::names::with_acronyms_as_words;
use crate::schema::{EnumValue, Property, Schema, Shape};
use crate::typescript::TypeScript;

type Definitions = BTreeMap<String, Schema>;

/// Corrects the names in both dumps.
pub(crate) fn follow(bundle: &mut Bundle, typescript: &TypeScript) {
    for definitions in [&mut bundle.definitions, &mut bundle.stable] {
        rename_definitions(definitions, typescript);
        for (name, schema) in definitions.iter_mut() {
            if let Some(other) = typescript.schemas().get(name) {
                value(schema, other, typescript.schemas());
            }
        }
    }
}

/// Spells the acronyms of definitions as in the names of methods and fields: `GatewayOAuthStatus` and
/// `McpServerOauthLogin` would be two styles in Rust. Names on the wire are not affected.
pub(crate) fn spell(bundle: &mut Bundle, typescript: Option<&mut TypeScript>) {
    let mut renamed = BTreeMap::new();
    for name in bundle.definitions.keys() {
        let spelled = with_acronyms_as_words(name);
        if spelled != *name && !bundle.definitions.contains_key(&spelled) {
            renamed.insert(name.clone(), spelled);
        }
    }
    rename_all(&mut bundle.definitions, &renamed);
    rename_all(&mut bundle.stable, &renamed);
    for (from, to) in &renamed {
        if bundle.nullable.remove(from) {
            bundle.nullable.insert(to.clone());
        }
    }
    let left_out = std::mem::take(&mut bundle.left_out).into_iter();
    let left_out = left_out.map(|(name, reason)| (with_acronyms_as_words(&name), reason));
    bundle.left_out = left_out.collect();
    if let Some(typescript) = typescript {
        typescript.rename(&renamed);
    }
}

/// The common form of all spellings of a name.
fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-'));
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// The one other spelling among `names`, if `name` is not among them itself.
fn other_spelling<'a>(
    name: &str,
    mut names: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    if names.clone().any(|other| other == name) {
        return None;
    }
    let folded_name = folded(name);
    let first = names.find(|other| folded(other) == folded_name)?;
    let is_only = names.all(|other| other == first || folded(other) != folded_name);
    is_only.then_some(first)
}

fn rename_definitions(definitions: &mut Definitions, typescript: &TypeScript) {
    let mut renamed = BTreeMap::new();
    for name in definitions.keys() {
        if !typescript.schemas().contains_key(name) {
            let types = typescript.schemas().keys().map(String::as_str);
            let target = other_spelling(name, types);
            let free = target.filter(|target| !definitions.contains_key(*target));
            renamed.extend(free.map(|target| (name.clone(), target.to_owned())));
        }
    }
    rename_all(definitions, &renamed);
}

fn rename_all(definitions: &mut Definitions, renamed: &BTreeMap<String, String>) {
    if renamed.is_empty() {
        return;
    }
    for (from, to) in renamed {
        if let Some(schema) = definitions.remove(from) {
            definitions.insert(to.clone(), schema);
        }
    }
    for schema in definitions.values_mut() {
        rename_references(schema, renamed);
    }
}

fn rename_references(schema: &mut Schema, renamed: &BTreeMap<String, String>) {
    if let Shape::Reference(name) = &mut schema.shape {
        if let Some(target) = renamed.get(name) {
            target.clone_into(name);
        }
    }
    schema.for_each_child_mut(&mut |child| rename_references(child, renamed));
}

/// Corrects the names in a schema that TypeScript has as `other`.
fn value(schema: &mut Schema, other: &Schema, typescript: &Definitions) {
    if !matches!(schema.shape, Shape::Reference(_)) {
        one_of(schema, &alternatives(typescript, other), typescript);
    }
}

fn one_of(schema: &mut Schema, others: &[Alternative<'_>], typescript: &Definitions) {
    match &mut schema.shape {
        Shape::Array(items) => {
            let elements = others.iter().find_map(|other| match other {
                Alternative::Other(schema) => schema.as_items(),
                _ => None,
            });
            if let Some(elements) = elements {
                value(items, elements, typescript);
            }
        }
        Shape::Map(values) => {
            let entries = others.iter().find_map(|other| match other {
                Alternative::Map(entries) => Some(*entries),
                _ => None,
            });
            if let Some(entries) = entries {
                value(values, entries, typescript);
            }
        }
        Shape::Enumeration(values) => literals(values, others),
        Shape::Object(object) => members(&mut object.properties, others, typescript),
        Shape::Union(union) => {
            members(&mut union.common, others, typescript);
            for branch in &mut union.branches {
                one_of(branch, others, typescript);
            }
        }
        Shape::Any
        | Shape::Null
        | Shape::Reference(_)
        | Shape::Boolean
        | Shape::Integer(_)
        | Shape::Number
        | Shape::String { .. } => {}
    }
}

fn literals(values: &mut [EnumValue], others: &[Alternative<'_>]) {
    for value in values {
        let literals = others.iter().filter_map(|other| match other {
            Alternative::Literal(text) => Some(*text),
            _ => None,
        });
        if let Some(spelling) = other_spelling(&value.value, literals) {
            spelling.clone_into(&mut value.value);
        }
    }
}

fn members(
    properties: &mut BTreeMap<String, Property>,
    others: &[Alternative<'_>],
    typescript: &Definitions,
) {
    let objects = partners(properties, others);
    let names: BTreeSet<String> = properties.keys().cloned().collect();
    for (name, mut property) in std::mem::take(properties) {
        let is_known = objects.iter().any(|it| it.contains_key(name.as_str()));
        let fields = objects.iter().flat_map(|it| it.keys().copied());
        let spelling = (!is_known).then(|| other_spelling(&name, fields)).flatten();
        let spelling = spelling.filter(|other| !names.contains(*other));
        let name = spelling.map_or(name, str::to_owned);
        let field = objects.iter().find_map(|it| it.get(name.as_str()));
        if let Some(field) = field {
            value(&mut property.schema, &field.schema, typescript);
        }
        properties.insert(name, property);
    }
}

/// The objects of TypeScript with the same constants, or all if none has them.
fn partners<'f, 'a>(
    properties: &BTreeMap<String, Property>,
    others: &'f [Alternative<'a>],
) -> Vec<&'f Properties<'a>> {
    let constant = |(name, property): (&str, &Property)| {
        let tag = property.schema.as_single_value()?;
        property.required.then(|| (folded(name), folded(tag)))
    };
    let own = properties.iter().map(|(name, it)| (name.as_str(), it));
    let tags: Vec<(String, String)> = own.filter_map(constant).collect();
    let objects = others.iter().filter_map(|other| match other {
        Alternative::Object { properties, .. } => Some(properties),
        _ => None,
    });
    let objects: Vec<_> = objects.collect();
    let has_tags = |other: &&&Properties<'a>| {
        let constants = other.iter().map(|(name, it)| (*name, *it));
        let constants: Vec<_> = constants.filter_map(constant).collect();
        tags.iter().all(|tag| constants.contains(tag))
    };
    let tagged: Vec<_> = objects.iter().filter(has_tags).copied().collect();
    if tagged.is_empty() { objects } else { tagged }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crosscheck;
    use crate::typescript::testing;

    #[test]
    fn snake_case_of_the_dump_follows_typescript() {
        let mut bundle = testing::bundle();
        let typescript = testing::typescript();
        assert!(!crosscheck::check(&bundle, &typescript).problems.is_empty());
        follow(&mut bundle, &typescript);
        let problems = crosscheck::check(&bundle, &typescript).problems;
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn acronyms_of_definitions_are_words() {
        let (mut bundle, mut typescript) = (testing::bundle(), testing::typescript());
        follow(&mut bundle, &typescript);
        spell(&mut bundle, Some(&mut typescript));
        let has = |name: &str| bundle.definitions.keys().any(|it| it.contains(name));
        assert!(has("GatewayOauthStatus") && has("McpServerOauthLogin") && !has("OAuth"));
        let users = bundle.definitions["GatewayOauthReadResponse"].references();
        assert!(users.contains(&"GatewayOauthStatus"));
        assert!(bundle.stable.keys().all(|name| !name.contains("OAuth")));
        assert!(
            typescript
                .schemas()
                .contains_key("GatewayOauthReadResponse")
        );
        let checked = crosscheck::check(&bundle, &typescript);
        assert!(checked.problems.is_empty(), "{:?}", checked.problems);
    }

    #[test]
    fn only_one_other_spelling_is_followed() {
        let find = |name, names: &[&'static str]| other_spelling(name, names.iter().copied());
        assert_eq!(find("turn_id", &["turnId", "id"]), Some("turnId"));
        assert_eq!(find("turnId", &["turnId"]), None);
        assert_eq!(find("turn_id", &["turnId", "turn_id"]), None);
        assert_eq!(find("turn_id", &["turnID", "turnId"]), None);
        assert_eq!(find("turn", &["turnId"]), None);
    }

    #[test]
    fn definitions_follow_with_their_references() {
        let mut bundle = testing::bundle();
        let thread = bundle.definitions.remove("Thread").unwrap();
        bundle.definitions.insert("THREAD".to_owned(), thread);
        for schema in bundle.definitions.values_mut() {
            let to = BTreeMap::from([("Thread".to_owned(), "THREAD".to_owned())]);
            rename_references(schema, &to);
        }
        follow(&mut bundle, &testing::typescript());
        assert!(bundle.definitions.contains_key("Thread"));
        let users = bundle.definitions["ThreadStartResponse"].references();
        assert!(users.contains(&"Thread") && !users.contains(&"THREAD"));
    }
}
