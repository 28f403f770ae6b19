//! Ids of requests as people read them.

use std::fmt;

use crate::RequestId;

/// As on the wire, strings in quotes: `92` and `"92"` are different requests.
impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(formatter),
            Self::String(text) => serde_json::Value::from(text.as_str()).fmt(formatter),
            Self::Unrecognized(value) => value.fmt(formatter),
        }
    }
}
