//! Shared parts of both APIs above the connection: inputs, events, results and the options of
//! turns, without any waiting.

pub(crate) mod approval;
pub(crate) mod builder;
pub(crate) mod builder_state;
pub(crate) mod compaction;
pub(crate) mod config;
pub(crate) mod earlier;
pub(crate) mod event;
pub(crate) mod goal;
pub(crate) mod input;
pub(crate) mod login;
pub(crate) mod output_error;
pub(crate) mod page;
pub(crate) mod result;
pub(crate) mod sandbox;
#[cfg(feature = "schemars")]
pub(crate) mod structured;
pub(crate) mod text;
pub(crate) mod thread_settings;
pub(crate) mod tools;
pub(crate) mod trace;
pub(crate) mod turn;
pub(crate) mod turn_event;
