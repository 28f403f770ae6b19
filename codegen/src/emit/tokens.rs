//! Names and types as tokens.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::ir::{Field, Presence, RustName, Type};
use crate::schema::IntegerFormat;

pub(super) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

pub(super) fn name(name: &RustName) -> Ident {
    ident(&name.0)
}

/// The type of a value.
pub(super) fn value_type(value: &Type) -> TokenStream {
    match value {
        Type::Any => quote!(Value),
        Type::Boolean => quote!(bool),
        Type::Integer(IntegerFormat::Int32) => quote!(i32),
        Type::Integer(IntegerFormat::Int64) => quote!(i64),
        Type::Integer(IntegerFormat::Uint8) => quote!(u8),
        Type::Integer(IntegerFormat::Uint16) => quote!(u16),
        Type::Integer(IntegerFormat::Uint32) => quote!(u32),
        Type::Integer(IntegerFormat::Uint64) => quote!(u64),
        Type::Number => quote!(Number),
        Type::String => quote!(String),
        Type::Named(name) => {
            let name = ident(name);
            quote!(#name)
        }
        Type::List(inner) => {
            let inner = value_type(inner);
            quote!(Vec<#inner>)
        }
        Type::Listing(inner) => {
            let inner = value_type(inner);
            quote!(List<#inner>)
        }
        Type::Map(inner) => {
            let inner = value_type(inner);
            quote!(BTreeMap<String, #inner>)
        }
        Type::Nullable(inner) => {
            let inner = value_type(inner);
            quote!(Option<#inner>)
        }
        Type::Boxed(inner) => {
            let inner = value_type(inner);
            quote!(Box<#inner>)
        }
    }
}

/// The type of a field, its presence included.
pub(super) fn field_type(field: &Field) -> TokenStream {
    let value = value_type(&field.value);
    match field.presence {
        Presence::Required => value,
        Presence::ThreeState => quote!(Field<#value>),
        _ => quote!(Option<#value>),
    }
}

/// The type of an argument that becomes a value: anything that converts into it, unless literals
/// would then have no type.
pub(super) fn argument_type(value: &Type) -> TokenStream {
    let plain = value_type(value);
    match value {
        Type::Boolean | Type::Integer(_) => plain,
        _ => quote!(impl Into<#plain>),
    }
}

/// Converts an argument of [`argument_type`] into the value, unless it already is one.
pub(super) fn conversion(value: &Type, argument: &Ident) -> Option<TokenStream> {
    match value {
        Type::Boolean | Type::Integer(_) => None,
        _ => Some(quote!(#argument.into())),
    }
}
