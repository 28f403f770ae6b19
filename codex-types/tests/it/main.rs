//! The proof that the models keep their promises.

mod codec;
mod corpus;
#[path = "../generated/mod.rs"]
#[rustfmt::skip]
mod generated;
mod instances;
#[cfg(feature = "schemars")]
mod json_schema;
mod mutants;
mod recordings;
mod schema;
