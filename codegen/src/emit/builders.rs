//! The client's builders, for both APIs: plain items. Conversions of a response that need more than
//! its type are hand-written in the client.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};

use super::client::{Mode, insert};
use super::documentation::{docs, with_history};
use super::tokens::{argument_type, ident, value_type};
use crate::builders::{Origin, Output, Resolved};
use crate::ir::{Field, Type};
use crate::names::snake_case;
use crate::{Error, FileTree};

mod setters;

/// The builders that nearly every program uses: compiled with the client, once for both APIs.
const COMPILED_ONCE: &[&str] = &["ThreadStartBuilder", "TurnBuilder", "RunBuilder"];

/// The files of an API, by the subject of their builders.
const FILES: [(&str, &str); 3] = [
    ("codex", "Builders of a runtime"),
    ("thread", "Builders of a thread"),
    ("turn", "Builders that start, steer and stop turns"),
];

/// Emits the builders of an API.
pub(super) fn emit(
    mode: Mode,
    builders: &[Resolved<'_>],
    tree: &mut FileTree,
) -> Result<(), Error> {
    let folder = mode.module("builders");
    for (file, about) in FILES {
        let builders = builders.iter().filter(|it| file_of(it) == file);
        let builders = builders.map(|it| builder(mode, it));
        let builders = builders.collect::<Result<Vec<_>, _>>()?;
        let about = match mode {
            Mode::Async => format!("{about}; async API."),
            Mode::Blocking => format!("{about}; blocking API."),
        };
        let items = with_imports(mode, &builders);
        insert(tree, &format!("{folder}/{file}"), &about, items)?;
    }
    let about = match mode {
        Mode::Async => "Builders of the async API: nothing is sent until they are awaited.",
        Mode::Blocking => "Builders of the blocking API: nothing is sent until `call` is called.",
    };
    let names = FILES.map(|(file, _)| ident(file));
    let index = quote!(#(mod #names;)* #(pub use #names::*;)*);
    insert(tree, &folder, about, index)
}

/// The file that a builder is in.
fn file_of(resolved: &Resolved<'_>) -> &'static str {
    match (resolved.builder.origin, resolved.builder.method) {
        (Origin::Codex(_), _) => "codex",
        (Origin::HandWrittenOnTurn, _) | (Origin::HandWrittenOnThread, "turn/start") => "turn",
        (Origin::Thread(_) | Origin::HandWrittenOnThread, _) => "thread",
    }
}

fn with_imports(mode: Mode, builders: &[TokenStream]) -> TokenStream {
    let root = mode.root();
    let core = (mode == Mode::Blocking).then(|| {
        quote! {
            use crate::connection::park::block_on;
            use crate::generated::nonblocking::builders as core;
        }
    });
    quote! {
        use std::collections::BTreeMap;
        use std::path::Path;
        use std::time::Duration;

        use codex_types::*;
        use serde_json::Value;

        use crate::shared::builder_state::BuilderState;
        use crate::shared::page::Page;
        use crate::{ApprovalMode, ConfigOverrides, Error, Sandbox, TurnResult};
        use #root::{Codex, CompactHandle, GoalHandle, Items, Thread, TurnControl, TurnHandle};
        #core

        #(#builders)*
    }
}

/// The type with its methods, the function that creates it, and the code that sends it.
fn builder(mode: Mode, resolved: &Resolved<'_>) -> Result<TokenStream, Error> {
    let request = resolved.request;
    let text = format!(
        "{}\n\nSends [`{}`](methods::{}).",
        resolved.builder.docs, request.method, request.name
    );
    let text = with_history(Some(text), request.experimental, &request.since).unwrap_or_default();
    let structure = structure(mode, resolved, &text);
    let methods = methods(mode, resolved)?;
    let constructor = constructor(resolved, &text);
    let sent = match mode {
        Mode::Async => sent_when_awaited(resolved),
        Mode::Blocking => sent_when_called(resolved),
    };
    let all = resolved.entry.map(|entry| all(mode, resolved, entry));
    Ok(quote!(#structure #methods #constructor #sent #all))
}

fn structure(mode: Mode, resolved: &Resolved<'_>, text: &str) -> TokenStream {
    let (name, owner) = (ident(resolved.builder.name), ident(owner(resolved)));
    let params = ident(resolved.params);
    let about = docs(&format!("{text}\n\nUnset options are not sent."));
    let must_use = match mode {
        Mode::Async => "nothing is sent until this is awaited",
        Mode::Blocking => "nothing is sent until `call` is called",
    };
    quote! {
        #about
        #[must_use = #must_use]
        #[derive(Clone, Debug)]
        pub struct #name {
            pub(crate) target: #owner,
            pub(crate) params: #params,
            pub(crate) state: BuilderState,
        }
    }
}

fn methods(mode: Mode, resolved: &Resolved<'_>) -> Result<TokenStream, Error> {
    let (name, owner) = (ident(resolved.builder.name), ident(owner(resolved)));
    let params = ident(resolved.params);
    let setters = resolved.offered().map(|it| setters::setter(resolved, it));
    let setters = setters.collect::<Result<Vec<_>, _>>()?;
    // In the blocking API these wrap the builder of the async API.
    let is_wrapped = mode == Mode::Blocking && is_hand_written(resolved);
    let new = (!is_wrapped).then(|| {
        quote! {
            pub(crate) fn new(target: &#owner, params: #params) -> Self {
                Self { target: target.clone(), params, state: BuilderState::default() }
            }
        }
    });
    Ok(quote! {
        impl #name {
            #new

            #(#setters)*

            /// Modifies the parameters of the request directly, to set fields that the builder does
            /// not offer, or to send `null`.
            pub fn with_params(mut self, change: impl FnOnce(#params) -> #params) -> Self {
                self.params = change(self.params);
                self
            }
        }
    })
}

/// The type whose method creates the builder.
fn owner(resolved: &Resolved<'_>) -> &'static str {
    match resolved.builder.origin {
        Origin::Codex(_) => "Codex",
        Origin::Thread(_) | Origin::HandWrittenOnThread => "Thread",
        Origin::HandWrittenOnTurn => "TurnControl",
    }
}

/// The function that creates the builder, unless it is hand-written: its arguments are the required
/// fields.
fn constructor(resolved: &Resolved<'_>, text: &str) -> TokenStream {
    let (function, own) = match resolved.builder.origin {
        Origin::Codex(function) => (function, None),
        Origin::Thread(function) => (function, Some("thread_id")),
        Origin::HandWrittenOnThread | Origin::HandWrittenOnTurn => return quote!(),
    };
    let required: Vec<&Field> = resolved
        .fields
        .iter()
        .filter(|field| field.presence.is_required())
        .collect();
    let is_own = |field: &Field| Some(field.rust.0.as_str()) == own;
    let arguments = required.iter().filter(|field| !is_own(field)).map(|field| {
        let (name, value) = (
            ident(&snake_case(&field.rust.0)),
            argument_type(&field.value),
        );
        quote!(#name: #value)
    });
    let values = required.iter().map(|field| {
        let name = ident(&snake_case(&field.rust.0));
        if is_own(field) {
            quote!(self.id())
        } else {
            quote!(#name)
        }
    });
    let (about, owner) = (docs(text), ident(owner(resolved)));
    let (function, name) = (ident(function), ident(resolved.builder.name));
    let params = ident(resolved.params);
    quote! {
        impl #owner {
            #about
            pub fn #function(&self, #(#arguments),*) -> #name {
                #name::new(self, #params::new(#(#values),*))
            }
        }
    }
}

/// The type of the result.
fn output_type(resolved: &Resolved<'_>) -> TokenStream {
    match resolved.builder.output {
        Output::Response => ident(&resolved.request.response).into_token_stream(),
        Output::HandWritten("()") => quote!(()),
        Output::HandWritten(name) => ident(name).into_token_stream(),
    }
}

/// The `IntoFuture` impl of a builder of the async API; the conversion of the response is
/// hand-written unless the result is the plain response.
fn sent_when_awaited(resolved: &Resolved<'_>) -> TokenStream {
    let (name, method) = (ident(resolved.builder.name), ident(&resolved.request.name));
    let output = output_type(resolved);
    let send = (resolved.builder.output == Output::Response).then(|| {
        quote! {
            impl #name {
                pub(crate) async fn send(mut self) -> Result<#output, Error> {
                    self.state.check()?;
                    let client = self.target.client();
                    client.request::<methods::#method>(&self.params).await
                }
            }
        }
    });
    let inline = inline(resolved);
    quote! {
        #send

        impl IntoFuture for #name {
            type Output = Result<#output, Error>;
            type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

            #inline
            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    }
}

/// The attribute of functions that run a builder: most are compiled by the programs that use them.
fn inline(resolved: &Resolved<'_>) -> Option<TokenStream> {
    let is_common = COMPILED_ONCE.contains(&resolved.builder.name);
    (!is_common).then(|| quote!(#[inline]))
}

/// `call` of the blocking API: runs the async builder on the current thread.
fn sent_when_called(resolved: &Resolved<'_>) -> TokenStream {
    let name = ident(resolved.builder.name);
    let output = output_type(resolved);
    let target = ident(owner(resolved));
    let from_core = is_hand_written(resolved).then(|| {
        quote! {
            pub(crate) fn from_core(core: core::#name) -> Self {
                Self {
                    target: #target(core.target),
                    params: core.params,
                    state: core.state,
                }
            }
        }
    });
    let wrapped = matches!(resolved.builder.output, Output::HandWritten(name) if is_handle(name));
    let wrapped = wrapped.then(|| quote!(.map(#output)));
    let (inline, sent) = match inline(resolved) {
        None => (None, quote!(into_future)),
        inline => (inline, quote!(send)),
    };
    quote! {
        impl #name {
            pub(crate) fn into_core(self) -> core::#name {
                core::#name {
                    target: self.target.0,
                    params: self.params,
                    state: self.state,
                }
            }

            #from_core

            /// Sends the request and waits for the result.
            ///
            /// # Errors
            ///
            /// The errors of [`Client::request`](crate::blocking::Client::request), and those
            /// listed in the documentation of the builder.
            #inline
            pub fn call(self) -> Result<#output, Error> {
                block_on(self.into_core().#sent())#wrapped
            }
        }
    }
}

/// The walk through all pages of a list.
fn all(mode: Mode, resolved: &Resolved<'_>, entry: &Type) -> TokenStream {
    let (name, entry) = (ident(resolved.builder.name), value_type(entry));
    // The client has handles of the same names as some models.
    let entry = quote!(codex_types::#entry);
    let body = match mode {
        Mode::Async => quote! {
            Items::new(move |cursor| {
                let builder = match cursor {
                    Some(cursor) => self.clone().cursor(cursor),
                    None => self.clone(),
                };
                Box::pin(async move {
                    let page = builder.await?;
                    Ok(Page { entries: page.data, next: page.next_cursor })
                })
            })
        },
        Mode::Blocking => quote!(Items(self.into_core().all())),
    };
    quote! {
        impl #name {
            /// Returns every entry of the list from the cursor on, over all pages; the limit is
            /// that of each page.
            #[inline]
            pub fn all(self) -> Items<#entry> {
                #body
            }
        }
    }
}

/// Returns whether the function that creates the builder is hand-written.
fn is_hand_written(resolved: &Resolved<'_>) -> bool {
    matches!(
        resolved.builder.origin,
        Origin::HandWrittenOnThread | Origin::HandWrittenOnTurn
    )
}

/// Returns whether a type exists in both APIs.
fn is_handle(name: &str) -> bool {
    name == "Thread" || name.ends_with("Handle")
}
