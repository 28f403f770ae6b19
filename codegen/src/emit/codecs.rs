//! A table for the tests of the models: every type by name, with functions to read and write it.

use super::TYPES_TESTS;
use crate::FileTree;
use crate::ir::{Kind, Model};
use crate::protocol::Protocol;
use crate::render::Source;

pub(super) fn emit(model: &Model, protocol: &Protocol, tree: &mut FileTree) {
    let mut source = Source::new("Every model by name, with functions to read and write it.");
    source.raw("#![allow(deprecated, reason = \"deprecated items are still on the wire\")]\n\n");
    source.raw("use crate::codec::{Codec, codec};\nuse codex_types::*;\n\n");
    source.raw("/// Every definition that has a type.\npub(crate) static CODECS: &[Codec] = &[\n");
    for definition in model.definitions.values() {
        if !matches!(definition.kind, Kind::Alias(_)) {
            let name = &definition.name;
            source.raw(&format!("    codec::<{name}>(\"{name}\"),\n"));
        }
    }
    source.raw("];\n\n/// The response of every method, client requests first.\n");
    source.raw("pub(crate) static RESPONSES: &[(&str, &str)] = &[\n");
    for request in protocol
        .client_requests
        .iter()
        .chain(&protocol.server_requests)
    {
        source.raw(&format!(
            "    ({:?}, {:?}),\n",
            request.method, request.response
        ));
    }
    source.raw("];\n");
    tree.insert(format!("{TYPES_TESTS}/codecs.rs"), source.finish());
}
