//! Unions that are distinguished by the kind of JSON, or by the keys of an object.

use proc_macro2::TokenStream;
use quote::quote;

use super::{conversions, unrecognized_value};
use crate::Error;
use crate::emit::declarations::open_enum;
use crate::emit::documentation::docs;
use crate::emit::tokens::{ident, name, value_type};
use crate::ir::{Alternative, Definition, Matcher, Model};
use crate::render::Source;

pub(in crate::emit) fn emit(
    model: &Model,
    definition: &Definition,
    alternatives: &[Alternative],
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    let variants = alternatives.iter().map(variant);
    let declaration = open_enum(definition, variants, &unrecognized_value());
    let payloads = alternatives.iter().map(|a| (&a.rust.0, &a.payload));
    let conversions = conversions(model, definition, payloads);
    let shapes = shapes(definition, alternatives);
    source.items(file, quote!(#declaration #conversions #shapes))?;
    let rows: Vec<_> = alternatives
        .iter()
        .enumerate()
        .map(|(index, alternative)| format!("{index} {},", alternative.rust.0))
        .collect();
    source.table("__untagged_union", &format!("{};", definition.name), &rows);
    Ok(())
}

fn variant(alternative: &Alternative) -> TokenStream {
    let docs = docs(&format!("{}.", matcher_text(&alternative.matcher)));
    let rust = name(&alternative.rust);
    let payload = value_type(&alternative.payload);
    quote!(#docs #rust(#payload))
}

fn shapes(definition: &Definition, alternatives: &[Alternative]) -> TokenStream {
    let type_name = ident(&definition.name);
    let matchers = alternatives.iter().map(|a| matcher_tokens(&a.matcher));
    quote! {
        impl #type_name {
            const SHAPES: &'static [Shape] = &[#(#matchers),*];
        }
    }
}

fn matcher_text(matcher: &Matcher) -> String {
    match matcher {
        Matcher::Any => "Anything".to_owned(),
        Matcher::String => "A string".to_owned(),
        Matcher::Strings(_) => "A string out of a list".to_owned(),
        Matcher::Integer => "A whole number".to_owned(),
        Matcher::Number => "A number".to_owned(),
        Matcher::Boolean => "A boolean".to_owned(),
        Matcher::List => "A list".to_owned(),
        Matcher::Object(keys) if keys.is_empty() => "An object".to_owned(),
        Matcher::Object(keys) => {
            let keys: Vec<_> = keys.iter().map(|(key, _)| format!("`{key}`")).collect();
            format!("An object with {}", keys.join(" and "))
        }
        Matcher::OneOf(_) => "An object of one of several shapes".to_owned(),
    }
}

fn matcher_tokens(matcher: &Matcher) -> TokenStream {
    match matcher {
        Matcher::Any => quote!(Shape::Any),
        Matcher::String => quote!(Shape::String),
        Matcher::Strings(values) => quote!(Shape::Strings(&[#(#values),*])),
        Matcher::Integer => quote!(Shape::Integer),
        Matcher::Number => quote!(Shape::Number),
        Matcher::Boolean => quote!(Shape::Boolean),
        Matcher::List => quote!(Shape::List),
        Matcher::Object(keys) => {
            let names = keys.iter().map(|(key, _)| key);
            let shapes = keys.iter().map(|(_, shape)| matcher_tokens(shape));
            quote!(Shape::Object(&[#((#names, #shapes)),*]))
        }
        Matcher::OneOf(shapes) => {
            let shapes = shapes.iter().map(matcher_tokens);
            quote!(Shape::OneOf(&[#(#shapes),*]))
        }
    }
}
