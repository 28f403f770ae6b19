//! Stage 6b: the documentation of all emitted items.
//!
//! The dump describes a third of the protocol. The rest comes from facts that the generator has
//! (the message that a type belongs to, its uses, the unit of a number) and from a reviewed overlay
//! below `codegen/docs`. An item without any information beyond its name and type gets no text: an
//! empty sentence costs the reader more than its absence.
//!
//! Afterwards the texts in [`Model`] and [`Protocol`] are Markdown for rustdoc, links included.
//! They become attributes in `emit/documentation.rs`.

use std::collections::BTreeSet;

use crate::Error;
use crate::bundle::Bundle;
use crate::ir::Model;
use crate::passes::reachability;
use crate::protocol::Protocol;

mod compose;
mod coverage;
mod escape;
mod links;
mod messages;
mod notes;
mod overlay;
mod units;
mod usage;

pub(crate) use compose::{first_sentence, unlinked, with_history};
pub use coverage::{Coverage, Share};
pub(crate) use links::{Links, Place};
pub(crate) use overlay::{Domain, Overlay};

/// The results about the whole protocol that documentation needs.
#[derive(Debug)]
pub(crate) struct Documented {
    /// The share of described items.
    pub(crate) coverage: Coverage,
    /// The reviewed texts.
    pub(crate) overlay: &'static Overlay,
    /// Links to types and methods.
    pub(crate) links: Links,
    /// The rows of the overlay without a match.
    pub(crate) unmatched: Vec<Error>,
}

/// Writes the documentation of the model and of the messages.
pub(crate) fn describe(model: &mut Model, protocol: &mut Protocol) -> Result<Documented, Error> {
    notes::clean(model, protocol);
    escape::escape(model, protocol);
    let overlay = overlay::embedded()?;
    let unmatched = overlay::apply(overlay, model, protocol, is_dump(protocol));
    units::complete(model);
    let coverage = coverage::measure(model, protocol);
    let core: BTreeSet<String> = reachability::core(model, protocol);
    let links = Links::new(model, protocol, core);
    messages::describe(protocol, &links);
    compose::compose(model, protocol, &links);
    Ok(Documented {
        coverage,
        overlay,
        links,
        unmatched,
    })
}

/// The rows about notes to the protocol's developers without a match.
pub(crate) fn stale(bundle: &Bundle) -> Vec<String> {
    notes::stale(&bundle.definitions)
}

/// Returns whether the messages are those of a runtime's dump; without `initialize` they are those
/// of a test's fixture.
fn is_dump(protocol: &Protocol) -> bool {
    let mut requests = protocol.client_requests.iter();
    requests.any(|request| request.method == "initialize")
}

/// The problems among the overlay rows without a match. For an unreviewed runtime, or for the stable schema alone, which lacks experimental
/// items, the rows are only reported.
pub(crate) fn unmatched(
    unmatched: Vec<Error>,
    protocol: &Protocol,
    unreviewed_runtime: bool,
    notices: &mut Vec<String>,
) -> Vec<Error> {
    let mut requests = protocol.client_requests.iter();
    let is_whole = requests.any(|request| request.experimental);
    if unreviewed_runtime || !is_whole {
        notices.extend(unmatched.iter().map(|error| format!("left out: {error}")));
        return Vec::new();
    }
    unmatched
}
