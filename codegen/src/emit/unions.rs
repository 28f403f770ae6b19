//! Unions: by tag, by key, or by the kind of JSON.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::enums::variant_docs;
use super::tokens::{definition_docs, derives, docs, ident, markers, name, value_type};
use crate::Error;
use crate::ir::{Alternative, Definition, Field, Keyed, Matcher, Model, Presence, Tagged, Type};
use crate::render::Source;

pub(super) fn emit_tagged(
    model: &Model,
    definition: &Definition,
    union: &Tagged,
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    let type_name = ident(&definition.name);
    let type_docs = definition_docs(definition);
    let derives = derives(definition);
    let markers = markers(definition);
    let variants = union.variants.iter().map(|variant| {
        let docs = payload_docs(model, &variant.payload, &variant.wire.0);
        let rust = name(&variant.rust);
        let payload = ident(&variant.payload);
        if variant.boxed {
            quote!(#docs #rust(Box<#payload>))
        } else {
            quote!(#docs #rust(#payload))
        }
    });
    let accessors = accessors(definition, union);
    source.items(
        file,
        quote! {
            #type_docs
            #derives
            #[non_exhaustive]
            pub enum #type_name {
                #(#variants,)*
                /// A variant that this version of the crate does not know.
                Unrecognized(UnrecognizedVariant),
            }

            #markers

            #accessors
        },
    )?;
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

/// The first paragraph of what is said about a payload.
fn payload_docs(model: &Model, payload: &str, wire: &str) -> TokenStream {
    let known = model
        .definitions
        .get(payload)
        .and_then(|d| d.docs.as_deref());
    match known.and_then(|text| text.split("\n\n").next()) {
        Some(text) => docs(text),
        None => docs(&format!("`{wire}` on the wire.")),
    }
}

/// Accessors for what every variant has.
fn accessors(definition: &Definition, union: &Tagged) -> TokenStream {
    if union.common.is_empty() {
        return quote!();
    }
    let type_name = ident(&definition.name);
    let accessors = union.common.iter().map(|field| accessor(union, field));
    quote!(impl #type_name { #(#accessors)* })
}

fn accessor(union: &Tagged, field: &Field) -> TokenStream {
    let rust = name(&field.rust);
    let wire = &field.wire.0;
    let variants: Vec<_> = union
        .variants
        .iter()
        .map(|variant| name(&variant.rust))
        .collect();
    let (result, known, unknown) = match &field.value {
        Type::Integer(_) => {
            let integer = value_type(&field.value);
            let known = if field.presence == Presence::Required {
                quote!(Some(variant.#rust))
            } else {
                quote!(variant.#rust)
            };
            (
                integer,
                known,
                quote!(variant.integer(#wire)?.try_into().ok()),
            )
        }
        _ => (
            quote!(&str),
            quote!(Some(&variant.#rust)),
            quote!(variant.text(#wire)),
        ),
    };
    let text = format!(
        "`{wire}`, which every known variant {}.",
        if field.presence == Presence::Required {
            "has"
        } else {
            "may have"
        }
    );
    let docs = docs(&text);
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

pub(super) fn emit_keyed(
    definition: &Definition,
    union: &Keyed,
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    let type_name = ident(&definition.name);
    let type_docs = definition_docs(definition);
    let derives = derives(definition);
    let markers = markers(definition);
    let strings = union.strings.iter().map(|value| {
        let docs = variant_docs(value);
        let rust = name(&value.rust);
        quote!(#docs #rust)
    });
    let keys = union.keys.iter().map(|key| {
        let docs = docs(
            &key.docs
                .clone()
                .unwrap_or(format!("`{}` on the wire.", key.wire.0)),
        );
        let rust = name(&key.rust);
        let payload = value_type(&key.payload);
        quote!(#docs #rust(#payload))
    });
    let payloads = union.keys.iter().map(|key| (&key.rust.0, &key.payload));
    // A text would become the payload of a key although it may be one of the strings.
    let payloads = payloads.filter(|(_, payload)| **payload != Type::String);
    let conversions = conversions(definition, payloads);
    source.items(
        file,
        quote! {
            #type_docs
            #derives
            #[non_exhaustive]
            pub enum #type_name {
                #(#strings,)*
                #(#keys,)*
                /// A value that this version of the crate does not know.
                Unrecognized(Value),
            }

            #markers

            #conversions
        },
    )?;
    let mut rows = vec!["strings {".to_owned()];
    for (index, value) in union.strings.iter().enumerate() {
        rows.push(format!(
            "    {index} {} = {:?},",
            value.rust.0, value.wire.0
        ));
    }
    rows.extend(["}".to_owned(), "keys {".to_owned()]);
    for (index, key) in union.keys.iter().enumerate() {
        rows.push(format!("    {index} {} = {:?},", key.rust.0, key.wire.0));
    }
    rows.push("}".to_owned());
    source.table("__keyed_union", &format!("{};", definition.name), &rows);
    Ok(())
}

pub(super) fn emit_untagged(
    definition: &Definition,
    alternatives: &[Alternative],
    file: &str,
    source: &mut Source,
) -> Result<(), Error> {
    let type_name = ident(&definition.name);
    let type_docs = definition_docs(definition);
    let derives = derives(definition);
    let markers = markers(definition);
    let variants = alternatives.iter().map(|alternative| {
        let docs = docs(&format!("{}.", matcher_text(&alternative.matcher)));
        let rust = name(&alternative.rust);
        let payload = value_type(&alternative.payload);
        quote!(#docs #rust(#payload))
    });
    let payloads = alternatives.iter().map(|a| (&a.rust.0, &a.payload));
    let conversions = conversions(definition, payloads);
    let names: Vec<_> = alternatives.iter().map(|a| name(&a.rust)).collect();
    let indices = (0..alternatives.len()).map(Literal::usize_unsuffixed);
    let matchers: Vec<_> = alternatives
        .iter()
        .map(|a| matcher_tokens(&a.matcher))
        .collect();
    source.items(
        file,
        quote! {
            #type_docs
            #derives
            #[non_exhaustive]
            pub enum #type_name {
                #(#variants,)*
                /// A value that this version of the crate does not know.
                Unrecognized(Value),
            }

            #markers

            #conversions

            impl UntaggedUnion for #type_name {
                const SHAPES: &'static [Shape] = &[#(#matchers),*];

                fn from_json(index: usize, value: &Value) -> Result<Self, JsonError> {
                    match index {
                        #(#indices => reread(value).map(Self::#names),)*
                        _ => Ok(Self::Unrecognized(value.clone())),
                    }
                }

                fn unrecognized(value: Value) -> Self {
                    Self::Unrecognized(value)
                }
            }

            impl Serialize for #type_name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    match self {
                        #(Self::#names(value) => value.serialize(serializer),)*
                        Self::Unrecognized(value) => value.serialize(serializer),
                    }
                }
            }
        },
    )?;
    source.raw(&format!(
        "crate::__deserialize!({}, read_untagged);\n\n",
        definition.name
    ));
    Ok(())
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

/// `From` every payload type that belongs to one variant only.
fn conversions<'a>(
    definition: &Definition,
    payloads: impl Iterator<Item = (&'a String, &'a Type)>,
) -> TokenStream {
    let type_name = ident(&definition.name);
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
        .map(|(rust, value)| {
            let rust = ident(rust);
            let payload = value_type(value);
            let from_text = (**value == Type::String).then(|| {
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
        });

    quote!(#(#conversions)*)
}
