//! The client's builders, for both APIs: plain items. Conversions of a response that need more than
//! its type are hand-written in the client.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};

use super::client::{Face, insert};
use super::documentation::{docs, with_history};
use super::tokens::{argument_type, ident};
use crate::builders::{Gives, MadeBy, Resolved};
use crate::ir::Field;
use crate::names::snake_case;
use crate::{Error, FileTree};

mod setters;

/// The files of an API, by the subject of their builders.
const FILES: [(&str, &str); 3] = [
    ("codex", "Builders of a runtime"),
    ("thread", "Builders of a thread"),
    ("turn", "Builders that start, steer and stop turns"),
];

pub(super) fn emit(builders: &[Resolved<'_>], tree: &mut FileTree) -> Result<(), Error> {
    for face in Face::BOTH {
        let folder = face.module("builders");
        for (file, about) in FILES {
            let builders = builders.iter().filter(|it| file_of(it) == file);
            let builders = builders.map(|it| builder(face, it));
            let builders = builders.collect::<Result<Vec<_>, _>>()?;
            let about = match face {
                Face::Async => format!("{about}; async API."),
                Face::Blocking => format!("{about}; blocking API."),
            };
            let items = with_imports(face, &builders);
            insert(tree, &format!("{folder}/{file}"), &about, items)?;
        }
        let about = match face {
            Face::Async => "Builders of the async API: nothing is sent until they are awaited.",
            Face::Blocking => {
                "Builders of the blocking API: nothing is sent until `call` is called."
            }
        };
        let names = FILES.map(|(file, _)| ident(file));
        let index = quote!(#(mod #names;)* #(pub use #names::*;)*);
        insert(tree, &folder, about, index)?;
    }
    Ok(())
}

/// The file that a builder is in.
fn file_of(resolved: &Resolved<'_>) -> &'static str {
    match (resolved.builder.made_by, resolved.builder.method) {
        (MadeBy::Codex(_), _) => "codex",
        (MadeBy::HandOfTurn, _) | (MadeBy::HandOfThread, "turn/start") => "turn",
        (MadeBy::Thread(_) | MadeBy::HandOfThread, _) => "thread",
    }
}

fn with_imports(face: Face, builders: &[TokenStream]) -> TokenStream {
    let root = face.root();
    let core = (face == Face::Blocking).then(|| {
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

        use crate::shared::builder_state::Extras;
        use crate::{ApprovalMode, Error, Sandbox, TurnResult};
        use #root::{Codex, CompactHandle, GoalHandle, Thread, TurnControl, TurnHandle};
        #core

        #(#builders)*
    }
}

/// The type with its methods, the function that creates it, and the code that sends it.
fn builder(face: Face, resolved: &Resolved<'_>) -> Result<TokenStream, Error> {
    let request = resolved.request;
    let text = format!(
        "{}\n\nSends [`{}`](methods::{}).",
        resolved.builder.docs, request.method, request.name
    );
    let text = with_history(Some(text), request.experimental, &request.since).unwrap_or_default();
    let structure = structure(face, resolved, &text);
    let methods = methods(face, resolved)?;
    let constructor = constructor(resolved, &text);
    let sent = match face {
        Face::Async => sent_when_awaited(resolved),
        Face::Blocking => sent_when_called(resolved),
    };
    Ok(quote!(#structure #methods #constructor #sent))
}

fn structure(face: Face, resolved: &Resolved<'_>, text: &str) -> TokenStream {
    let (name, owner) = (ident(resolved.builder.name), ident(owner(resolved)));
    let params = ident(resolved.params);
    let about = docs(&format!("{text}\n\nUnset options are not sent."));
    let must_use = match face {
        Face::Async => "nothing is sent until this is awaited",
        Face::Blocking => "nothing is sent until `call` is called",
    };
    quote! {
        #about
        #[must_use = #must_use]
        #[derive(Clone, Debug)]
        pub struct #name {
            pub(crate) target: #owner,
            pub(crate) params: #params,
            pub(crate) extras: Extras,
        }
    }
}

fn methods(face: Face, resolved: &Resolved<'_>) -> Result<TokenStream, Error> {
    let (name, owner) = (ident(resolved.builder.name), ident(owner(resolved)));
    let params = ident(resolved.params);
    let setters = resolved.offered().map(|it| setters::setter(resolved, it));
    let setters = setters.collect::<Result<Vec<_>, _>>()?;
    // In the blocking API these wrap the builder of the async API.
    let is_wrapped = face == Face::Blocking && is_made_by_hand(resolved);
    let new = (!is_wrapped).then(|| {
        quote! {
            pub(crate) fn new(target: &#owner, params: #params) -> Self {
                Self { target: target.clone(), params, extras: Extras::default() }
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
    match resolved.builder.made_by {
        MadeBy::Codex(_) => "Codex",
        MadeBy::Thread(_) | MadeBy::HandOfThread => "Thread",
        MadeBy::HandOfTurn => "TurnControl",
    }
}

/// The function that creates the builder, unless it is hand-written: its arguments are the required
/// fields.
fn constructor(resolved: &Resolved<'_>, text: &str) -> TokenStream {
    let (function, own) = match resolved.builder.made_by {
        MadeBy::Codex(function) => (function, None),
        MadeBy::Thread(function) => (function, Some("thread_id")),
        MadeBy::HandOfThread | MadeBy::HandOfTurn => return quote!(),
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
    let given = required.iter().map(|field| {
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
                #name::new(self, #params::new(#(#given),*))
            }
        }
    }
}

/// The type of the result.
fn given(resolved: &Resolved<'_>) -> TokenStream {
    match resolved.builder.gives {
        Gives::Answer => ident(&resolved.request.response).into_token_stream(),
        Gives::Hand("()") => quote!(()),
        Gives::Hand(name) => ident(name).into_token_stream(),
    }
}

/// The `IntoFuture` impl of a builder of the async API; the conversion of the response is
/// hand-written unless the result is the plain response.
fn sent_when_awaited(resolved: &Resolved<'_>) -> TokenStream {
    let (name, method) = (ident(resolved.builder.name), ident(&resolved.request.name));
    let gives = given(resolved);
    let send = (resolved.builder.gives == Gives::Answer).then(|| {
        quote! {
            impl #name {
                pub(crate) async fn send(mut self) -> Result<#gives, Error> {
                    self.extras.check()?;
                    let client = self.target.client();
                    client.request::<methods::#method>(&self.params).await
                }
            }
        }
    });
    quote! {
        #send

        impl IntoFuture for #name {
            type Output = Result<#gives, Error>;
            type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    }
}

/// `call` of the blocking API: runs the async builder on the current thread.
fn sent_when_called(resolved: &Resolved<'_>) -> TokenStream {
    let name = ident(resolved.builder.name);
    let gives = given(resolved);
    let target = ident(owner(resolved));
    let by_hand = matches!(
        resolved.builder.made_by,
        MadeBy::HandOfThread | MadeBy::HandOfTurn
    );
    let from_core = by_hand.then(|| {
        quote! {
            pub(crate) fn from_core(core: core::#name) -> Self {
                Self {
                    target: #target(core.target),
                    params: core.params,
                    extras: core.extras,
                }
            }
        }
    });
    let wrapped = matches!(resolved.builder.gives, Gives::Hand(name) if is_handle(name));
    let wrapped = wrapped.then(|| quote!(.map(#gives)));
    quote! {
        impl #name {
            pub(crate) fn into_core(self) -> core::#name {
                core::#name {
                    target: self.target.0,
                    params: self.params,
                    extras: self.extras,
                }
            }

            #from_core

            /// Sends the request and waits for the result.
            ///
            /// # Errors
            ///
            /// The errors of [`Client::request`](crate::blocking::Client::request), and those
            /// listed in the documentation of the builder.
            pub fn call(self) -> Result<#gives, Error> {
                block_on(self.into_core().send())#wrapped
            }
        }
    }
}

/// Returns whether the function that creates the builder is hand-written.
fn is_made_by_hand(resolved: &Resolved<'_>) -> bool {
    matches!(
        resolved.builder.made_by,
        MadeBy::HandOfThread | MadeBy::HandOfTurn
    )
}

/// Returns whether a type exists in both APIs.
fn is_handle(name: &str) -> bool {
    name == "Thread" || name.ends_with("Handle")
}
