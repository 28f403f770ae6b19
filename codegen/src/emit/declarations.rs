//! The common parts of type declarations.

use proc_macro2::TokenStream;
use quote::quote;

use super::documentation::definition_docs;
use super::tokens::ident;
use crate::ir::{Definition, Kind};

/// The derives of a type, except the traits that its table or [`markers`] implements.
///
/// Never `Eq`, whose derive generates an uncalled function per type; of structs neither
/// `PartialEq`, whose derive copies the comparison of texts into every struct.
pub(super) fn derives(definition: &Definition) -> TokenStream {
    let is_struct = matches!(definition.kind, Kind::Struct(_));
    let derives = definition
        .derives
        .iter()
        .filter(|derive| **derive != "Eq" && !(is_struct && **derive == "PartialEq"))
        .map(|derive| ident(derive));
    quote!(#[derive(#(#derives),*)])
}

/// The traits of an enum or a newtype that have no functions.
pub(super) fn markers(definition: &Definition) -> TokenStream {
    if !definition.derives.contains(&"Eq") {
        return quote!();
    }
    let type_name = ident(&definition.name);
    quote!(impl Eq for #type_name {})
}

/// An enum with its known variants, and the variant that keeps everything else.
pub(super) fn open_enum(
    definition: &Definition,
    known: impl Iterator<Item = TokenStream>,
    unrecognized: &TokenStream,
) -> TokenStream {
    let type_name = ident(&definition.name);
    let docs = definition_docs(definition);
    let derives = derives(definition);
    let markers = markers(definition);
    quote! {
        #docs
        #derives
        #[non_exhaustive]
        pub enum #type_name {
            #(#known,)*
            #unrecognized,
        }

        #markers
    }
}
