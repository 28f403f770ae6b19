//! Types that are a string on the wire, and other names for plain types.

use quote::quote;

use super::tokens::{definition_docs, derives, docs, ident, markers, name, value_type};
use crate::Error;
use crate::ir::{Definition, StringVariant, Type};
use crate::render::Source;

pub(super) fn emit_strings(
    definition: &Definition,
    values: &[StringVariant],
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    let type_name = ident(&definition.name);
    let type_docs = definition_docs(definition);
    let derives = derives(definition);
    let markers = markers(definition);
    let variants = values.iter().map(|value| {
        let docs = variant_docs(value);
        let rust = name(&value.rust);
        quote!(#docs #rust)
    });
    source.items(
        file,
        quote! {
            #type_docs
            #derives
            #[non_exhaustive]
            pub enum #type_name {
                #(#variants,)*
                /// A value that this version of the crate does not know.
                Unrecognized(String),
            }

            #markers
        },
    )?;
    let rows: Vec<_> = values
        .iter()
        .map(|value| format!("{} = {:?},", value.rust.0, value.wire.0))
        .collect();
    source.table("__string_enum", &format!("{};", definition.name), &rows);
    Ok(())
}

/// The documentation of a string variant.
pub(super) fn variant_docs(value: &StringVariant) -> proc_macro2::TokenStream {
    match &value.docs {
        Some(text) => docs(text),
        None => docs(&format!("`{}` on the wire.", value.wire.0)),
    }
}

pub(super) fn emit_newtype(
    definition: &Definition,
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    let type_name = ident(&definition.name);
    let docs = definition_docs(definition);
    let derives = derives(definition);
    let markers = markers(definition);
    source.items(
        file,
        quote!(#docs #derives pub struct #type_name(String); #markers),
    )?;
    source.raw(&format!("crate::__newtype!({});\n\n", definition.name));
    Ok(())
}

pub(super) fn emit_alias(
    definition: &Definition,
    inner: &Type,
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    let type_name = ident(&definition.name);
    let docs = definition_docs(definition);
    let inner = value_type(inner);
    source.items(file, quote!(#docs pub type #type_name = #inner;))
}
