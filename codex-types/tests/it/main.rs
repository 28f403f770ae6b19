//! Tests of the models: open, strict and lossless.

mod client_messages;
mod codec;
mod corpus;
mod equivalence;
mod fuzz;
#[path = "../generated/mod.rs"]
#[rustfmt::skip]
mod generated;
mod history;
mod hostile;
mod instances;
#[cfg(feature = "schemars")]
mod json_schema;
mod listings;
mod lookup;
mod mutants;
mod numbers;
mod oracle;
mod order;
mod recordings;
mod schema;
mod secrets;
mod values;
