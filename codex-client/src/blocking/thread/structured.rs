//! Turns with a typed answer.

use std::fmt;

use schemars::JsonSchema;
use serde_core::de::DeserializeOwned;

use super::Thread;
use crate::connection::park::block_on;
use crate::error::Error;
use crate::generated::blocking::builders::RunBuilder;
use crate::nonblocking;
use crate::shared::input::RunInput;
use crate::shared::result::TurnResult;

impl Thread {
    /// Starts a turn, waits until it completes, and decodes its final answer: the model receives
    /// the JSON Schema of the type. Set options of the turn before:
    /// `thread.run(input).effort("low").typed::<T>()`.
    ///
    /// [`Thread::run_as`](crate::Thread::run_as) of the async API has an example.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::run`], and [`Error::Output`] with the text if it cannot be
    /// decoded.
    pub fn run_as<T: JsonSchema + DeserializeOwned>(
        &self,
        input: impl Into<RunInput>,
    ) -> RunAsBuilder<T> {
        self.run(input).typed()
    }
}

impl RunBuilder {
    /// Decodes the final answer; see [`Thread::run_as`].
    pub fn typed<T: JsonSchema + DeserializeOwned>(self) -> RunAsBuilder<T> {
        RunAsBuilder(self.into_core().typed())
    }
}

/// Starts a turn and decodes its final answer; created by [`Thread::run_as`].
#[must_use = "nothing is sent until `call` is called"]
pub struct RunAsBuilder<T>(nonblocking::RunAsBuilder<T>);

impl<T> fmt::Debug for RunAsBuilder<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<T: DeserializeOwned> RunAsBuilder<T> {
    /// Returns the result of the turn beside the value: its items, usage and times.
    pub fn with_result(self) -> RunAsBuilder<(T, TurnResult)> {
        RunAsBuilder(self.0.with_result())
    }
}

impl<T> RunAsBuilder<T> {
    /// Runs the turn and decodes its final answer.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::run_as`].
    #[inline]
    pub fn call(self) -> Result<T, Error> {
        block_on(self.0.send())
    }
}
