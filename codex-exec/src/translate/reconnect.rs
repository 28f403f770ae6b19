//! Recognizes the notice `Reconnecting... 2/5 (reason)` and its variants.

use crate::action::Reconnect;

/// Parses the notice; `None` for any other message. The numbers are missing while the runtime waits
/// for a network.
pub(super) fn parse(message: &str) -> Option<Reconnect> {
    let rest = message.strip_prefix("Reconnecting...")?.trim_start();
    let numbers = rest.split([' ', '(']).next().unwrap_or_default();
    let (attempt, max) = match numbers.split_once('/') {
        Some((attempt, max)) => (attempt.parse().ok(), max.parse().ok()),
        None => (None, None),
    };
    Some(Reconnect { attempt, max })
}
