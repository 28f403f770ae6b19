//! Unions of strings and of objects with one key, which distinguishes them.

use proc_macro2::TokenStream;
use quote::quote;

use super::{conversions, unrecognized_value};
use crate::Error;
use crate::emit::declarations::open_enum;
use crate::emit::documentation::{docs, wire_text};
use crate::emit::enums::string_variant;
use crate::emit::tokens::{ident, name, value_type};
use crate::ir::{Definition, Keyed, KeyedVariant, Model, Type};
use crate::render::Source;

pub(in crate::emit) fn emit(
    model: &Model,
    definition: &Definition,
    union: &Keyed,
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    let strings = union.strings.iter().map(string_variant);
    let variants = strings.chain(union.keys.iter().map(keyed_variant));
    let declaration = open_enum(definition, variants, &unrecognized_value());
    let payloads = union.keys.iter().map(|key| (&key.rust.0, &key.payload));
    // A text could be the payload of a key or one of the strings, so it has no `From` impl.
    let payloads = payloads.filter(|(_, payload)| **payload != Type::String);
    let conversions = conversions(model, definition, payloads);
    let debug = debug(definition, union);
    source.items(file, quote!(#declaration #conversions #debug))?;
    source.table(
        "__keyed_union",
        &format!("{};", definition.name),
        &rows(union),
    );
    Ok(())
}

/// `Debug`, derived unless there is a secret.
fn debug(definition: &Definition, union: &Keyed) -> TokenStream {
    if !union.keys.iter().any(|key| key.secret) {
        return quote!();
    }
    let type_name = ident(&definition.name);
    let strings = union.strings.iter().map(|value| {
        let (rust, label) = (name(&value.rust), &value.rust.0);
        quote!(Self::#rust => formatter.write_str(#label),)
    });
    let keys = union.keys.iter().map(|key| {
        let (rust, label) = (name(&key.rust), &key.rust.0);
        if key.secret {
            quote!(Self::#rust(_) => formatter.debug_tuple(#label).field(&Redacted).finish(),)
        } else {
            quote!(Self::#rust(value) => formatter.debug_tuple(#label).field(value).finish(),)
        }
    });
    quote! {
        /// Omits the values of secrets.
        impl std::fmt::Debug for #type_name {
            #[inline]
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    #(#strings)*
                    #(#keys)*
                    Self::Unrecognized(_) => {
                        formatter.debug_tuple("Unrecognized").field(&Redacted).finish()
                    }
                }
            }
        }
    }
}

/// A variant that is an object with one key on the wire.
fn keyed_variant(key: &KeyedVariant) -> TokenStream {
    let docs = docs(&wire_text(&key.wire.0, key.docs.as_deref()));
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
