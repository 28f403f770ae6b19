//! Unions: by tag, by key, or by the kind of JSON.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{ident, value_type};
use crate::ir::{Definition, Model, Type};
use crate::passes::names::resolved;

pub(super) mod keyed;
pub(super) mod payloads;
pub(super) mod tagged;
pub(super) mod untagged;

/// The variant of the unions that keep any JSON.
fn unrecognized_value() -> TokenStream {
    quote! {
        /// A value that is unknown to this version of the crate.
        Unrecognized(Value)
    }
}

/// `From` for every payload type that belongs to one variant only and is not the union itself.
fn conversions<'a>(
    model: &Model,
    definition: &Definition,
    payloads: impl Iterator<Item = (&'a String, &'a Type)>,
) -> TokenStream {
    let payloads: Vec<_> = payloads.collect();
    let own = Type::Named(definition.name.clone());
    let is_alone = |value: &Type| {
        let plain = canonical(model, unboxed(value));
        let alike = payloads
            .iter()
            .filter(|(_, other)| canonical(model, unboxed(other)) == plain);
        alike.count() == 1 && plain != own
    };
    let conversions = payloads
        .iter()
        .filter(|(_, value)| is_alone(value))
        .map(|(rust, value)| {
            let inner = unboxed(value);
            conversion(definition, rust, inner, inner != *value)
        });
    quote!(#(#conversions)*)
}

fn unboxed(value: &Type) -> &Type {
    match value {
        Type::Boxed(inner) => inner,
        other => other,
    }
}

/// The type with all aliases resolved: two names of one type convert alike.
fn canonical(model: &Model, value: &Type) -> Type {
    let within = |inner: &Type| Box::new(canonical(model, inner));
    match resolved(model, value) {
        Type::List(inner) => Type::List(within(inner)),
        Type::Listing(inner) => Type::Listing(within(inner)),
        Type::Map(inner) => Type::Map(within(inner)),
        Type::Nullable(inner) => Type::Nullable(within(inner)),
        Type::Boxed(inner) => Type::Boxed(within(inner)),
        plain => plain.clone(),
    }
}

/// `From` for the payload of a variant; from a borrowed text as well, if it is a text.
fn conversion(definition: &Definition, rust: &str, value: &Type, is_boxed: bool) -> TokenStream {
    let (type_name, rust) = (ident(&definition.name), ident(rust));
    let payload = value_type(value);
    let inside = if is_boxed {
        quote!(Box::new(value))
    } else {
        quote!(value)
    };
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
                Self::#rust(#inside)
            }
        }

        #from_text
    }
}
