//! The proof that the models keep their promises.

mod codec;
mod corpus;
#[path = "../generated/mod.rs"]
#[rustfmt::skip]
mod generated;
mod instances;
mod mutants;
mod recordings;
mod schema;
