//! The engine as a whole, step by step.
