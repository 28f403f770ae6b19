//! Guides: read these once, and the rest of the documentation is reference.
//!
//! - [`connection`]: from finding the runtime to its last message.
//! - [`events`]: their order, their subscribers, and slow consumers.
//! - [`approvals`]: the limits of the runtime's autonomous actions, and decisions about actions
//!   beyond them.
//! - [`deadlines`]: automatic ends, explicit interrupts, and the effect of dropping a future.
//! - [`limits`]: the memory and the time that a server can take from its client.
//! - [`shutdown`]: the end of the runtime and of its processes.
//! - [`supervision`]: a runtime that is restarted when it fails.
//! - [`unknown`]: messages of a runtime that are unknown to this version.
//!
//! These modules have no code. They apply to both APIs: the blocking API has `.call()` instead of
//! `.await`, and iterators instead of streams.

pub mod approvals;
pub mod connection;
pub mod deadlines;
pub mod events;
pub mod limits;
pub mod shutdown;
pub mod supervision;
pub mod unknown;
