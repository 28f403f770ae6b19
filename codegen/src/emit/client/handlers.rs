//! The handler traits for the server's requests, with a method for each request, and the dispatch
//! to these methods.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{Mode, insert, request_text};
use crate::emit::documentation::docs;
use crate::emit::tokens::ident;
use crate::names::snake_case;
use crate::protocol::{Params, Protocol, Request};
use crate::{Error, FileTree};

pub(super) fn emit(mode: Mode, protocol: &Protocol, tree: &mut FileTree) -> Result<(), Error> {
    let (about, items) = match mode {
        Mode::Async => (
            "The handler trait for the server's requests; async API.",
            asynchronous(&protocol.server_requests),
        ),
        Mode::Blocking => (
            "The handler trait for the server's requests; blocking API.",
            blocking(&protocol.server_requests),
        ),
    };
    insert(tree, &mode.module("handlers"), about, items)
}

/// The names of a request in the trait and in the types: function, variant, parameters, response.
pub(super) fn names(request: &Request) -> [Ident; 4] {
    let params = match &request.params {
        Params::None => "NoParams",
        Params::Optional(name) | Params::Required(name) => name,
    };
    [
        ident(&snake_case(&request.name)),
        ident(&request.name),
        ident(params),
        ident(&request.response),
    ]
}

fn asynchronous(requests: &[Request]) -> TokenStream {
    let handler = async_trait(requests);
    let dispatch = async_dispatch(requests);
    quote! {
        pub(crate) mod closures;
        pub(crate) mod pointers;

        use codex_types::*;

        use crate::connection::replies::{encode, unbox, unhandled};
        use crate::engine::Response;
        use crate::{ApprovalRequest, Decision, HandlerResult};
        use crate::nonblocking::connect::RequestContext;

        #handler
        #dispatch
    }
}

fn async_trait(requests: &[Request]) -> TokenStream {
    let functions = requests.iter().map(async_function);
    quote! {
        /// Handles the requests of the server. Every method has a safe default: commands and file
        /// changes are declined, and all other requests are answered with an error response, which
        /// the server treats as a denial.
        ///
        /// Each request is handled on a task of its own: a handler may take its time, and may send
        /// requests of its own. An error, a panic, and a handler that exceeds the configured
        /// timeout all result in a response; the future of a request that was resolved elsewhere is
        /// dropped.
        ///
        /// Implement the methods as `async fn`. `Arc`, `Box` and `Option` of handlers are handlers, too;
        /// [`AnyHandler`](crate::AnyHandler) has a handler whose type is only known at run time.
        pub trait ServerRequestHandler: Send + Sync + 'static {
            #(#functions)*

            /// Decides about any approval in one form, before the method of its request is called.
            /// `None` leaves it to that method.
            fn approval(
                &self,
                request: ApprovalRequest,
                context: RequestContext,
            ) -> impl Future<Output = Option<HandlerResult<Decision>>> + Send {
                let _ = (request, context);
                std::future::ready(None)
            }

            /// Returns whether this handler decides about approvals. If so, a thread that is
            /// started without an approval mode sends its approval requests to this client;
            /// otherwise the runtime's reviewer decides.
            fn decides_approvals(&self) -> bool {
                true
            }

            /// Handles a request with a method that is unknown to this version.
            fn unrecognized(
                &self,
                message: UnrecognizedMessage,
                context: RequestContext,
            ) -> impl Future<Output = HandlerResult<serde_json::Value>> + Send {
                let _ = context;
                std::future::ready(Err(unhandled(message.method()).into()))
            }
        }
    }
}

fn async_function(request: &Request) -> TokenStream {
    let docs = docs(&request_text(request));
    let [name, variant, params, response] = names(request);
    quote! {
        #docs
        fn #name(
            &self,
            params: #params,
            context: RequestContext,
        ) -> impl Future<Output = HandlerResult<#response>> + Send {
            let _ = params;
            std::future::ready(context.0.default_result::<methods::#variant>())
        }
    }
}

fn async_dispatch(requests: &[Request]) -> TokenStream {
    let arms = requests.iter().map(|request| {
        let [name, variant, ..] = names(request);
        quote! {
            ServerRequest::#variant(params) => {
                encode(handler.#name(unbox(params), context).await)
            }
        }
    });
    quote! {
        /// Calls the handler method of a request.
        pub(crate) async fn dispatch<H: ServerRequestHandler>(
            handler: &H,
            request: ServerRequest,
            context: RequestContext,
        ) -> Response {
            if let Some(approval) = context.approval() {
                let decided = handler.approval(approval.clone(), context.clone()).await;
                if let Some(decision) = decided {
                    return approval.response_by_handler(decision);
                }
            }
            match request {
                #(#arms)*
                ServerRequest::Unrecognized(message) => {
                    encode(handler.unrecognized(message, context).await)
                }
                request => Err(unhandled(request.method())),
            }
        }
    }
}

fn blocking(requests: &[Request]) -> TokenStream {
    let handler = blocking_trait(requests);
    let dispatch = blocking_dispatch(requests);
    quote! {
        pub(crate) mod closures;
        pub(crate) mod pointers;

        use codex_types::*;

        use crate::{ApprovalRequest, Decision, HandlerResult};
        use crate::connection::replies::{encode, unbox, unhandled};
        use crate::blocking::RequestContext;
        use crate::engine::Response;

        #handler
        #dispatch
    }
}

fn blocking_trait(requests: &[Request]) -> TokenStream {
    let functions = requests.iter().map(blocking_function);
    quote! {
        /// Handles the requests of the server. Every method has a safe default: commands and file
        /// changes are declined, and all other requests are answered with an error response, which
        /// the server treats as a denial.
        ///
        /// Each request is handled on a thread of its own: a handler may take its time, and may
        /// send requests of its own. An error, a panic, and a handler that exceeds the configured
        /// timeout all result in a response. No response is sent for a request that was resolved
        /// elsewhere.
        ///
        /// `Arc`, `Box` and `Option` of handlers are handlers, too, those of a
        /// `dyn ServerRequestHandler` included.
        pub trait ServerRequestHandler: Send + Sync + 'static {
            #(#functions)*

            /// Decides about any approval in one form, before the method of its request is called.
            /// `None` leaves it to that method.
            fn approval(
                &self,
                request: &ApprovalRequest,
                context: &RequestContext,
            ) -> Option<HandlerResult<Decision>> {
                let _ = (request, context);
                None
            }

            /// Returns whether this handler decides about approvals. If so, a thread that is
            /// started without an approval mode sends its approval requests to this client;
            /// otherwise the runtime's reviewer decides.
            fn decides_approvals(&self) -> bool {
                true
            }

            /// Handles a request with a method that is unknown to this version.
            ///
            /// # Errors
            ///
            /// The error is sent to the server as the response.
            fn unrecognized(
                &self,
                message: UnrecognizedMessage,
                context: &RequestContext,
            ) -> HandlerResult<serde_json::Value> {
                let _ = context;
                Err(unhandled(message.method()).into())
            }
        }
    }
}

fn blocking_function(request: &Request) -> TokenStream {
    let text = request_text(request);
    let docs = docs(&format!(
        "{text}\n\n# Errors\n\nThe error is sent to the server as the response."
    ));
    let [name, variant, params, response] = names(request);
    quote! {
        #docs
        fn #name(
            &self,
            params: #params,
            context: &RequestContext,
        ) -> HandlerResult<#response> {
            let _ = params;
            context.0.default_result::<methods::#variant>()
        }
    }
}

fn blocking_dispatch(requests: &[Request]) -> TokenStream {
    let arms = requests.iter().map(|request| {
        let [name, variant, ..] = names(request);
        quote! {
            ServerRequest::#variant(params) => encode(handler.#name(unbox(params), context)),
        }
    });
    quote! {
        /// Calls the handler method of a request.
        pub(crate) fn dispatch<H: ServerRequestHandler>(
            handler: &H,
            request: ServerRequest,
            context: &RequestContext,
        ) -> Response {
            if let Some(approval) = context.approval() {
                if let Some(decision) = handler.approval(approval, context) {
                    return approval.response_by_handler(decision);
                }
            }
            match request {
                #(#arms)*
                ServerRequest::Unrecognized(message) => {
                    encode(handler.unrecognized(message, context))
                }
                request => Err(unhandled(request.method())),
            }
        }
    }
}
