//! Finds, installs and questions the pinned `codex` runtime.
