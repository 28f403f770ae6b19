//! Finds, installs and inspects the pinned `codex` runtime.
//!
//! The crate provides the version of the runtime ([`Pin`]), its installation ([`install`],
//! [`Installer`]), its location ([`locate`], [`RuntimeSource`]), and the schema of its protocol
//! ([`Runtime::dump_schema`]). It is synchronous, never prints, and reads the process environment
//! in one place only, [`Environment::from_process`].
//!
//! ```
//! use codex_runtime::{Environment, RuntimeSource};
//!
//! # fn main() -> Result<(), codex_runtime::Error> {
//! codex_runtime::install()?;
//! let runtime = codex_runtime::locate(&RuntimeSource::Auto, &Environment::from_process())?;
//! println!("{} at {}", runtime.version()?, runtime.binary().display());
//! # // Also where `CODEX_BIN` names another one.
//! # let pinned = codex_runtime::locate(&RuntimeSource::Pinned, &Environment::from_process())?;
//! # assert_eq!(pinned.version()?, *codex_runtime::Pin::current().version());
//! # Ok(())
//! # }
//! ```
//!
//! It is deliberately independent of the protocol itself, and of the communication with a running
//! server.

#[cfg(feature = "install")]
mod archive;
pub mod child;
mod disk;
mod dump;
mod environment;
mod error;
#[cfg(any(test, not(feature = "install")))]
#[rustfmt::skip]
mod generated;
mod home;
#[cfg(feature = "install")]
mod install;
mod installed;
mod locate;
mod package;
mod pin;
#[cfg(feature = "install")]
mod progress;
mod runtime;
mod target;
mod version;

pub use environment::Environment;
pub use error::{Error, OtherCodex};
pub use home::{HomeFolder, IsolatedHome};
#[cfg(feature = "install")]
pub use install::{Installer, Verified, install};
pub use locate::{RuntimeSource, locate};
pub use pin::{Pin, PinnedArchive};
#[cfg(feature = "install")]
pub use progress::{Progress, Step};
pub use runtime::{Runtime, RuntimeOrigin};
pub use target::Target;
pub use version::{VersionMismatch, VersionPolicy};

/// The example of the README, run as a test of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
