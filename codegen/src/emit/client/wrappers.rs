//! The traits of the handles of the blocking API, which wrap those of the async API: mechanical, and
//! the same for each.
//!
//! The list of the handles is reviewed; the handles themselves are hand-written.

use proc_macro2::TokenStream;
use quote::quote;

use super::insert;
use crate::{Error, FileTree};

/// Handles that are shown as the handle that they wrap; the others derive it.
const SHOWN: &[(&str, &str)] = &[("Items", "<T>")];

/// Handles that are iterators, with their generics, and the type of their items without errors.
const ITERATORS: &[(&str, &str, &str)] = &[
    ("ApprovalRecords", "", "ApprovalRecord"),
    ("CompactHandle", "", "Event"),
    ("Events", "", "Event"),
    ("GoalHandle", "", "Event"),
    ("Items", "<T>", "T"),
    ("TextDeltas", "<'_>", "String"),
    ("TurnHandle", "", "TurnEvent"),
    ("TurnStream", "", "TurnEvent"),
];

/// Iterators that can wait for a limited time.
const LIMITED: &[&str] = &[
    "ApprovalRecords",
    "CompactHandle",
    "Events",
    "GoalHandle",
    "TurnHandle",
    "TurnStream",
];

pub(super) fn emit(tree: &mut FileTree) -> Result<(), Error> {
    let about = "The traits of the handles of the blocking API, which wrap those of the async API.";
    let imports = quote! {
        use std::fmt;
        use std::time::Duration;

        use crate::blocking::*;
        use crate::connection::park::block_on;
        use crate::connection::timer::within;
        use crate::{ApprovalRecord, Error, Event, TurnEvent};
    };
    let shown = SHOWN.iter().map(|(name, generics)| shown(name, generics));
    let iterators = ITERATORS.iter().map(iterator);
    let items = shown.chain(iterators).collect::<Result<Vec<_>, _>>()?;
    insert(
        tree,
        "blocking/wrappers",
        about,
        quote!(#imports #(#items)*),
    )
}

/// The tokens of a type, or of generics.
fn tokens(text: &str) -> Result<TokenStream, Error> {
    let parsed = text.parse();
    parsed.map_err(|_| Error::schema("wrappers", format!("`{text}` is no Rust")))
}

/// The generics of an `impl`: those that are names.
fn declared(generics: &str) -> Result<TokenStream, Error> {
    tokens(if generics.contains('_') { "" } else { generics })
}

fn shown(name: &str, generics: &str) -> Result<TokenStream, Error> {
    let (name, own, declared) = (tokens(name)?, tokens(generics)?, declared(generics)?);
    Ok(quote! {
        impl #declared fmt::Debug for #name #own {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    })
}

fn iterator((name, generics, item): &(&str, &str, &str)) -> Result<TokenStream, Error> {
    let limited = LIMITED
        .contains(name)
        .then(|| limited(name, item))
        .transpose()?;
    let (name, own, declared) = (tokens(name)?, tokens(generics)?, declared(generics)?);
    let item = tokens(item)?;
    Ok(quote! {
        impl #declared Iterator for #name #own {
            type Item = Result<#item, Error>;

            #[inline]
            fn next(&mut self) -> Option<Self::Item> {
                block_on(self.0.next())
            }
        }

        #limited
    })
}

fn limited(name: &str, item: &str) -> Result<TokenStream, Error> {
    let (name, item) = (tokens(name)?, tokens(item)?);
    Ok(quote! {
        impl #name {
            /// Returns the next item, if there is one within this time.
            ///
            /// # Errors
            ///
            /// [`RecvTimeoutError`] if the time has passed; the items continue.
            #[inline]
            pub fn next_timeout(
                &mut self,
                limit: Duration,
            ) -> Result<Option<Result<#item, Error>>, RecvTimeoutError> {
                block_on(within(Some(limit), self.0.next())).ok_or(RecvTimeoutError)
            }
        }
    })
}
