//! `Handlers`: a handler that is made of closures, one for each request of the server that programs
//! usually handle.
//!
//! The list of these requests is reviewed; the types come from the protocol.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::handlers::names;
use super::{Mode, insert};
use crate::emit::documentation::docs;
use crate::emit::tokens::ident;
use crate::ir::{Kind, Model};
use crate::protocol::{Protocol, Request};
use crate::{Error, FileTree};

/// A closure of `Handlers`.
struct Row {
    /// The method on the wire.
    method: &'static str,
    /// The name, after `on_`.
    name: &'static str,
    /// The documentation.
    docs: &'static str,
    /// The decision that the closure returns in place of the whole response.
    decision: Option<&'static str>,
}

const ROWS: &[Row] = &[
    Row {
        method: "item/commandExecution/requestApproval",
        name: "command",
        docs: "Decides on commands that need an approval.",
        decision: Some("CommandExecutionApprovalDecision"),
    },
    Row {
        method: "item/fileChange/requestApproval",
        name: "file_change",
        docs: "Decides on file changes that need an approval.",
        decision: Some("FileChangeApprovalDecision"),
    },
    Row {
        method: "item/tool/requestUserInput",
        name: "user_input",
        docs: "Answers questions of a tool to the user.",
        decision: None,
    },
    Row {
        method: "item/tool/call",
        name: "tool_call",
        docs: "Runs the tools that this client offers to a thread.",
        decision: None,
    },
    Row {
        method: "mcpServer/elicitation/request",
        name: "elicitation",
        docs: "Answers questions of an MCP server to the user.",
        decision: None,
    },
];

/// A row with the names of its request.
struct Closure {
    row: &'static Row,
    field: Ident,
    setter: Ident,
    function: Ident,
    variant: Ident,
    params: Ident,
    response: Ident,
}

impl Closure {
    fn new(row: &'static Row, request: &Request) -> Self {
        let [function, variant, params, response] = names(request);
        Self {
            row,
            field: ident(row.name),
            setter: ident(&format!("on_{}", row.name)),
            function,
            variant,
            params,
            response,
        }
    }

    /// The type that the closure returns.
    fn output(&self) -> Ident {
        let decision = self.row.decision.map(ident);
        decision.unwrap_or_else(|| self.response.clone())
    }
}

pub(super) fn emit(
    mode: Mode,
    model: &Model,
    protocol: &Protocol,
    tree: &mut FileTree,
) -> Result<(), Error> {
    let closures = ROWS.iter().filter_map(|row| closure(row, model, protocol));
    let closures: Vec<Closure> = closures.collect();
    let about = match mode {
        Mode::Async => "A handler that is made of closures; async API.",
        Mode::Blocking => "A handler that is made of closures; blocking API.",
    };
    let items = [
        imports(mode),
        structure(mode, &closures),
        setters(mode, &closures),
        handler(mode, &closures),
    ];
    insert(
        tree,
        &mode.module("handlers/closures"),
        about,
        quote!(#(#items)*),
    )
}

/// The rows without a request, and those with a decision that does not make a response.
pub(super) fn stale(model: &Model, protocol: &Protocol) -> Vec<String> {
    let rows = ROWS
        .iter()
        .filter(|row| closure(row, model, protocol).is_none());
    rows.map(|row| format!("codegen/src/emit/client/closures.rs: ROWS ({})", row.method))
        .collect()
}

fn closure(row: &'static Row, model: &Model, protocol: &Protocol) -> Option<Closure> {
    let mut requests = protocol.server_requests.iter();
    let request = requests.find(|request| request.method == row.method)?;
    let is_made_of = |decision: &str| {
        let response = model.definitions.get(&request.response);
        response.is_some_and(|response| match &response.kind {
            Kind::Struct(object) => {
                let mut arguments = object.arguments();
                let first = arguments.next().and_then(|it| it.value.named());
                first == Some(decision) && arguments.next().is_none()
            }
            _ => false,
        })
    };
    row.decision
        .is_none_or(is_made_of)
        .then(|| Closure::new(row, request))
}

fn imports(mode: Mode) -> TokenStream {
    match mode {
        Mode::Async => quote! {
            use std::fmt;
            use std::pin::Pin;

            use codex_types::*;

            use super::ServerRequestHandler;
            use crate::{ApprovalRequest, Decision, HandlerResult};
            use crate::nonblocking::connect::RequestContext;

            type Boxed<R> = Pin<Box<dyn Future<Output = HandlerResult<R>> + Send>>;
            type Closure<P, R> = Box<dyn Fn(P, RequestContext) -> Boxed<R> + Send + Sync>;
            type AnyApproval = Closure<ApprovalRequest, Decision>;

            /// Boxes the future of a closure.
            fn boxed<P, R, F, Fut>(closure: F) -> Closure<P, R>
            where
                F: Fn(P, RequestContext) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = HandlerResult<R>> + Send + 'static,
            {
                Box::new(move |params, context| Box::pin(closure(params, context)))
            }
        },
        Mode::Blocking => quote! {
            use std::fmt;

            use codex_types::*;

            use super::ServerRequestHandler;
            use crate::{ApprovalRequest, Decision, HandlerResult};
            use crate::blocking::RequestContext;

            type Closure<P, R> = Box<dyn Fn(P, &RequestContext) -> HandlerResult<R> + Send + Sync>;
            type AnyApproval = Closure<ApprovalRequest, Decision>;
        },
    }
}

/// The documentation, with an example.
fn text(mode: Mode) -> String {
    let (path, before) = match mode {
        Mode::Async => ("codex_client", "|params, _| async move {"),
        Mode::Blocking => ("codex_client::blocking", "|params, _| {"),
    };
    format!(
        "A handler that is made of closures. A request without a closure gets the default reply: \
         it is declined, or answered with an error response.\n\n```\n\
         use {path}::Handlers;\n\
         use codex_client::types::CommandExecutionApprovalDecision;\n\n\
         let handlers = Handlers::new().on_command({before}\n    \
         let harmless = params.command.as_deref() == Some(\"date\");\n    \
         Ok(match harmless {{\n        \
         true => CommandExecutionApprovalDecision::Accept,\n        \
         false => CommandExecutionApprovalDecision::Decline,\n    \
         }})\n}});\n```"
    )
}

fn structure(mode: Mode, closures: &[Closure]) -> TokenStream {
    let about = docs(&text(mode));
    let fields = closures.iter().map(|closure| {
        let Closure {
            field,
            params,
            response,
            ..
        } = closure;
        quote!(#field: Option<Closure<#params, #response>>,)
    });
    quote! {
        #about
        #[derive(Default)]
        pub struct Handlers {
            approval: Option<AnyApproval>,
            #(#fields)*
        }

        impl fmt::Debug for Handlers {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_struct("Handlers").finish_non_exhaustive()
            }
        }
    }
}

fn setters(mode: Mode, closures: &[Closure]) -> TokenStream {
    let setters = closures.iter().map(|closure| match mode {
        Mode::Async => async_setter(closure),
        Mode::Blocking => blocking_setter(closure),
    });
    let any = any_setter(mode);
    quote! {
        impl Handlers {
            /// Creates a handler without closures.
            pub fn new() -> Self {
                Self::default()
            }

            #any

            #(#setters)*
        }
    }
}

/// The closure for all approvals.
fn any_setter(mode: Mode) -> TokenStream {
    let about = quote! {
        /// Decides on any approval in one form: commands, connections, changes of files,
        /// permissions and calls of MCP tools. A closure for one kind takes precedence for that
        /// kind.
        #[must_use]
    };
    match mode {
        Mode::Async => quote! {
            #about
            pub fn on_approval<F, Fut>(mut self, closure: F) -> Self
            where
                F: Fn(ApprovalRequest, RequestContext) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = HandlerResult<Decision>> + Send + 'static,
            {
                self.approval = Some(boxed(closure));
                self
            }
        },
        Mode::Blocking => quote! {
            #about
            pub fn on_approval<F>(mut self, closure: F) -> Self
            where
                F: Fn(ApprovalRequest, &RequestContext) -> HandlerResult<Decision>
                    + Send
                    + Sync
                    + 'static,
            {
                self.approval = Some(Box::new(closure));
                self
            }
        },
    }
}

/// Calls the closure for all approvals, unless there is one for the kind of the request.
fn any_approval(mode: Mode, closures: &[Closure]) -> TokenStream {
    let arms = closures.iter().map(|closure| {
        let Closure { field, variant, .. } = closure;
        quote!(ServerRequest::#variant(_) => self.#field.is_some(),)
    });
    let body = quote! {
        let closure = self.approval.as_ref()?;
        let has_own = match request.request() {
            #(#arms)*
            _ => false,
        };
        if has_own {
            return None;
        }
    };
    match mode {
        Mode::Async => quote! {
            async fn approval(
                &self,
                request: ApprovalRequest,
                context: RequestContext,
            ) -> Option<HandlerResult<Decision>> {
                #body
                Some(closure(request, context).await)
            }
        },
        Mode::Blocking => quote! {
            fn approval(
                &self,
                request: &ApprovalRequest,
                context: &RequestContext,
            ) -> Option<HandlerResult<Decision>> {
                #body
                Some(closure(request.clone(), context))
            }
        },
    }
}

fn async_setter(closure: &Closure) -> TokenStream {
    let (about, output) = (docs(closure.row.docs), closure.output());
    let Closure {
        field,
        setter,
        params,
        response,
        ..
    } = closure;
    let boxed = if closure.row.decision.is_some() {
        quote! {
            boxed(move |params, context| {
                let decision = closure(params, context);
                async { Ok(#response::new(decision.await?)) }
            })
        }
    } else {
        quote!(boxed(closure))
    };
    quote! {
        #about
        #[must_use]
        pub fn #setter<F, Fut>(mut self, closure: F) -> Self
        where
            F: Fn(#params, RequestContext) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = HandlerResult<#output>> + Send + 'static,
        {
            self.#field = Some(#boxed);
            self
        }
    }
}

fn blocking_setter(closure: &Closure) -> TokenStream {
    let (about, output) = (docs(closure.row.docs), closure.output());
    let Closure {
        field,
        setter,
        params,
        response,
        ..
    } = closure;
    let boxed = if closure.row.decision.is_some() {
        quote!(Box::new(move |params, context| Ok(#response::new(closure(params, context)?))))
    } else {
        quote!(Box::new(closure))
    };
    quote! {
        #about
        #[must_use]
        pub fn #setter<F>(mut self, closure: F) -> Self
        where
            F: Fn(#params, &RequestContext) -> HandlerResult<#output> + Send + Sync + 'static,
        {
            self.#field = Some(#boxed);
            self
        }
    }
}

fn handler(mode: Mode, closures: &[Closure]) -> TokenStream {
    let functions = closures.iter().map(|closure| function(mode, closure));
    let decisions = closures.iter().filter(|it| it.row.decision.is_some());
    let decisions: Vec<&Ident> = decisions.map(|closure| &closure.field).collect();
    let decides = quote!(self.approval.is_some() #(|| self.#decisions.is_some())*);
    let any = any_approval(mode, closures);
    quote! {
        impl ServerRequestHandler for Handlers {
            fn decides_approvals(&self) -> bool {
                #decides
            }

            #any

            #(#functions)*
        }
    }
}

fn function(mode: Mode, closure: &Closure) -> TokenStream {
    let Closure {
        field,
        function,
        variant,
        params,
        response,
        ..
    } = closure;
    let (asyncness, context, wait) = match mode {
        Mode::Async => (quote!(async), quote!(RequestContext), quote!(.await)),
        Mode::Blocking => (quote!(), quote!(&RequestContext), quote!()),
    };
    quote! {
        #asyncness fn #function(
            &self,
            params: #params,
            context: #context,
        ) -> HandlerResult<#response> {
            match &self.#field {
                Some(closure) => closure(params, context)#wait,
                None => context.0.default_result::<methods::#variant>(),
            }
        }
    }
}
