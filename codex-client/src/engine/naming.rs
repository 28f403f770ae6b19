//! Which id an answer names for what its request opened.
//!
//! Reads nothing else of the answer: its type is the caller's business.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Opening;

#[derive(Deserialize)]
struct OpenedTurn {
    turn: Named,
}

#[derive(Deserialize)]
struct OpenedThread {
    thread: Named,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct OpenedLogin {
    #[serde(rename = "loginId")]
    login_id: String,
}

/// The id in an answer; `None` when there is none.
pub(super) fn named_id(opening: &Opening, response: &RawValue) -> Option<String> {
    let text = response.get();
    match opening {
        Opening::Turn { .. } => {
            let opened: Result<OpenedTurn, _> = serde_json::from_str(text);
            opened.ok().map(|opened| opened.turn.id)
        }
        Opening::Thread => {
            let opened: Result<OpenedThread, _> = serde_json::from_str(text);
            opened.ok().map(|opened| opened.thread.id)
        }
        Opening::Login => {
            let opened: Result<OpenedLogin, _> = serde_json::from_str(text);
            opened.ok().map(|opened| opened.login_id)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{Opening, named_id};

    fn named(opening: &Opening, response: &str) -> Option<String> {
        named_id(
            opening,
            &RawValue::from_string(response.to_owned()).unwrap(),
        )
    }

    #[test]
    fn each_kind_of_opening_has_its_place_for_the_id() {
        let turn = Opening::Turn { thread: None };
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
