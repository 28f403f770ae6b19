//! The id in a response of the item that its request opened.
//!
//! Decodes nothing else of the response: its type belongs to the caller.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Opening;

/// The ids in a response.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The id of what was opened.
    pub(super) id: String,
    /// The thread of a turn, if it may differ from the requested one.
    pub(super) thread: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OpenedTurn {
    turn: WithId,
    review_thread_id: Option<String>,
}

#[derive(Deserialize)]
struct OpenedThread {
    thread: WithId,
}

#[derive(Deserialize)]
struct WithId {
    id: String,
}

#[derive(Deserialize)]
struct OpenedLogin {
    #[serde(rename = "loginId")]
    login_id: String,
}

/// The id in a response; `None` if there is none.
pub(super) fn named_id(opening: &Opening, response: &RawValue) -> Option<Named> {
    let text = response.get();
    let (id, thread) = match opening {
        Opening::Turn { .. } => {
            let opened: OpenedTurn = serde_json::from_str(text).ok()?;
            (opened.turn.id, opened.review_thread_id)
        }
        Opening::Thread => {
            let opened: OpenedThread = serde_json::from_str(text).ok()?;
            (opened.thread.id, None)
        }
        Opening::Login => {
            let opened: OpenedLogin = serde_json::from_str(text).ok()?;
            (opened.login_id, None)
        }
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
