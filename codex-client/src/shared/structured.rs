//! Decoding of typed answers.

use codex_types::TurnStatus;
use serde_core::de::DeserializeOwned;

use crate::error::Error;
use crate::secret::Secret;
use crate::shared::output_error::OutputError;
use crate::shared::result::TurnResult;

mod output_schema;
mod typed_tool;

pub(crate) use output_schema::is_object;
pub use output_schema::output_schema;

/// Decodes the final answer of a turn, and returns the result of the turn beside it.
pub(crate) fn parse<T: DeserializeOwned>(result: TurnResult) -> Result<(T, TurnResult), Error> {
    let parsed = match &result.final_response {
        Some(text) => serde_json::from_str(text).map_err(|error| error.to_string()),
        None => Err("there is none".to_owned()),
    };
    match parsed {
        Ok(value) => Ok((value, result)),
        Err(mut problem) => {
            if result.status == TurnStatus::Interrupted {
                problem += "; the turn was interrupted";
            }
            let result = Secret(result);
            Err(Error::Output(Box::new(OutputError { problem, result })))
        }
    }
}
