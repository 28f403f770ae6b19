//! Tests of the generator, on small dumps made on the spot and on the dump in `schema/`.
//!
//! They emit and compare. Whether what is emitted compiles and works is shown
//! by the test target `emitted`, which is another one so that this one still
//! builds, and can write the files anew, when they do not compile.

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
mod fixture;
mod history;
mod inventory;
mod mutations;
mod oracle;
mod robustness;
mod strictness;
