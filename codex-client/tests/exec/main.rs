//! Proves the runner for `codex exec --json`.
