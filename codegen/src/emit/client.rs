//! The generated methods of the client, for both APIs: a call for each request that a client may
//! send, and a handler method for each request that the server may send.
//!
//! Plain items, visible to readers, rustdoc and the snapshot of the public API. Sending requests
//! and running handlers is hand-written in the client.

use proc_macro2::TokenStream;
use quote::quote;

use super::documentation::{wire_text, with_history};
use crate::ir::Model;
use crate::protocol::{Protocol, Request};
use crate::render::Source;
use crate::{Error, FileTree};

mod calls;
mod closures;
mod handlers;
mod pointers;
mod settings;
mod tools;
mod wrappers;

/// The folder of the generated parts of the client.
pub(crate) const CLIENT: &str = "codex-client/src/generated";

/// One of the two APIs of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Async,
    Blocking,
}

impl Mode {
    pub(super) const BOTH: [Self; 2] = [Self::Async, Self::Blocking];

    /// The folder of this API, and its module.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Async => "nonblocking",
            Self::Blocking => "blocking",
        }
    }

    /// A module of this API, as a path below the folder of generated parts.
    pub(super) fn module(self, name: &str) -> String {
        format!("{}/{name}", self.folder())
    }

    /// The path of the client's types in this API.
    pub(super) fn root(self) -> TokenStream {
        match self {
            Self::Async => quote!(crate::nonblocking),
            Self::Blocking => quote!(crate::blocking),
        }
    }

    /// The same path in documentation.
    pub(super) fn root_text(self) -> &'static str {
        match self {
            Self::Async => "crate",
            Self::Blocking => "crate::blocking",
        }
    }
}

/// Emits the files that both APIs share, and the modules of each.
pub(super) fn emit(model: &Model, protocol: &Protocol, tree: &mut FileTree) -> Result<(), Error> {
    for mode in Mode::BOTH {
        tools::emit(mode, tree)?;
        tree.insert(
            format!("{CLIENT}/{}/mod.rs", mode.folder()),
            mode_index(mode),
        );
    }
    settings::emit(model, protocol, tree)?;
    wrappers::emit(tree)?;
    tree.insert(format!("{CLIENT}/mod.rs"), index());
    Ok(())
}

/// Emits the methods of an API for the requests of the client.
pub(super) fn emit_calls(
    mode: Mode,
    protocol: &Protocol,
    tree: &mut FileTree,
) -> Result<(), Error> {
    calls::emit(mode, protocol, tree)
}

/// Emits the handlers of an API.
pub(super) fn emit_handlers(
    mode: Mode,
    model: &Model,
    protocol: &Protocol,
    tree: &mut FileTree,
) -> Result<(), Error> {
    handlers::emit(mode, protocol, tree)?;
    closures::emit(mode, model, protocol, tree)?;
    pointers::emit(mode, protocol, tree)
}

/// The rows about messages without a match.
pub(super) fn stale(model: &Model, protocol: &Protocol) -> Vec<String> {
    let mut rows = closures::stale(model, protocol);
    rows.extend(settings::stale(model, protocol));
    rows
}

/// Adds one file of one API.
pub(super) fn insert(
    tree: &mut FileTree,
    module: &str,
    docs: &str,
    items: TokenStream,
) -> Result<(), Error> {
    let file = format!("{CLIENT}/{module}.rs");
    let mut source = Source::new(docs);
    source.items(&file, items)?;
    tree.insert(file, source.finish());
    Ok(())
}

/// Lints that are allowed in generated code, with reasons.
const ALLOWED: &[(&str, &str)] = &[
    (
        "clippy::doc_markdown",
        "texts of the dump are quoted verbatim",
    ),
    (
        "clippy::needless_pass_by_value",
        "parameters are created for the call and not used afterwards",
    ),
    (
        "clippy::return_self_not_must_use",
        "builders are `must_use` as types",
    ),
    ("clippy::too_many_lines", "dispatching is a row per method"),
    (
        "clippy::wildcard_imports",
        "the files use hundreds of types",
    ),
    (
        "deprecated",
        "deprecated parts of the protocol can still be sent",
    ),
    (
        "missing_docs",
        "arguments with a self-explanatory name and type have no text",
    ),
    ("unused_imports", "not every file uses all of them"),
    (
        "unused_qualifications",
        "a handle may have the name of a model",
    ),
];

/// The root module.
fn index() -> String {
    let mut source = Source::new(
        "The part of the client that is generated from the schema of the pinned runtime.",
    );
    source.allow_lints(ALLOWED, "codegen/src/emit/client.rs");
    // The blocking API wraps the core of the async API.
    source.raw(
        "#[cfg(feature = \"blocking\")]\npub(crate) mod blocking;\npub(crate) mod nonblocking;\n\
         pub(crate) mod thread_settings;\n",
    );
    source.finish()
}

/// The module of one API.
fn mode_index(mode: Mode) -> String {
    let mut source = Source::new(match mode {
        Mode::Async => "The generated part of the async API.",
        Mode::Blocking => "The generated part of the blocking API.",
    });
    // Handlers of the async API are polled by tokio.
    let handlers = match mode {
        Mode::Async => "#[cfg(feature = \"async\")]\npub(crate) mod handlers;\n",
        Mode::Blocking => "pub(crate) mod handlers;\n",
    };
    let more = match mode {
        Mode::Async => "#[cfg(all(feature = \"async\", feature = \"schemars\"))]\nmod tools;\n",
        Mode::Blocking => "#[cfg(feature = \"schemars\")]\nmod tools;\nmod wrappers;\n",
    };
    source.raw(&format!("pub mod builders;\nmod calls;\n{handlers}{more}"));
    source.finish()
}

/// The documentation of a request.
fn request_text(request: &Request) -> String {
    let text = wire_text(&request.method, request.docs.as_deref());
    let text = format!("{text}\n\nSee [`methods::{}`].", request.name);
    with_history(Some(text), request.experimental, &request.since).unwrap_or_default()
}
