//! The prelude of every emitted file; `codex-types` has the same module.

#![allow(unused_imports, reason = "not every construct needs all of it")]

pub(super) use std::collections::BTreeMap;

pub(super) use codex_types::support::union::Shape;
pub(super) use codex_types::support::{Extra, Redacted, RedactedValues};
pub(super) use codex_types::{Field, NoParams, UnrecognizedMessage, UnrecognizedVariant};
pub(super) use codex_types::{ItemId, ThreadId, TurnId};
pub(super) use serde_json::{Number, Value};
