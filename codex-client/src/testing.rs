//! A kit to test agents against the real runtime with only the model mocked.
//!
//! [`MockResponses`] stands in for the model: a real HTTP server on the loopback interface that
//! says what the test tells it to ([`Reply`], [`events`]) and remembers what it was asked
//! ([`CapturedRequest`]). [`Gate`]s stop a reply where the test wants to act.
//! [`AppServerHarness`] puts the real runtime around it, in folders of its own, and keeps it
//! from talking to anything but the mock model. [`recording`] keeps sessions in files and plays
//! their server's side again; [`scripted`] plays a server without any runtime.
//!
//! This is test code: methods that assert panic, and say so under *Panics*.

mod captured;
pub mod events;
mod gate;
mod harness;
mod mock_responses;
mod panics;
pub mod recording;
mod reply;
pub mod scripted;
mod watched;

pub use captured::{CapturedRequest, RequestKind};
pub use gate::Gate;
pub use harness::{AppServerHarness, AppServerHarnessBuilder, HarnessError};
pub use mock_responses::{Fault, MockResponses};
pub use reply::Reply;
pub use watched::TimedOut;
