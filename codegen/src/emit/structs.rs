//! Objects with named fields: the struct, its constructor, setters and tables.

use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::declarations::derives;
use super::documentation::{definition_docs, docs, field_docs, summary};
use super::tokens::{argument_type, conversion, field_type, ident, name, value_type};
use crate::Error;
use crate::ir::{Definition, Field, Kind, Model, Presence, Struct, Type};
use crate::render::{Source, doc_lines};
use crate::schema::is_hazardous;

pub(super) fn emit(
    model: &Model,
    definition: &Definition,
    object: &Struct,
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    source.items(file, items(model, definition, object))?;
    setter_table(definition, object, source);
    codec_table(definition, object, source);
    Ok(())
}

fn items(model: &Model, definition: &Definition, object: &Struct) -> TokenStream {
    let structure = structure(definition, object);
    let constructor = constructor(definition, object);
    let defaults = defaults(model, definition, object);
    let debug = debug(definition, object);
    quote!(#structure #constructor #defaults #debug)
}

fn structure(definition: &Definition, object: &Struct) -> TokenStream {
    let type_name = ident(&definition.name);
    let docs = definition_docs(definition);
    let derives = derives(definition);
    let fields = object.fields.iter().map(|field| {
        let docs = field_docs(field);
        let rust = name(&field.rust);
        let field_type = field_type(field);
        quote!(#docs pub #rust: #field_type)
    });
    quote! {
        #docs
        #derives
        #[non_exhaustive]
        pub struct #type_name {
            #(#fields,)*
            extra: Extra,
        }
    }
}

/// `new` with the required fields; optional fields are unset.
fn constructor(definition: &Definition, object: &Struct) -> TokenStream {
    let type_name = ident(&definition.name);
    let required: Vec<&Field> = object.arguments().collect();
    let arguments = required.iter().map(|field| {
        let rust = name(&field.rust);
        let argument = match field.presence {
            Presence::RequiredNullable => {
                let value = value_type(&field.value);
                quote!(impl Into<Option<#value>>)
            }
            _ => argument_type(&field.value),
        };
        quote!(#rust: #argument)
    });
    let values = object.fields.iter().map(|field| {
        let rust = name(&field.rust);
        match field.presence {
            Presence::Required => {
                let value = conversion(&field.value, &rust);
                value.map_or(quote!(#rust), |value| quote!(#rust: #value))
            }
            Presence::RequiredNullable => quote!(#rust: #rust.into()),
            Presence::ThreeState => quote!(#rust: Field::Absent),
            _ => quote!(#rust: None),
        }
    });
    let docs = docs(&constructor_text(&required));
    quote! {
        impl #type_name {
            #docs
            #[inline]
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values,)* extra: Extra::default() }
            }
        }
    }
}

/// The documentation of a constructor, with the described arguments.
fn constructor_text(required: &[&Field]) -> String {
    if required.is_empty() {
        return "Creates a value with every field unset.".to_owned();
    }
    let described = required.iter().filter_map(|field| {
        let text = field.docs.as_deref().map(summary)?;
        Some(format!("- `{}`: {text}", field.rust.0))
    });
    let arguments: Vec<String> = described.collect();
    let lead = "Creates a value with the required fields; optional fields are unset.";
    if arguments.is_empty() {
        return lead.to_owned();
    }
    format!("{lead}\n\n{}", arguments.join("\n"))
}

/// Accessors that return the default of an absent field.
fn defaults(model: &Model, definition: &Definition, object: &Struct) -> TokenStream {
    let type_name = ident(&definition.name);
    let accessors: Vec<_> = object
        .fields
        .iter()
        .filter_map(|field| default_accessor(model, field))
        .collect();
    if accessors.is_empty() {
        return quote!();
    }
    quote!(impl #type_name { #(#accessors)* })
}

fn default_accessor(model: &Model, field: &Field) -> Option<TokenStream> {
    if field.presence.is_required() {
        return None;
    }
    let default = field.default.as_ref()?;
    let rust = name(&field.rust);
    let accessor = format_ident!("{}_or_default", field.rust.0.trim_end_matches('_'));
    let (result, empty, full) = default_value(model, &field.value, default)?;
    let option = if field.presence == Presence::ThreeState {
        quote!(self.#rust.as_option())
    } else {
        quote!(self.#rust.as_ref())
    };
    let wire = &field.wire.0;
    let literal = code(default);
    let docs = docs(&format!("Returns `{wire}`, or {literal} if it is unset."));
    Some(quote! {
        #docs
        #[inline]
        pub fn #accessor(&self) -> #result {
            match #option {
                Some(value) => #full,
                None => #empty,
            }
        }
    })
}

/// A value as a span of code. Characters that must not be in a source are escaped, as JSON allows.
fn code(value: &Value) -> String {
    let mut text = String::new();
    for character in value.to_string().chars() {
        if is_hazardous(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(character);
        }
    }
    if text.contains('`') {
        return format!("``` {text} ```");
    }
    format!("`{text}`")
}

/// The accessor's type, its value for an unset field, and for a set one.
fn default_value(
    model: &Model,
    value: &Type,
    default: &Value,
) -> Option<(TokenStream, TokenStream, TokenStream)> {
    let plain = value_type(value);
    match (value, default) {
        (Type::Boolean, Value::Bool(default)) => Some((plain, quote!(#default), quote!(*value))),
        (Type::Integer(_), Value::Number(default)) => {
            let default: TokenStream = default.to_string().parse().ok()?;
            Some((plain, default, quote!(*value)))
        }
        (Type::String, Value::String(default)) => {
            Some((quote!(&str), quote!(#default), quote!(value)))
        }
        (Type::List(inner) | Type::Listing(inner), Value::Array(items)) if items.is_empty() => {
            let inner = value_type(inner);
            Some((quote!(&[#inner]), quote!(&[]), quote!(value)))
        }
        (Type::Named(target), Value::String(default)) => {
            let Kind::StringEnum(values) = &model.definitions.get(target)?.kind else {
                return None;
            };
            let variant = values.iter().find(|variant| variant.wire.0 == *default)?;
            let variant = name(&variant.rust);
            Some((
                plain.clone(),
                quote!(#plain::#variant),
                quote!(value.clone()),
            ))
        }
        _ => None,
    }
}

/// `Debug`, derived unless there is a secret.
fn debug(definition: &Definition, object: &Struct) -> TokenStream {
    if definition.derives.contains(&"Debug") {
        return quote!();
    }
    let type_name = ident(&definition.name);
    let text = &definition.name;
    let fields = object.fields.iter().map(|field| {
        let rust = name(&field.rust);
        let label = field.rust.0.as_str();
        if field.secret && matches!(field.value, Type::Map(_)) {
            quote!(.field(#label, &RedactedValues(&self.#rust)))
        } else if field.secret {
            quote!(.field(#label, &Redacted))
        } else {
            quote!(.field(#label, &self.#rust))
        }
    });
    quote! {
        /// Omits the values of secrets.
        impl std::fmt::Debug for #type_name {
            #[inline]
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter
                    .debug_struct(#text)
                    #(#fields)*
                    .field("extra", &self.extra)
                    .finish()
            }
        }
    }
}

fn setter_table(definition: &Definition, object: &Struct, source: &mut Source) {
    let optional = object
        .fields
        .iter()
        .filter(|field| !field.presence.is_required());
    let rows: Vec<String> = optional
        .map(|field| {
            let rust = &field.rust.0;
            let argument = plain_text(&argument_type(&field.value));
            let null = match field.presence {
                Presence::ThreeState => format!(" / {}_null", rust.trim_end_matches('_')),
                _ => String::new(),
            };
            let docs = setter_docs(field);
            format!("{docs}{rust}{null} ({argument}) {:?},", field.wire.0)
        })
        .collect();
    if !rows.is_empty() {
        source.table("__setters", &format!("{};", definition.name), &rows);
    }
}

/// The documentation of a setter, in front of its row: the first paragraph of its field's.
fn setter_docs(field: &Field) -> String {
    let text = field.docs.as_deref().map(summary);
    let text = text.map(|text| doc_lines(text, "    ").trim_start().to_owned() + "    ");
    let note = field.deprecated.as_ref();
    let note = note.map(|note| format!("#[deprecated = {note:?}]\n    "));
    text.unwrap_or_default() + &note.unwrap_or_default()
}

fn codec_table(definition: &Definition, object: &Struct, source: &mut Source) {
    let head = match &object.tag {
        Some((tag, value)) => format!("{}, {:?} = {value:?};", definition.name, tag.0),
        None => format!("{};", definition.name),
    };
    let rows: Vec<String> = object
        .fields
        .iter()
        .enumerate()
        .map(|(index, field)| {
            let kind = kind_name(field.presence);
            format!("{index} {}: {kind}({:?}),", field.rust.0, field.wire.0)
        })
        .collect();
    source.table("__object", &head, &rows);
}

/// The functions of `codex_types::support::object` that read and write such a field.
fn kind_name(presence: Presence) -> &'static str {
    match presence {
        Presence::Required | Presence::RequiredNullable => "required",
        Presence::Optional => "optional",
        Presence::NullWhenEmpty => "nullable",
        Presence::AbsentWhenEmpty => "omittable",
        Presence::ThreeState => "three_state",
    }
}

/// Tokens with the usual spacing of source text.
fn plain_text(tokens: &TokenStream) -> String {
    let text = tokens.to_string();
    text.replace(" < ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
        .replace("< ", "<")
}
