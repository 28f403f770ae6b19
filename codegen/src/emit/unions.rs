//! Unions: by tag, by key, or by the kind of JSON.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{ident, value_type};
use crate::ir::{Definition, Type};

pub(super) mod keyed;
pub(super) mod tagged;
pub(super) mod untagged;

/// The variant of the unions that keep any JSON.
fn unrecognized_value() -> TokenStream {
    quote! {
        /// A value that this version of the crate does not know.
        Unrecognized(Value)
    }
}

/// `From` every payload type that belongs to one variant only.
fn conversions<'a>(
    definition: &Definition,
    payloads: impl Iterator<Item = (&'a String, &'a Type)>,
) -> TokenStream {
    let payloads: Vec<_> = payloads.collect();
    let is_alone = |value: &Type| {
        let canonical = |value: &Type| value_type(value).to_string();
        payloads
            .iter()
            .filter(|(_, other)| canonical(other) == canonical(value))
            .count()
            == 1
    };
    let conversions = payloads
        .iter()
        .filter(|(_, value)| is_alone(value))
        .map(|(rust, value)| conversion(definition, rust, value));
    quote!(#(#conversions)*)
}

/// `From` the payload of a variant; from a borrowed text, too, where it is a text.
fn conversion(definition: &Definition, rust: &str, value: &Type) -> TokenStream {
    let (type_name, rust) = (ident(&definition.name), ident(rust));
    let payload = value_type(value);
    let from_text = (*value == Type::String).then(|| {
        quote! {
            impl From<&str> for #type_name {
                #[inline]
                fn from(value: &str) -> Self {
                    Self::#rust(value.to_owned())
                }
            }
        }
    });
    quote! {
        impl From<#payload> for #type_name {
            #[inline]
            fn from(value: #payload) -> Self {
                Self::#rust(value)
            }
        }

        #from_text
    }
}
