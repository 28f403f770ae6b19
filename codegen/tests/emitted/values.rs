//! One value through every construct, with its visible effects on the way.

use codex_types::DecodeError;
use codex_types::support::macros::{Deserialize, Serialize};
use serde_json::Value;

mod fields;
mod plain;
mod unions;

/// Reads a value and asserts that it is written unchanged.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "the calls are easier to read"
)]
fn same<T>(value: Value) -> T
where
    T: for<'de> Deserialize<'de> + Serialize,
{
    let model: T = serde_json::from_str(&value.to_string()).unwrap();
    assert_eq!(serde_json::to_value(&model).unwrap(), value);
    model
}

/// The path and the problem of a value that cannot be read.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "the calls are easier to read"
)]
fn fault<T: for<'de> Deserialize<'de>>(value: Value) -> String {
    let result: Result<T, _> = serde_json::from_str(&value.to_string());
    DecodeError::from(result.err().unwrap()).to_string()
}
