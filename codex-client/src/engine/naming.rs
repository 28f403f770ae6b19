//! The id in a response of the item that its request opened.
//!
//! Decodes nothing else of the response: its type belongs to the caller.

use serde_json::value::RawValue;

use super::Opening;
use crate::json;

/// The ids in a response.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The id of what was opened.
    pub(super) id: String,
    /// The thread of a turn, if it may differ from the requested one.
    pub(super) thread: Option<String>,
}

/// The id in a response; `None` if there is none.
pub(super) fn named_id(opening: &Opening, response: &RawValue) -> Option<Named> {
    let text = response.get();
    let path: &[&str] = match opening {
        Opening::Turn { .. } => &["turn", "id"],
        Opening::Thread => &["thread", "id"],
        Opening::Login => &["loginId"],
    };
    let id = json::required(text, path).ok()?;
    let thread = match opening {
        Opening::Turn { .. } => json::member(text, &["reviewThreadId"]).ok()?.flatten(),
        _ => None,
    };
    Some(Named { id, thread })
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{Opening, named_id};

    fn named(opening: &Opening, response: &str) -> Option<String> {
        let named = named_id(
            opening,
            &RawValue::from_string(response.to_owned()).unwrap(),
        )?;
        assert_eq!(named.thread, None);
        Some(named.id)
    }

    #[test]
    fn review_names_its_thread() {
        let response = r#"{"turn":{"id":"t"},"reviewThreadId":"other"}"#;
        let response = RawValue::from_string(response.to_owned()).unwrap();
        let named = named_id(
            &Opening::Turn {
                thread: None,
                takes_requests: false,
            },
            &response,
        )
        .unwrap();
        assert_eq!(named.thread.as_deref(), Some("other"));
    }

    #[test]
    fn each_kind_of_opening_has_its_place_for_the_id() {
        let turn = Opening::Turn {
            thread: None,
            takes_requests: false,
        };
        assert_eq!(
            named(&turn, r#"{"turn":{"id":"t","x":1},"y":[]}"#).unwrap(),
            "t"
        );
        assert_eq!(
            named(&Opening::Thread, r#"{"thread":{"id":"t"}}"#).unwrap(),
            "t"
        );
        assert_eq!(
            named(&Opening::Login, r#"{"type":"chatgpt","loginId":"l"}"#).unwrap(),
            "l"
        );
        assert_eq!(named(&turn, "{}"), None);
        assert_eq!(named(&Opening::Login, r#"{"type":"apiKey"}"#), None);
    }
}
