//! What is said about the emitted items: the dump's words, or what stands in for them.

use proc_macro2::TokenStream;
use quote::quote;

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
    let words = definition.docs.clone();
    let text = words.unwrap_or_else(|| belongs_to(definition));
    docs(&with_stability(text, definition.experimental))
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
    docs(&field_text(field, field.docs.as_deref()))
}

/// The text about a field, in these words if there are any.
pub(super) fn field_text(field: &Field, words: Option<&str>) -> String {
    with_stability(wire_text(words, &field.wire.0), field.experimental)
}

/// The text about something that has a name on the wire, in these words if there are any.
pub(super) fn wire_text(words: Option<&str>, wire: &str) -> String {
    match words {
        Some(words) => words.to_owned(),
        None => format!("`{wire}` on the wire."),
    }
}

/// The text about a message, with these words if there are any.
pub(super) fn method_text(method: &str, words: Option<&str>) -> String {
    match words {
        Some(words) => format!("`{method}`: {words}"),
        None => format!("`{method}`."),
    }
}

/// A text, and that the stable schema lacks what it is about.
pub(super) fn with_stability(mut text: String, experimental: bool) -> String {
    if experimental {
        text.push_str("\n\nOnly in the experimental schema.");
    }
    text
}
