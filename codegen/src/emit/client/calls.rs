//! One client method for each request that a client may send.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Mode, insert, request_text};
use crate::emit::documentation::{aliases, docs};
use crate::emit::tokens::ident;
use crate::names::snake_case;
use crate::protocol::{Params, Protocol, Request};
use crate::{Error, FileTree};

pub(super) fn emit(mode: Mode, protocol: &Protocol, tree: &mut FileTree) -> Result<(), Error> {
    // `initialize` is left out: an existing client is initialized, and a second call is an error.
    let calls = protocol.client_requests.iter();
    let calls = calls.filter(|request| request.method != "initialize");
    let calls = calls.map(|request| call(mode, request));
    let root = mode.root();
    let items = quote! {
        use codex_types::*;

        use crate::Error;
        use #root::Client;

        /// One method per request of the protocol.
        impl Client {
            #(#calls)*
        }
    };
    let about = match mode {
        Mode::Async => "One call for each request that a client may send; async API.",
        Mode::Blocking => "One call for each request that a client may send; blocking API.",
    };
    insert(tree, &mode.module("calls"), about, items)
}

fn call(mode: Mode, request: &Request) -> TokenStream {
    let root = mode.root_text();
    let text = request_text(request);
    let docs = docs(&format!(
        "{text}\n\n# Errors\n\nReturns the errors of [`request`]({root}::Client::request)."
    ));
    let aliases = aliases(&request.aliases);
    let name = ident(&snake_case(&request.name));
    let (marker, response) = (ident(&request.name), ident(&request.response));
    let (argument, sent) = arguments(&request.params);
    match mode {
        Mode::Async => quote! {
            #docs
            #aliases
            #[inline]
            pub async fn #name(&self, #argument) -> Result<#response, Error> {
                self.request::<methods::#marker>(#sent).await
            }
        },
        Mode::Blocking => quote! {
            #docs
            #aliases
            #[inline]
            pub fn #name(&self, #argument) -> Result<#response, Error> {
                self.request::<methods::#marker>(#sent)
            }
        },
    }
}

/// The argument of a call, and the value that is sent.
fn arguments(params: &Params) -> (TokenStream, TokenStream) {
    match params {
        Params::None => (quote!(), quote!(&NoParams)),
        Params::Optional(name) => {
            let name = ident(name);
            (quote!(params: Option<#name>), quote!(&params))
        }
        Params::Required(name) => {
            let name = ident(name);
            (quote!(params: #name), quote!(&params))
        }
    }
}
