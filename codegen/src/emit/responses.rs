//! The unions of responses by the method of their request.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::TYPES;
use super::documentation::{deprecated, docs};
use super::messages::{UnionFile, payload};
use super::tokens::ident;
use crate::ir::Model;
use crate::passes::boxing;
use crate::protocol::{Params, Protocol, Request};
use crate::{Error, FileTree};

/// A union of the responses of one direction.
struct Union<'a> {
    file: &'static str,
    name: &'static str,
    docs: &'static str,
    requests: &'a [Request],
}

pub(super) fn emit(model: &Model, protocol: &Protocol, tree: &mut FileTree) -> Result<(), Error> {
    let sizes = boxing::sizes(model);
    let unions = [
        Union {
            file: "client_response",
            name: "ClientResponse",
            docs: "The response to a request of a client, by method: for proxies and recorders.",
            requests: &protocol.client_requests,
        },
        Union {
            file: "server_response",
            name: "ServerResponse",
            docs: "The response to a request of the server, by method: for proxies and recorders.",
            requests: &protocol.server_requests,
        },
    ];
    for union in unions {
        let file = UnionFile {
            folder: TYPES,
            file: union.file,
            docs: union.docs,
            table: ("__response_union", union.name),
        };
        let source = file.source(items(&union, &sizes), &rows(&union))?;
        tree.insert(file.path(), source.finish());
    }
    Ok(())
}

fn rows(union: &Union<'_>) -> Vec<String> {
    let rows = union.requests.iter().enumerate().map(|(index, request)| {
        let (name, response, method) = (&request.name, &request.response, &request.method);
        format!("{index} {name}({response}) = {method:?},")
    });
    rows.collect()
}

fn items(union: &Union<'_>, sizes: &BTreeMap<String, usize>) -> TokenStream {
    let name = ident(union.name);
    let union_docs = docs(union.docs);
    let variants = union.requests.iter().map(|request| {
        let variant = ident(&request.name);
        let docs = docs(&format!("Response to `{}`.", request.method));
        let deprecated = deprecated(request.deprecated.as_deref());
        let response = payload(&Params::Required(request.response.clone()), sizes);
        quote!(#docs #deprecated #variant(#response))
    });
    quote! {
        #union_docs
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants,)*
            /// Response to a method that this version of the crate does not know.
            Unrecognized(UnrecognizedMessage),
        }
    }
}
