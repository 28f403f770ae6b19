//! Tests of the commands: on folders made on the spot, and on this workspace itself.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails has to fail its test"
)]

mod ci;
mod command;
mod dump;
mod freshness;
mod provenance;
mod workspace;
