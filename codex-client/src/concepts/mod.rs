//! How things hang together: read this once, and the rest of the documentation is reference.
//!
//! - [`connection`]: from finding the runtime to its last message.
//! - [`events`]: in which order things are seen, by whom, and what happens to those who are slow.
//! - [`approvals`]: who decides about what the runtime may not do by itself.
//! - [`deadlines`]: what ends by itself, what has to be ended, and what dropping a future does.
//! - [`shutdown`]: how the runtime is ended, and what can be left behind (nothing).
//! - [`unknown`]: what a runtime says that this version does not know.
//!
//! There is no code here. What is said holds for both APIs: where the async API has `.await`
//! the blocking one has `.call()`, and where there is a stream there is an iterator.

pub mod approvals;
pub mod connection;
pub mod deadlines;
pub mod events;
pub mod shutdown;
pub mod unknown;
