//! Types, names and documentation as tokens.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::ir::{Definition, Field, Kind, Presence, RustName, Type};
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
        Type::Map(inner) => {
            let inner = value_type(inner);
            quote!(BTreeMap<String, #inner>)
        }
        Type::Nullable(inner) => {
            let inner = value_type(inner);
            quote!(Option<#inner>)
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

/// The type of an argument that becomes a value: whatever converts into it,
/// unless literals would then have no type.
pub(super) fn argument_type(value: &Type) -> TokenStream {
    let plain = value_type(value);
    match value {
        Type::Boolean | Type::Integer(_) => plain,
        _ => quote!(impl Into<#plain>),
    }
}

/// Turns an argument of [`argument_type`] into the value, if it is not one already.
pub(super) fn conversion(value: &Type, argument: &Ident) -> Option<TokenStream> {
    match value {
        Type::Boolean | Type::Integer(_) => None,
        _ => Some(quote!(#argument.into())),
    }
}

/// `#[doc]` attributes, one per line.
pub(super) fn docs(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| {
        let line = if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        };
        quote!(#[doc = #line])
    });
    quote!(#(#lines)*)
}

/// The documentation of a type: the dump's words, or where it belongs, and the stability.
pub(super) fn definition_docs(definition: &Definition) -> TokenStream {
    let mut text = definition
        .docs
        .clone()
        .unwrap_or_else(|| belongs_to(definition));
    if definition.experimental {
        text.push_str("\n\nOnly in the experimental schema.");
    }
    docs(&text)
}

/// Stands in for the words that the dump does not have.
fn belongs_to(definition: &Definition) -> String {
    if let Some((union, variant)) = &definition.variant_of {
        return format!("The variant `{variant}` of [`{union}`].");
    }
    match definition.origin.split_once(" (") {
        Some((owner, _)) => format!("A part of [`{owner}`]."),
        None => format!("`{}` of the protocol.", definition.origin),
    }
}

/// The documentation of a field.
pub(super) fn field_docs(field: &Field) -> TokenStream {
    let mut text = match &field.docs {
        Some(text) => text.clone(),
        None => format!("`{}` on the wire.", field.wire.0),
    };
    if field.experimental {
        text.push_str("\n\nOnly in the experimental schema.");
    }
    docs(&text)
}

/// The derives of a type, but for what its table or [`markers`] implements.
///
/// Never `Eq`, whose derive makes a function per type that nobody calls; of structs neither
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

/// The traits of an enum that have no functions.
pub(super) fn markers(definition: &Definition) -> TokenStream {
    if !definition.derives.contains(&"Eq") {
        return quote!();
    }
    let type_name = ident(&definition.name);
    quote!(impl Eq for #type_name {})
}
