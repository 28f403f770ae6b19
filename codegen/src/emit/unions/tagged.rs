//! Unions of objects that are distinguished by a tag.

use proc_macro2::TokenStream;
use quote::quote;

use crate::Error;
use crate::emit::declarations::open_enum;
use crate::emit::documentation::{docs, wire_text};
use crate::emit::tokens::{ident, name, value_type};
use crate::ir::{Definition, Field, Presence, Tagged, TaggedVariant, Type};
use crate::passes::names::accessor_name;
use crate::render::Source;

pub(in crate::emit) fn emit(
    definition: &Definition,
    union: &Tagged,
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    let unrecognized = quote! {
        /// A variant that is unknown to this version of the crate.
        Unrecognized(UnrecognizedVariant)
    };
    let variants = union.variants.iter().map(variant);
    let declaration = open_enum(definition, variants, &unrecognized);
    let accessors = accessors(definition, union);
    source.items(file, quote!(#declaration #accessors))?;
    let rows: Vec<_> = union
        .variants
        .iter()
        .enumerate()
        .map(|(index, v)| format!("{index} {}({}) = {:?},", v.rust.0, v.payload, v.wire.0))
        .collect();
    let head = format!("{}, {:?};", definition.name, union.tag.0);
    source.table("__tagged_union", &head, &rows);
    Ok(())
}

fn variant(variant: &TaggedVariant) -> TokenStream {
    let docs = docs(&wire_text(&variant.wire.0, variant.docs.as_deref()));
    let rust = name(&variant.rust);
    let payload = ident(&variant.payload);
    if variant.boxed {
        quote!(#docs #rust(Box<#payload>))
    } else {
        quote!(#docs #rust(#payload))
    }
}

/// Accessors for the fields that every variant has.
fn accessors(definition: &Definition, union: &Tagged) -> TokenStream {
    if union.common.is_empty() {
        return quote!();
    }
    let type_name = ident(&definition.name);
    let accessors = union.common.iter().map(|field| accessor(union, field));
    quote!(impl #type_name { #(#accessors)* })
}

fn accessor(union: &Tagged, field: &Field) -> TokenStream {
    let rust = ident(&accessor_name(&field.rust.0));
    let variants = union.variants.iter().map(|variant| name(&variant.rust));
    let has = match field.presence {
        Presence::Required => "has",
        _ => "may have",
    };
    let wire = &field.wire.0;
    let docs = docs(&format!(
        "Returns `{wire}`, which every known variant {has}."
    ));
    let Access {
        result,
        known,
        unknown,
    } = access(field);
    quote! {
        #docs
        #[inline]
        pub fn #rust(&self) -> Option<#result> {
            match self {
                #(Self::#variants(variant) => #known,)*
                Self::Unrecognized(variant) => #unknown,
            }
        }
    }
}

/// The code of an accessor.
struct Access {
    /// The return type.
    result: TokenStream,
    /// The expression for a known variant.
    known: TokenStream,
    /// The expression for an unknown variant.
    unknown: TokenStream,
}

fn access(field: &Field) -> Access {
    let rust = name(&field.rust);
    let wire = &field.wire.0;
    match &field.value {
        Type::Integer(_) => Access {
            result: value_type(&field.value),
            known: if field.presence == Presence::Required {
                quote!(Some(variant.#rust))
            } else {
                quote!(variant.#rust)
            },
            unknown: quote!(variant.integer(#wire)?.try_into().ok()),
        },
        _ => Access {
            result: quote!(&str),
            known: quote!(Some(&variant.#rust)),
            unknown: quote!(variant.text(#wire)),
        },
    }
}
