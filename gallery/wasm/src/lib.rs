//! Decodes a recorded session, a message in each line, for a page in a browser.
//!
//! [`rows`] is independent of browsers, so that its tests run anywhere.

mod rows;

use wasm_bindgen::prelude::wasm_bindgen;

/// Decodes a recording. Returns the rows of a table as JSON: messages with their direction, kind,
/// method, thread, a text for people, and the place of an error.
#[wasm_bindgen]
pub fn decode(recording: &str) -> String {
    serde_json::to_string(&rows::of(recording)).unwrap_or_default()
}
