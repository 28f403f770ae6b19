//! Turns the schema dump of `codex app-server` into a tree of Rust files.
