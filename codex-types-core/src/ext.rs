//! What is pleasant to have beside the generated models, and only that.
//!
//! Written by hand; what every model has is generated.

mod request_id;
mod token_usage;
mod user_input;
