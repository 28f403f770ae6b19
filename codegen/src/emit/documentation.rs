//! Documentation as attributes: texts, search aliases, deprecation.
//!
//! The texts themselves are written by `docs`.

use proc_macro2::TokenStream;
use quote::quote;

pub(super) use crate::docs::with_history;
use crate::ir::{Definition, Field};

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

/// The documentation of a type.
pub(super) fn definition_docs(definition: &Definition) -> TokenStream {
    let text = docs(definition.docs.as_deref().unwrap_or_default());
    let aliases = aliases(&definition.aliases);
    let deprecated = deprecated(definition.deprecated.as_deref());
    quote!(#text #aliases #deprecated)
}

/// The search aliases of an item.
pub(super) fn aliases(words: &[String]) -> TokenStream {
    quote!(#(#[doc(alias = #words)])*)
}

/// The documentation of a field, with its wire name as an alias.
pub(super) fn field_docs(field: &Field) -> TokenStream {
    let text = docs(field.docs.as_deref().unwrap_or_default());
    let (wire, rust) = (field.wire.0.as_str(), field.rust.0.as_str());
    let alias = (wire != rust && can_be_alias(wire)).then(|| quote!(#[doc(alias = #wire)]));
    let deprecated = deprecated(field.deprecated.as_deref());
    quote!(#text #alias #deprecated)
}

/// Returns whether rustdoc accepts a name as an alias.
fn can_be_alias(name: &str) -> bool {
    let is_refused = |c: char| c == '"' || c == '\'' || (c.is_whitespace() && c != ' ');
    !name.is_empty() && name.trim() == name && !name.contains(is_refused)
}

/// The `deprecated` attribute.
pub(super) fn deprecated(note: Option<&str>) -> TokenStream {
    match note {
        Some(note) => quote!(#[deprecated = #note]),
        None => quote!(),
    }
}

/// The text of an item with a name on the wire.
pub(super) fn wire_text(wire: &str, text: Option<&str>) -> String {
    match text {
        Some(text) => format!("`{wire}`: {text}"),
        None => format!("`{wire}`"),
    }
}

/// The first paragraph of a text.
pub(super) fn summary(text: &str) -> &str {
    text.split("\n\n").next().unwrap_or_default()
}
