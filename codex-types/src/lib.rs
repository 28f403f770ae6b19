//! Typed models of the `codex app-server` protocol.
