//! Conveniences beside the generated models.
//!
//! Hand-written; the methods that every model has are generated.

mod request_id;
mod token_usage;
mod user_input;
