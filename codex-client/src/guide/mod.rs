//! A guide by task: each page goes from the problem to a program that runs.
//!
//! - [`first_run`]: installing the runtime, logging in, and the first turn.
//! - [`streaming`]: text and events as they arrive, in a terminal and in a browser.
//! - [`live_view`]: a thread in a user interface, repainted where it changes.
//! - [`approvals`]: approvals decided by a person or by rules.
//! - [`sharing`]: turns that outlive a client, and a server for several clients.
//! - [`tools`]: functions of your program that the model can call.
//! - [`unattended`]: turns without a person who watches: retries, limits and cost.
//! - [`goals`]: work that continues over many turns.
//! - [`structured_output`]: responses as Rust types.
//! - [`testing`]: tests of an agent without a key and without a network.
//! - [`tracing`]: one trace from the caller to the model, and spans of turns.
//! - [`exec`]: `codex exec` in bots and continuous integration.
//! - [`proxy`]: programs between a client and the runtime.
//! - [`upgrading`]: moving to a newer runtime, or staying on an older one.
//! - [`serving`]: many users, one machine or several.
//!
//! Whole programs that put the pages together are in the folder `gallery` of the repository, each with
//! its tests: an agent for the terminal, a web service with approvals by buttons, a bot for continuous
//! integration, an agent with typed tools, several reviewers at once, and a logging proxy.
//!
//! The code of these pages runs as tests: on the real runtime, with a mock model in place of the
//! real one (hidden lines set it up). The pages show the async API; in [`blocking`](crate::blocking)
//! the names are the same, with `.call()` instead of `.await` and iterators instead of streams.
//! The rules behind the pages are explained in [`concepts`](crate::concepts).

pub mod approvals;
pub mod exec;
pub mod first_run;
pub mod goals;
pub mod live_view;
pub mod proxy;
pub mod serving;
pub mod sharing;
pub mod streaming;
pub mod structured_output;
pub mod testing;
pub mod tools;
pub mod tracing;
pub mod unattended;
pub mod upgrading;
