//! typify as a second opinion: it reads the annotated definitions independently, and its structs
//! have the same fields as ours.
//!
//! Objects only: string enumerations, unions and empty fields are where the generator differs on
//! purpose (see ARCHITECTURE.md).

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use schemars::schema::RootSchema;
use serde_json::{Value, json};
use typify::{TypeDetails, TypeSpace, TypeSpaceSettings};

use crate::dump::OUTPUT;
use crate::fixture::GENERATED;

/// The fields of a struct: the name on the wire, and `true` if it is required.
type Fields = BTreeMap<String, bool>;

/// The structs of typify, by their names in lower case: typify spells acronyms in its own way.
fn structs_of_typify(schema: RootSchema) -> BTreeMap<String, Fields> {
    let mut space = TypeSpace::new(&TypeSpaceSettings::default());
    space.add_root_schema(schema).unwrap();
    let wire_names = wire_names(space.to_stream());
    let mut structs = BTreeMap::new();
    for entry in space.iter_types() {
        if let TypeDetails::Struct(details) = entry.details() {
            let wire_names = &wire_names[&entry.name()];
            let fields = details.properties_info();
            let fields = fields.map(|field| (wire_names[field.name].clone(), field.required));
            structs.insert(entry.name().to_lowercase(), fields.collect());
        }
    }
    structs
}

/// The names on the wire of the fields of each struct in typify's code.
fn wire_names(code: TokenStream) -> BTreeMap<String, BTreeMap<String, String>> {
    let file: syn::File = syn::parse2(code).unwrap();
    let structs = file.items.into_iter().filter_map(|item| match item {
        syn::Item::Struct(item) => Some(item),
        _ => None,
    });
    let names = structs.map(|item| {
        let fields = item.fields.iter().filter_map(|field| {
            let name = field.ident.as_ref()?.to_string();
            let wire = renamed(field).unwrap_or_else(|| name.clone());
            Some((name, wire))
        });
        (item.ident.to_string(), fields.collect())
    });
    names.collect()
}

fn renamed(field: &syn::Field) -> Option<String> {
    let mut renamed = None;
    for attribute in field.attrs.iter().filter(|it| it.path().is_ident("serde")) {
        let _ = attribute.parse_nested_meta(|meta| {
            if let Ok(value) = meta.value() {
                let value: syn::Expr = value.parse()?;
                if let (true, syn::Expr::Lit(literal)) = (meta.path.is_ident("rename"), value) {
                    if let syn::Lit::Str(text) = literal.lit {
                        renamed = Some(text.value());
                    }
                }
            }
            Ok(())
        });
    }
    renamed
}

/// The definitions of all models in one document.
fn definitions() -> Value {
    let mut all = serde_json::Map::new();
    for folder in GENERATED {
        let text = OUTPUT.tree.get(&format!("{folder}/definitions.json"));
        let mut document: Value = serde_json::from_str(text.unwrap()).unwrap();
        all.append(document["definitions"].as_object_mut().unwrap());
    }
    json!({ "definitions": all })
}

#[test]
fn typify_takes_the_same_fields_from_every_object() {
    let schema: RootSchema = serde_json::from_value(definitions()).unwrap();
    let mut theirs = structs_of_typify(schema);
    let (mut compared, mut with_fields) = (0, 0);
    let structs = OUTPUT
        .inventory
        .types
        .iter()
        .filter(|entry| entry.kind == "struct");
    for entry in structs {
        let fields = entry.fields.iter();
        let mut ours: Fields = fields
            .map(|field| (field.wire.clone(), field.is_required()))
            .collect();
        ours.extend(entry.tag.iter().map(|(tag, _)| (tag.clone(), true)));
        with_fields += usize::from(!ours.is_empty());
        match theirs.remove(&entry.name.to_lowercase()) {
            Some(theirs) => {
                assert_eq!(theirs, ours, "{}", entry.name);
                compared += usize::from(!ours.is_empty());
            }
            // typify turns an object without fields into a map.
            None => assert!(ours.is_empty(), "{} is no struct to typify", entry.name),
        }
    }
    // typify turns a union into a struct of flattened parts, which no value fits.
    for name in theirs.keys() {
        let ours = OUTPUT.inventory.types.iter().find(|entry| {
            let ours = entry.name.to_lowercase();
            name.strip_prefix(&ours)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("subtype"))
        });
        assert!(
            ours.is_some_and(|entry| entry.kind.ends_with("union")),
            "{name}"
        );
    }
    // Detects a comparison of nothing.
    assert_eq!(compared, with_fields);
    assert!(!theirs.is_empty());
}
