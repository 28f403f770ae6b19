//! What the client has per method: a call for each request it may send, and a place in the
//! handlers for each request the server may send.
//!
//! Rows for macros that are written by hand in the client: how a call is made or a handler is
//! asked is not decided here.

use crate::FileTree;
use crate::names::snake_case;
use crate::protocol::{Params, Protocol, Request};
use crate::render::Source;

use super::methods::row_docs;

/// The folder of the client's generated parts.
pub(crate) const CLIENT: &str = "codex-client/src/generated";

pub(super) fn emit(protocol: &Protocol, tree: &mut FileTree) {
    let mut source = Source::new("A call for each request that a client may send.");
    let calls: Vec<_> = protocol.client_requests.iter().map(row).collect();
    source.table("client_calls", "", &calls);
    tree.insert(format!("{CLIENT}/calls.rs"), source.finish());

    let mut source =
        Source::new("A place in the handlers for each request that the server may send.");
    let handlers: Vec<_> = protocol.server_requests.iter().map(row).collect();
    source.table("server_request_handlers", "", &handlers);
    tree.insert(format!("{CLIENT}/handlers.rs"), source.finish());

    let mut source = Source::new(
        "Everything of the client that is generated from the schema of the pinned runtime.",
    );
    source.raw(
        "#![allow(clippy::doc_markdown, reason = \"generated; the words are the dump's\")]\n\n",
    );
    source.raw("mod calls;\n");
    source.raw("mod handlers;\npub(crate) mod wrappers;\n\npub use handlers::*;\n");
    tree.insert(format!("{CLIENT}/mod.rs"), source.finish());
}

fn row(request: &Request) -> String {
    let docs = row_docs(
        &request.method,
        request.docs.as_deref(),
        request.experimental,
    );
    let (function, marker) = (snake_case(&request.name), &request.name);
    let (params, response) = (params(&request.params), &request.response);
    format!("{docs}    {function}: {marker}({params}) -> {response};")
}

fn params(params: &Params) -> String {
    match params {
        Params::None => String::new(),
        Params::Optional(name) => format!("optional {name}"),
        Params::Required(name) => format!("required {name}"),
    }
}
