//! The unions of messages by method, and the accessors of the ids in them.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::documentation::{deprecated, docs, wire_text};
use super::tokens::ident;
use super::unions::payloads::{self, Payload};
use super::{CORE, TYPES};
use crate::ir::{Kind, Model, Presence, Type};
use crate::passes::boxing;
use crate::passes::names::accessor_name;
use crate::protocol::{Params, Protocol, Route};
use crate::render::Source;
use crate::{Error, FileTree};

/// The properties in which the unions of messages differ.
struct Union<'a> {
    folder: &'static str,
    file: &'static str,
    name: &'static str,
    docs: &'static str,
    /// True if its messages have ids with an accessor.
    routed: bool,
    messages: Vec<Message<'a>>,
}

/// A row of a union.
struct Message<'a> {
    method: &'a str,
    name: &'a str,
    docs: Option<&'a str>,
    deprecated: Option<&'a str>,
    params: &'a Params,
    routes: &'a [Route],
}

/// The messages of a direction: requests and notifications are two types with these fields.
macro_rules! messages {
    ($given:expr) => {
        $given
            .iter()
            .map(|message| Message {
                method: &message.method,
                name: &message.name,
                docs: message.docs.as_deref(),
                deprecated: message.deprecated.as_deref(),
                params: &message.params,
                routes: &message.routes,
            })
            .collect()
    };
}

pub(super) fn emit(model: &Model, protocol: &Protocol, tree: &mut FileTree) -> Result<(), Error> {
    let sizes = boxing::sizes(model);
    for union in unions(protocol) {
        let file = UnionFile {
            folder: union.folder,
            file: union.file,
            docs: union.docs,
            table: ("__message_union", union.name),
        };
        let mut source = file.source(items(model, &union, &sizes), &rows(&union))?;
        if union.folder == CORE {
            let payloads = payloads(&union);
            payloads::table(union.name, "UnrecognizedMessage", &payloads, &mut source);
        }
        tree.insert(file.path(), source.finish());
    }
    Ok(())
}

/// A file with one union by method and its table.
pub(super) struct UnionFile {
    pub(super) folder: &'static str,
    pub(super) file: &'static str,
    pub(super) docs: &'static str,
    /// The macro of the table, and the name of the union.
    pub(super) table: (&'static str, &'static str),
}

impl UnionFile {
    pub(super) fn path(&self) -> String {
        format!("{}/{}.rs", self.folder, self.file)
    }

    pub(super) fn source(&self, items: TokenStream, rows: &[String]) -> Result<Source, Error> {
        let mut source = Source::new(self.docs);
        source.raw("use super::prelude::*;\n\n");
        source.items(&self.path(), items)?;
        let (macro_name, union) = self.table;
        source.table(macro_name, &format!("{union};"), rows);
        Ok(source)
    }
}

fn unions(protocol: &Protocol) -> [Union<'_>; 4] {
    [
        Union {
            folder: CORE,
            file: "server_notification",
            name: "ServerNotification",
            docs: "A notification of the server, by method.",
            routed: true,
            messages: messages!(protocol.server_notifications),
        },
        Union {
            folder: CORE,
            file: "server_request",
            name: "ServerRequest",
            docs: "A request of the server, by method; each must be answered.",
            routed: true,
            messages: messages!(protocol.server_requests),
        },
        Union {
            folder: TYPES,
            file: "client_request",
            name: "ClientRequest",
            docs: "A request of a client, by method: for proxies and servers.",
            routed: true,
            messages: messages!(protocol.client_requests),
        },
        Union {
            folder: TYPES,
            file: "client_notification",
            name: "ClientNotification",
            docs: "A notification of a client, by method.",
            routed: false,
            messages: messages!(protocol.client_notifications),
        },
    ]
}

fn rows(union: &Union<'_>) -> Vec<String> {
    let rows = union.messages.iter().enumerate().map(|(index, message)| {
        let params = message.params.rust_type("");
        format!("{index} {}({params}) = {:?},", message.name, message.method)
    });
    rows.collect()
}

fn items(model: &Model, union: &Union<'_>, sizes: &BTreeMap<String, usize>) -> TokenStream {
    let name = ident(union.name);
    let union_docs = docs(union.docs);
    let variants = union.messages.iter().map(|message| {
        let variant = ident(message.name);
        let docs = docs(&wire_text(message.method, message.docs));
        let deprecated = deprecated(message.deprecated);
        let payload = payload(message.params, sizes);
        quote!(#docs #deprecated #variant(#payload))
    });
    let accessors = accessors(model, union);
    quote! {
        #union_docs
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants,)*
            /// A message with a method that is unknown to this version of the crate.
            Unrecognized(UnrecognizedMessage),
        }

        #accessors
    }
}

fn payloads<'a>(union: &Union<'a>) -> Vec<Payload<'a>> {
    let with_params = union.messages.iter().filter_map(|message| {
        let value = match message.params {
            Params::None => return None,
            Params::Optional(name) => Type::Nullable(Box::new(Type::Named(name.clone()))),
            Params::Required(name) => Type::Named(name.clone()),
        };
        Some(Payload {
            is_deprecated: message.deprecated.is_some(),
            ..Payload::new(message.name, &value)
        })
    });
    with_params.collect()
}

pub(super) fn payload(params: &Params, sizes: &BTreeMap<String, usize>) -> TokenStream {
    match params {
        Params::None => quote!(NoParams),
        Params::Optional(name) => {
            let name = ident(name);
            quote!(Option<#name>)
        }
        Params::Required(name) => {
            let boxed = sizes.get(name).is_some_and(|size| *size > boxing::LIMIT);
            let name = ident(name);
            if boxed {
                quote!(Box<#name>)
            } else {
                quote!(#name)
            }
        }
    }
}

/// The kinds of ids that get an accessor.
const ACCESSORS: &[(&str, &str, &[&[&str]])] = &[
    (
        "thread",
        "the thread it concerns",
        &[&["threadId"], &["thread", "id"]],
    ),
    (
        "turn",
        "the turn it concerns",
        &[&["turnId"], &["turn", "id"]],
    ),
    (
        "item",
        "the item it concerns",
        &[&["itemId"], &["item", "id"]],
    ),
    ("login", "the login it concerns", &[&["loginId"]]),
    (
        "process",
        "the process it concerns",
        &[&["processId"], &["processHandle"]],
    ),
];

/// The rows of ids that no message has.
pub(super) fn stale(protocol: &Protocol) -> Vec<String> {
    let has = |kind: &str, path: &[&str]| {
        let mut routes = protocol.routes();
        routes.any(|route| route.kind == kind && route.path == path)
    };
    let rows = ACCESSORS.iter();
    let rows = rows.flat_map(|(kind, _, paths)| paths.iter().map(move |path| (*kind, *path)));
    rows.filter(|(kind, path)| !has(kind, path))
        .map(|(kind, path)| {
            let path = path.join(".");
            format!("codegen/src/emit/messages.rs: ACCESSORS ({kind}, {path})")
        })
        .collect()
}

fn accessors(model: &Model, union: &Union<'_>) -> TokenStream {
    if !union.routed {
        return quote!();
    }
    let name = ident(union.name);
    // What only clients send is compiled where it is used.
    let inline = (union.folder == TYPES).then(|| quote!(#[inline]));
    let accessors = ACCESSORS.iter().map(|(kind, about, paths)| {
        let function = format_ident!("{kind}_id");
        let docs = docs(&format!(
            "Returns the ID of {about}, if the message has it."
        ));
        let arms = union.messages.iter().filter_map(|message| {
            let route = message.routes.iter().find(|route| route.kind == *kind)?;
            let params = message.params.type_name()?;
            let id = access(model, params, &route.path)?;
            let variant = ident(message.name);
            let id = match message.params {
                Params::Optional(_) => quote!(params.as_ref().and_then(|params| #id)),
                _ => id,
            };
            Some(quote!(Self::#variant(params) => #id,))
        });
        let arms: Vec<_> = arms.collect();
        let others = (arms.len() < union.messages.len()).then(|| quote!(_ => None,));
        let unknown = paths.iter().map(|path| quote!(message.text(&[#(#path),*])));
        let unknown = unknown.reduce(|all, next| quote!(#all.or_else(|| #next)));
        quote! {
            #docs
            #inline
            pub fn #function(&self) -> Option<&str> {
                match self {
                    #(#arms)*
                    Self::Unrecognized(message) => #unknown,
                    #others
                }
            }
        }
    });
    quote!(impl #name { #(#accessors)* })
}

/// The expression for an id: through fields, or through a union's accessor.
fn access(model: &Model, owner: &str, path: &[String]) -> Option<TokenStream> {
    let mut expression = quote!(params);
    let mut owner = owner;
    for (depth, wire) in path.iter().enumerate() {
        let is_last = depth + 1 == path.len();
        match &model.definitions.get(owner)?.kind {
            Kind::Struct(object) => {
                let field = object.fields.iter().find(|field| field.wire.0 == *wire)?;
                let rust = ident(&field.rust.0);
                expression = quote!(#expression.#rust);
                if is_last {
                    return id_expression(&expression, &field.value, field.presence);
                }
                if field.presence != Presence::Required {
                    return None;
                }
                owner = field.value.named()?;
            }
            Kind::Tagged(union) if is_last => {
                let field = union.common.iter().find(|field| field.wire.0 == *wire)?;
                let rust = ident(&accessor_name(&field.rust.0));
                return Some(quote!(#expression.#rust()));
            }
            _ => return None,
        }
    }
    None
}

fn id_expression(
    expression: &TokenStream,
    value: &Type,
    presence: Presence,
) -> Option<TokenStream> {
    if !matches!(value, Type::String | Type::Named(_)) {
        return None;
    }
    Some(match presence {
        Presence::Required => quote!(Some(&#expression)),
        Presence::ThreeState => quote!(#expression.as_option().map(|id| &**id)),
        _ => quote!(#expression.as_deref()),
    })
}
