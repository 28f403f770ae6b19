//! The `Debug` output of messages, the same for both directions.
//!
//! Payloads that are not typed may hold secrets: their size is shown, never their text.

use std::fmt::{Debug, Formatter, Result};

use serde_json::value::RawValue;

use super::Members;
use crate::RequestId;

/// Shows a message by its parts.
///
/// # Errors
///
/// Returns those of the formatter.
pub fn show(formatter: &mut Formatter<'_>, name: &str, parts: &[(&str, &dyn Debug)]) -> Result {
    let mut shown = formatter.debug_struct(name);
    for (name, part) in parts {
        shown.field(name, part);
    }
    shown.finish()
}

/// Shows a response, without its result.
///
/// # Errors
///
/// Returns those of the formatter.
pub fn show_response(
    formatter: &mut Formatter<'_>,
    id: &RequestId,
    result: &RawValue,
    members: &Members,
) -> Result {
    let bytes = result.get().len();
    let parts: [(&str, &dyn Debug); 3] =
        [("id", id), ("result_bytes", &bytes), ("members", members)];
    show(formatter, "Response", &parts)
}
