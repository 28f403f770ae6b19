//! The proof that the models keep their promises.

mod codec;
#[path = "../generated/mod.rs"]
#[rustfmt::skip]
mod generated;
mod instances;
mod mutants;
mod schema;
