//! Runs whose answer is a value of a type.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::ExecRunner;
use crate::launch::{Schema, Setup};
use crate::output_schema::{is_object, output_schema};
use crate::{Completed, Failure, Prompt, RunError};

impl ExecRunner {
    /// Runs a new session to its end, with an answer of type `T`, which has to be an object in
    /// JSON.
    ///
    /// # Errors
    ///
    /// Returns [`RunError`]; its failure is [`Failure::Output`] if the answer is not of the type.
    pub async fn run_as<T>(&self, prompt: impl Into<Prompt>) -> Result<T, RunError>
    where
        T: JsonSchema + DeserializeOwned,
    {
        let runner = self.with_schema_of::<T>()?;
        read(runner.run(prompt).finish().await?)
    }

    /// Like [`ExecRunner::run_as`], for programs without an async runtime.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`ExecRunner::run_as`].
    pub fn run_as_blocking<T>(&self, prompt: impl Into<Prompt>) -> Result<T, RunError>
    where
        T: JsonSchema + DeserializeOwned,
    {
        let runner = self.with_schema_of::<T>()?;
        read(runner.run_blocking(prompt).finish()?)
    }

    /// This runner, with answers of a type.
    fn with_schema_of<T: JsonSchema>(&self) -> Result<Self, RunError> {
        let schema = output_schema::<T>();
        if !is_object(&schema) {
            let problem = "its type is not an object in JSON; nothing was sent".to_owned();
            return Err(Failure::Output { problem }.into());
        }
        let mut setup = Setup::clone(&self.setup);
        setup.surroundings.schema = Some(Schema::Inline(Arc::new(schema)));
        Ok(Self {
            setup: Arc::new(setup),
            locks: self.locks.clone(),
            builder: self.builder.clone(),
        })
    }
}

fn read<T: DeserializeOwned>(mut completed: Completed) -> Result<T, RunError> {
    let parsed = match &completed.answer {
        Some(text) => serde_json::from_str(text).map_err(|error| error.to_string()),
        None => Err("there is none".to_owned()),
    };
    parsed.map_err(|problem| {
        completed.error = Some(Failure::Output { problem }.into());
        let stderr = completed.stderr_tail().to_owned();
        completed.attach(stderr);
        completed
            .error
            .unwrap_or_else(|| Failure::Incomplete.into())
    })
}
