//! Turns with a typed answer.

use std::fmt;
use std::pin::Pin;

use codex_types::{Method as _, methods};
use schemars::JsonSchema;
use serde_core::de::DeserializeOwned;

use super::Thread;
use crate::error::Error;
use crate::generated::nonblocking::builders::RunBuilder;
use crate::shared::input::RunInput;
use crate::shared::result::TurnResult;
use crate::shared::structured::{is_object, output_schema, parse};

impl Thread {
    /// Starts a turn, waits until it completes, and decodes its final answer: the model receives
    /// the JSON Schema of the type. Set options of the turn before:
    /// `thread.run(input).effort("low").typed::<T>()`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use codex_testing::{AppServerHarness, Reply};
    /// # let harness = AppServerHarness::start()?;
    /// # let answer = r#"{"passes": false, "reason": "one never ends"}"#;
    /// # harness.responses().enqueue(Reply::assistant(answer));
    /// # let thread = harness.codex().await?.thread_start().await?;
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Verdict {
    ///     passes: bool,
    ///     reason: Option<String>,
    /// }
    ///
    /// let verdict = thread.run_as::<Verdict>("Do the tests pass?").await?;
    /// # assert!(!verdict.passes);
    /// # assert_eq!(verdict.reason.as_deref(), Some("one never ends"));
    /// # let asked = harness.responses().single_request();
    /// # let schema = &asked.body_json()["text"]["format"]["schema"];
    /// # assert_eq!(schema["properties"]["passes"]["type"], "boolean");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::run`], and [`Error::Output`] with the text if it cannot be
    /// decoded; [`Error::InvalidArgument`], before the request is sent, if the type is not an
    /// object in JSON.
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
        let schema = output_schema::<T>();
        let is_accepted = is_object(&schema);
        let mut run = self.output_schema(schema);
        if !is_accepted {
            let name = std::any::type_name::<T>();
            run.state.reject(
                methods::TurnStart::NAME,
                format!(
                    "the model answers with objects only, and the schema of `{name}` is none: \
                     wrap it in a struct"
                ),
            );
        }
        RunAsBuilder {
            run,
            read: |result| parse(result).map(|(value, _)| value),
        }
    }
}

/// Starts a turn and decodes its final answer; created by [`Thread::run_as`].
#[must_use = "nothing is sent until this is awaited"]
pub struct RunAsBuilder<T> {
    run: RunBuilder,
    /// Decodes the result of the turn.
    read: fn(TurnResult) -> Result<T, Error>,
}

impl<T> fmt::Debug for RunAsBuilder<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("RunAsBuilder")
            .field(&self.run)
            .finish()
    }
}

impl<T: DeserializeOwned> RunAsBuilder<T> {
    /// Returns the result of the turn beside the value: its items, usage and times.
    pub fn with_result(self) -> RunAsBuilder<(T, TurnResult)> {
        RunAsBuilder {
            run: self.run,
            read: parse,
        }
    }
}

impl<T> RunAsBuilder<T> {
    pub(crate) async fn send(self) -> Result<T, Error> {
        (self.read)(self.run.send().await?)
    }
}

impl<T: 'static> IntoFuture for RunAsBuilder<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
