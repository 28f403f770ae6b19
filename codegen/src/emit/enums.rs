//! Types that are a string on the wire, and other names for plain types.

use proc_macro2::TokenStream;
use quote::quote;

use super::declarations::{derives, markers, open_enum};
use super::documentation::{definition_docs, deprecated, docs, wire_text};
use super::tokens::{ident, name, value_type};
use crate::Error;
use crate::ir::{Definition, StringVariant, Type};
use crate::render::Source;

pub(super) fn emit_strings(
    definition: &Definition,
    values: &[StringVariant],
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    let unrecognized = quote! {
        /// A value that is unknown to this version of the crate.
        Unrecognized(String)
    };
    let variants = values.iter().map(string_variant);
    source.items(file, open_enum(definition, variants, &unrecognized))?;
    let rows: Vec<_> = values
        .iter()
        .enumerate()
        .map(|(index, value)| format!("{index} {} = {:?},", value.rust.0, value.wire.0))
        .collect();
    source.table("__string_enum", &format!("{};", definition.name), &rows);
    Ok(())
}

/// The documentation and declaration of a variant that is a string on the wire.
pub(super) fn string_variant(value: &StringVariant) -> TokenStream {
    let docs = docs(&wire_text(&value.wire.0, value.docs.as_deref()));
    let deprecated = deprecated(value.deprecated.as_deref());
    let rust = name(&value.rust);
    quote!(#docs #deprecated #rust)
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
    let debug = definition.secret.then(|| {
        let text = format!("{}([redacted])", definition.name);
        quote! {
            /// Omits the secret.
            impl std::fmt::Debug for #type_name {
                #[inline]
                fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    formatter.write_str(#text)
                }
            }
        }
    });
    source.items(
        file,
        quote!(#docs #derives pub struct #type_name(crate::support::text::SharedText); #markers #debug),
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
