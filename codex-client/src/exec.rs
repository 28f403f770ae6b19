//! The runner for `codex exec --json`.
