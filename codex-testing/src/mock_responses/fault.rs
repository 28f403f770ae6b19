//! Faults at the mock model endpoint, described for the person whose test fails.

use std::fmt;

use crate::CapturedRequest;

/// Something the endpoint was asked to do and could not.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Fault {
    /// A model request came and no reply was left. It was answered with 400.
    NoReply {
        /// The request.
        request: CapturedRequest,
    },
    /// The responder panicked. The request was answered with 400.
    ResponderPanicked {
        /// The request.
        request: CapturedRequest,
        /// The message of the panic.
        message: String,
    },
    /// The reply has a status or a header that HTTP does not allow. A bad status was answered
    /// with 500, a bad header was left out.
    InvalidReply {
        /// The request.
        request: CapturedRequest,
        /// The reason.
        reason: String,
    },
}

/// Identifies the request by the end of its input.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReply { request } => write!(
                formatter,
                "the mock model endpoint has no reply left for {} {}, which ends with {}; \
                 enqueue one more or set a responder",
                request.method(),
                request.path(),
                request.describe_last_input(),
            ),
            Self::ResponderPanicked { request, message } => write!(
                formatter,
                "the responder panicked at a request that ends with {}: {message}",
                request.describe_last_input(),
            ),
            Self::InvalidReply { reason, .. } => write!(formatter, "invalid reply: {reason}"),
        }
    }
}
