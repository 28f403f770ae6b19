//! Tests of the generator, on small dumps created on the spot and on the dump in `schema/`.
//!
//! They emit and compare. The test target `emitted` compiles and runs the emitted code; it is a
//! separate target so that this one still builds, and can rewrite the files, when they do not
//! compile.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails has to fail its test"
)]

#[macro_use]
#[path = "../shared/constructs.rs"]
mod construct_names;

mod builders;
mod constructs;
mod determinism;
mod diff;
mod documentation;
mod dump;
mod evidence;
mod fixture;
mod history;
mod inventory;
mod mutations;
mod oracle;
mod robustness;
mod stale;
mod strictness;
