//! Unions of strings and of objects that are told apart by their one key.

use proc_macro2::TokenStream;
use quote::quote;

use super::{conversions, unrecognized_value};
use crate::Error;
use crate::emit::declarations::open_enum;
use crate::emit::documentation::{docs, wire_text};
use crate::emit::enums::string_variant;
use crate::emit::tokens::{name, value_type};
use crate::ir::{Definition, Keyed, KeyedVariant, Type};
use crate::render::Source;

pub(in crate::emit) fn emit(
    definition: &Definition,
    union: &Keyed,
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    let strings = union.strings.iter().map(string_variant);
    let variants = strings.chain(union.keys.iter().map(keyed_variant));
    let declaration = open_enum(definition, variants, &unrecognized_value());
    let payloads = union.keys.iter().map(|key| (&key.rust.0, &key.payload));
    // A text would become the payload of a key although it may be one of the strings.
    let payloads = payloads.filter(|(_, payload)| **payload != Type::String);
    let conversions = conversions(definition, payloads);
    source.items(file, quote!(#declaration #conversions))?;
    source.table(
        "__keyed_union",
        &format!("{};", definition.name),
        &rows(union),
    );
    Ok(())
}

/// A variant that is an object with one key on the wire.
fn keyed_variant(key: &KeyedVariant) -> TokenStream {
    let docs = docs(&wire_text(key.docs.as_deref(), &key.wire.0));
    let rust = name(&key.rust);
    let payload = value_type(&key.payload);
    quote!(#docs #rust(#payload))
}

fn rows(union: &Keyed) -> Vec<String> {
    let mut rows = vec!["strings {".to_owned()];
    for (index, value) in union.strings.iter().enumerate() {
        rows.push(format!(
            "    {index} {} = {:?},",
            value.rust.0, value.wire.0
        ));
    }
    rows.extend(["}".to_owned(), "keys {".to_owned()]);
    for (index, key) in union.keys.iter().enumerate() {
        rows.push(format!("    {index} {} = {:?},", key.rust.0, key.wire.0));
    }
    rows.push("}".to_owned());
    rows
}
