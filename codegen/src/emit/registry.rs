//! Tables of all methods and notifications, as data that users can iterate.

use proc_macro2::TokenStream;
use quote::quote;

use super::TYPES;
use super::methods::stability;
use super::tokens::ident;
use crate::names::pascal_case;
use crate::protocol::{Notification, Params, Protocol, Request, Route};
use crate::render::Source;
use crate::{Error, FileTree};

pub(super) fn emit(protocol: &Protocol, tree: &mut FileTree) -> Result<(), Error> {
    let path = format!("{TYPES}/registry.rs");
    let mut source = Source::new("Every method and notification, as data.");
    source.raw("use crate::registry::{IdKind, MethodInfo, NotificationInfo, Route};\nuse crate::Stability;\n\n");
    let client = protocol.client_requests.iter().map(method_info);
    let server = protocol.server_requests.iter().map(method_info);
    let told = protocol.server_notifications.iter().map(notification_info);
    let telling = protocol.client_notifications.iter().map(notification_info);
    source.items(
        &path,
        quote! {
            /// Every request that a client may send, sorted by method.
            pub static CLIENT_METHODS: &[MethodInfo] = &[#(#client),*];

            /// Every request that the server may send, sorted by method.
            pub static SERVER_METHODS: &[MethodInfo] = &[#(#server),*];

            /// Every notification that the server may send, sorted by method.
            pub static NOTIFICATIONS: &[NotificationInfo] = &[#(#told),*];

            /// Every notification that a client may send, sorted by method.
            pub static CLIENT_NOTIFICATIONS: &[NotificationInfo] = &[#(#telling),*];
        },
    )?;
    tree.insert(path, source.finish());
    Ok(())
}

fn method_info(request: &Request) -> TokenStream {
    let method = &request.method;
    let params = params(&request.params);
    let response = &request.response;
    let stability = ident(stability(request.experimental));
    let docs = request.docs.as_deref().unwrap_or_default();
    let routes = request.routes.iter().map(route);
    quote! {
        MethodInfo {
            method: #method,
            params: #params,
            response: #response,
            stability: Stability::#stability,
            docs: #docs,
            routes: &[#(#routes),*],
        }
    }
}

fn notification_info(notification: &Notification) -> TokenStream {
    let method = &notification.method;
    let params = params(&notification.params);
    let stability = ident(stability(notification.experimental));
    let docs = notification.docs.as_deref().unwrap_or_default();
    let deprecated = docs.starts_with("Deprecated");
    let routes = notification.routes.iter().map(route);
    quote! {
        NotificationInfo {
            method: #method,
            params: #params,
            stability: Stability::#stability,
            deprecated: #deprecated,
            docs: #docs,
            routes: &[#(#routes),*],
        }
    }
}

fn params(params: &Params) -> TokenStream {
    match params.type_name() {
        Some(name) => quote!(Some(#name)),
        None => quote!(None),
    }
}

fn route(route: &Route) -> TokenStream {
    let kind = ident(&pascal_case(route.kind));
    let path = &route.path;
    let required = route.required;
    quote!(Route { kind: IdKind::#kind, path: &[#(#path),*], required: #required })
}
