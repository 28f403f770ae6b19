//! The view of a thread: equal to what the runtime stores, after every turn.
//!
//! [`oracle`] has the one table of differences between events and `thread/read`.

mod live;
mod oracle;
mod recordings;
mod scripted;
mod sessions;
