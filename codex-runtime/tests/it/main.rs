//! Tests of the public interface: against packages and commands made on the spot, and, in
//! `real`, against the pinned runtime itself.

#![cfg_attr(
    unix,
    expect(
        clippy::unwrap_used,
        reason = "a helper that fails has to fail its test"
    )
)]

#[cfg(unix)]
mod child;
// The commands are shell scripts. What is platform-specific in the crate is covered elsewhere.
#[cfg(unix)]
mod dump;
#[cfg(unix)]
mod fake;
#[cfg(unix)]
mod hardening;
#[cfg(unix)]
mod home;
#[cfg(unix)]
mod install;
#[cfg(unix)]
mod locate;
mod pin;
mod real;
#[cfg(unix)]
mod refusals;
