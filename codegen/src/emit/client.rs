//! What the client has per method, on each of its faces: a call for each request it may send,
//! and a place in the handlers for each request the server may send.
//!
//! Plain items, so that readers, rustdoc and the snapshot of the public API see them. How a
//! request is sent or a handler is run is not decided here.

use proc_macro2::TokenStream;
use quote::quote;

use super::documentation::{wire_text, with_history};
use crate::protocol::{Protocol, Request};
use crate::render::Source;
use crate::{Error, FileTree};

mod calls;
mod handlers;

/// The folder of the client's generated parts.
pub(crate) const CLIENT: &str = "codex-client/src/generated";

/// One of the two ways in which the client is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    Async,
    Blocking,
}

impl Face {
    pub(super) const BOTH: [Self; 2] = [Self::Async, Self::Blocking];

    /// The folder of this face, and its module.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Async => "nonblocking",
            Self::Blocking => "blocking",
        }
    }

    /// A module of this face, as a path below the folder of generated parts.
    pub(super) fn module(self, name: &str) -> String {
        format!("{}/{name}", self.folder())
    }

    /// Where the client's types of this face are.
    pub(super) fn root(self) -> TokenStream {
        match self {
            Self::Async => quote!(crate::nonblocking),
            Self::Blocking => quote!(crate::blocking),
        }
    }

    /// The same in documentation.
    pub(super) fn root_text(self) -> &'static str {
        match self {
            Self::Async => "crate",
            Self::Blocking => "crate::blocking",
        }
    }
}

pub(super) fn emit(protocol: &Protocol, tree: &mut FileTree) -> Result<(), Error> {
    for face in Face::BOTH {
        calls::emit(face, protocol, tree)?;
        handlers::emit(face, protocol, tree)?;
        tree.insert(
            format!("{CLIENT}/{}/mod.rs", face.folder()),
            face_index(face),
        );
    }
    tree.insert(format!("{CLIENT}/mod.rs"), index());
    Ok(())
}

/// Adds one file of one face.
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

/// What the lints of hand-written code say about generated code, and why not here.
const ALLOWED: &[(&str, &str)] = &[
    (
        "clippy::doc_markdown",
        "the dump's words are quoted as they are",
    ),
    (
        "clippy::needless_pass_by_value",
        "parameters are made for the call and of no use after it",
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
        "what the protocol deprecates can be sent as long as it takes it",
    ),
    (
        "missing_docs",
        "an argument whose name and type say it all has no text",
    ),
    ("unused_imports", "not every file uses all of them"),
];

/// The module that names all others.
fn index() -> String {
    let mut source = Source::new(
        "Everything of the client that is generated from the schema of the pinned runtime.",
    );
    source.allow_lints(ALLOWED, "codegen/src/emit/client.rs");
    // The core is what the async API stands on: the blocking one wraps it.
    source.raw(
        "#[cfg(feature = \"blocking\")]\npub(crate) mod blocking;\n\
         #[cfg_attr(\n    not(feature = \"async\"),\n    \
         allow(dead_code, unreachable_pub, reason = \"the blocking API uses a part of it\")\n)]\n\
         pub(crate) mod nonblocking;\n",
    );
    source.finish()
}

/// The module of one face.
fn face_index(face: Face) -> String {
    let mut source = Source::new(match face {
        Face::Async => "What is generated for the async face.",
        Face::Blocking => "What is generated for the blocking face.",
    });
    let handlers = match face {
        Face::Async => "#[cfg(feature = \"async\")]\npub(crate) mod handlers;\n",
        Face::Blocking => "pub(crate) mod handlers;\n",
    };
    source.raw(&format!("pub mod builders;\nmod calls;\n{handlers}"));
    source.finish()
}

/// What is said about a request.
fn request_text(request: &Request) -> String {
    let text = wire_text(&request.method, request.docs.as_deref());
    let text = format!("{text}\n\nSee [`methods::{}`].", request.name);
    with_history(Some(text), request.experimental, &request.since).unwrap_or_default()
}
