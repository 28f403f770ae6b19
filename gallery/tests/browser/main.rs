//! The pages in a real browser: `cargo xtask ci browser`. Screenshots are written to the folder that
//! `GALLERY_SCREENSHOTS` names, if it is set.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]

mod recording;
mod web;
mod webdriver;
