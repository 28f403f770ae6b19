//! `ThreadSettings`: what the responses to starting, resuming and forking a thread have in common.
//!
//! By rule: every stable field that all of them have with one type. A field that one of them loses
//! leaves the struct, and is seen in the snapshot of the public API.

use proc_macro2::TokenStream;
use quote::quote;

use super::insert;
use crate::emit::documentation::field_docs;
use crate::emit::tokens::{field_type, ident, name};
use crate::ir::{Field, Kind, Model, Struct};
use crate::protocol::Protocol;
use crate::{Error, FileTree};

/// The requests with such a response.
const METHODS: [&str; 3] = ["thread/start", "thread/resume", "thread/fork"];

pub(super) fn emit(model: &Model, protocol: &Protocol, tree: &mut FileTree) -> Result<(), Error> {
    let responses: Vec<_> = METHODS
        .iter()
        .filter_map(|method| response(method, model, protocol))
        .collect();
    let objects: Vec<&Struct> = responses.iter().map(|(_, object)| *object).collect();
    let fields = shared_fields(&objects);
    let structure = structure(&fields);
    let names = fields.iter().map(|field| name(&field.rust));
    let names: Vec<_> = names.collect();
    let conversions = responses.iter().map(|(response, _)| {
        let response = ident(response);
        quote! {
            impl From<#response> for ThreadSettings {
                fn from(response: #response) -> Self {
                    Self { #(#names: response.#names,)* }
                }
            }
        }
    });
    let items = quote! {
        use std::collections::BTreeMap;

        use codex_types::*;
        use serde_json::{Number, Value};

        #structure
        #(#conversions)*
    };
    insert(
        tree,
        "thread_settings",
        "The settings of a thread; shared by both APIs.",
        items,
    )
}

/// The requests without a response that has fields.
pub(super) fn stale(model: &Model, protocol: &Protocol) -> Vec<String> {
    let missing = METHODS
        .iter()
        .filter(|method| response(method, model, protocol).is_none());
    missing
        .map(|method| format!("codegen/src/emit/client/settings.rs: METHODS ({method})"))
        .collect()
}

fn response<'a>(
    method: &str,
    model: &'a Model,
    protocol: &'a Protocol,
) -> Option<(&'a str, &'a Struct)> {
    let mut requests = protocol.client_requests.iter();
    let request = requests.find(|request| request.method == method)?;
    match &model.definitions.get(&request.response)?.kind {
        Kind::Struct(object) => Some((&request.response, object)),
        _ => None,
    }
}

/// The stable fields of the first that all others have with the same type.
fn shared_fields<'a>(responses: &[&'a Struct]) -> Vec<&'a Field> {
    let Some((first, others)) = responses.split_first() else {
        return Vec::new();
    };
    let is_in = |object: &Struct, field: &Field| {
        let mut same = object.fields.iter().filter(|it| it.rust == field.rust);
        same.any(|it| it.value == field.value && it.presence == field.presence)
    };
    let fields = first.fields.iter();
    let shared = fields
        .filter(|field| !field.experimental && others.iter().all(|object| is_in(object, field)));
    shared.collect()
}

fn structure(fields: &[&Field]) -> TokenStream {
    let members = fields.iter().map(|field| {
        let (docs, rust, value) = (field_docs(field), name(&field.rust), field_type(field));
        quote!(#docs pub #rust: #value)
    });
    quote! {
        /// The settings that a thread was started, resumed or forked with, as resolved by the
        /// runtime. Turns may have changed them since.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct ThreadSettings {
            #(#members,)*
        }
    }
}
