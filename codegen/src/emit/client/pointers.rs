//! Handlers in `Arc`, `Box` and `Option`, and a handler of any type, as handlers.
//!
//! Independent of what handlers do.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::handlers::names;
use super::{Mode, insert};
use crate::emit::tokens::ident;
use crate::protocol::{Protocol, Request};
use crate::{Error, FileTree};

pub(super) fn emit(mode: Mode, protocol: &Protocol, tree: &mut FileTree) -> Result<(), Error> {
    let (about, items) = match mode {
        Mode::Async => (
            "Handlers in `Arc`, `Box` and `Option`, and of any type; async API.",
            asynchronous(&protocol.server_requests),
        ),
        Mode::Blocking => (
            "Handlers in `Arc`, `Box` and `Option`; blocking API.",
            blocking(&protocol.server_requests),
        ),
    };
    insert(tree, &mode.module("handlers/pointers"), about, items)
}

/// A method of the trait: its name, its argument and its output.
struct Method {
    name: Ident,
    argument: TokenStream,
    output: TokenStream,
}

/// Every method that handles something.
fn methods(requests: &[Request], approval: &TokenStream) -> Vec<Method> {
    let of_request = |request: &Request| {
        let [name, _, params, response] = names(request);
        Method {
            name,
            argument: quote!(#params),
            output: quote!(HandlerResult<#response>),
        }
    };
    let mut all: Vec<Method> = requests.iter().map(of_request).collect();
    all.push(Method {
        name: ident("approval"),
        argument: approval.clone(),
        output: quote!(Option<HandlerResult<Decision>>),
    });
    all.push(Method {
        name: ident("unrecognized"),
        argument: quote!(UnrecognizedMessage),
        output: quote!(HandlerResult<serde_json::Value>),
    });
    all
}

fn asynchronous(requests: &[Request]) -> TokenStream {
    let methods = methods(requests, &quote!(ApprovalRequest));
    let pointers = [quote!(Arc<H>), quote!(Box<H>)];
    let pointers = pointers.map(|pointer| async_pointer(&pointer, &methods));
    let optional = async_optional(&methods);
    let (object, any) = (object(&methods), any_handler(&methods));
    quote! {
        use std::fmt;
        use std::pin::Pin;
        use std::sync::Arc;

        use codex_types::*;

        use super::ServerRequestHandler;
        use crate::nonblocking::connect::RequestContext;
        use crate::{ApprovalRequest, Decision, HandlerResult};

        #(#pointers)*
        #optional
        #object
        #any
    }
}

fn async_pointer(pointer: &TokenStream, methods: &[Method]) -> TokenStream {
    let functions = methods
        .iter()
        .map(|method| async_forward(method, &quote!((**self))));
    quote! {
        impl<H: ServerRequestHandler> ServerRequestHandler for #pointer {
            fn decides_approvals(&self) -> bool {
                (**self).decides_approvals()
            }
            #(#functions)*
        }
    }
}

fn async_forward(method: &Method, target: &TokenStream) -> TokenStream {
    let [name, argument, output] = parts(method);
    quote! {
        fn #name(
            &self,
            argument: #argument,
            context: RequestContext,
        ) -> impl Future<Output = #output> + Send {
            #target.#name(argument, context)
        }
    }
}

fn async_optional(methods: &[Method]) -> TokenStream {
    let functions = methods.iter().map(|method| {
        let [name, argument, output] = parts(method);
        quote! {
            async fn #name(&self, argument: #argument, context: RequestContext) -> #output {
                match self {
                    Some(handler) => handler.#name(argument, context).await,
                    None => ServerRequestHandler::#name(&Nothing, argument, context).await,
                }
            }
        }
    });
    optional(functions)
}

/// The implementation for `Option`, in either API.
fn optional(functions: impl Iterator<Item = TokenStream>) -> TokenStream {
    quote! {
        /// The handler that `None` stands for: it has the defaults of all methods.
        struct Nothing;

        impl ServerRequestHandler for Nothing {}

        /// `None` handles nothing, and decides about no approvals.
        impl<H: ServerRequestHandler> ServerRequestHandler for Option<H> {
            fn decides_approvals(&self) -> bool {
                self.as_ref().is_some_and(H::decides_approvals)
            }
            #(#functions)*
        }
    }
}

/// The handler trait in a form that values of unknown type can have.
fn object(methods: &[Method]) -> TokenStream {
    let signature = |method| {
        let [name, argument, output] = parts(method);
        quote! {
            fn #name(&self, argument: #argument, context: RequestContext) -> Boxed<'_, #output>
        }
    };
    let declared = methods.iter().map(signature);
    let implemented = methods.iter().map(|method| {
        let (signature, name) = (signature(method), &method.name);
        quote! {
            #signature {
                Box::pin(ServerRequestHandler::#name(self, argument, context))
            }
        }
    });
    quote! {
        type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

        /// The handler trait, with boxed futures.
        trait Object: Send + Sync {
            fn decides_approvals(&self) -> bool;
            #(#declared;)*
        }

        impl<H: ServerRequestHandler> Object for H {
            fn decides_approvals(&self) -> bool {
                ServerRequestHandler::decides_approvals(self)
            }
            #(#implemented)*
        }
    }
}

fn any_handler(methods: &[Method]) -> TokenStream {
    let functions = methods
        .iter()
        .map(|method| async_forward(method, &quote!(self.0)));
    quote! {
        /// A handler of any type, for code that chooses one at run time. Clones share it.
        #[derive(Clone)]
        pub struct AnyHandler(Arc<dyn Object>);

        impl AnyHandler {
            /// Erases the type of a handler.
            pub fn new(handler: impl ServerRequestHandler) -> Self {
                Self(Arc::new(handler))
            }
        }

        impl fmt::Debug for AnyHandler {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_struct("AnyHandler").finish_non_exhaustive()
            }
        }

        impl ServerRequestHandler for AnyHandler {
            fn decides_approvals(&self) -> bool {
                self.0.decides_approvals()
            }
            #(#functions)*
        }
    }
}

fn blocking(requests: &[Request]) -> TokenStream {
    let methods = methods(requests, &quote!(&ApprovalRequest));
    let pointers = [quote!(Arc<H>), quote!(Box<H>)];
    let pointers = pointers.map(|pointer| blocking_pointer(&pointer, &methods));
    let functions = methods.iter().map(|method| {
        let (signature, name) = (blocking_signature(method), &method.name);
        quote! {
            #signature {
                match self {
                    Some(handler) => handler.#name(argument, context),
                    None => Nothing.#name(argument, context),
                }
            }
        }
    });
    let optional = optional(functions);
    quote! {
        use std::sync::Arc;

        use codex_types::*;

        use super::ServerRequestHandler;
        use crate::blocking::RequestContext;
        use crate::{ApprovalRequest, Decision, HandlerResult};

        #(#pointers)*
        #optional
    }
}

fn blocking_pointer(pointer: &TokenStream, methods: &[Method]) -> TokenStream {
    let functions = methods.iter().map(|method| {
        let (signature, name) = (blocking_signature(method), &method.name);
        quote!(#signature { (**self).#name(argument, context) })
    });
    quote! {
        impl<H: ServerRequestHandler + ?Sized> ServerRequestHandler for #pointer {
            fn decides_approvals(&self) -> bool {
                (**self).decides_approvals()
            }
            #(#functions)*
        }
    }
}

fn blocking_signature(method: &Method) -> TokenStream {
    let [name, argument, output] = parts(method);
    quote!(fn #name(&self, argument: #argument, context: &RequestContext) -> #output)
}

fn parts(method: &Method) -> [TokenStream; 3] {
    let Method {
        name,
        argument,
        output,
        ..
    } = method;
    [quote!(#name), quote!(#argument), quote!(#output)]
}
