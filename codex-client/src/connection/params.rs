//! The parameters of a request, encoded once for all of its attempts.
//!
//! Independent of the method and of the connection.

use std::sync::Arc;

use codex_types::UserInput;
use serde_core::Serialize;

use super::long_texts::{SHARED, encoded_in_pieces, to_body};
use crate::engine::{Body, Frame};
use crate::error::Error;

/// Encoded parameters. Clones share them.
#[derive(Clone)]
pub(crate) struct Params(Arc<Body>);

impl Params {
    /// Encodes the parameters of a request.
    ///
    /// # Errors
    ///
    /// Returns an error if they cannot be written as JSON.
    pub(crate) fn encode<P>(method: &str, params: &P) -> Result<Self, Error>
    where
        P: Serialize + ?Sized,
    {
        let body = serde_json::to_string(params).map(to_body);
        Ok(Self(Arc::new(encoded(method, body)?)))
    }

    /// Encodes parameters with an input, whose long texts are moved instead of copied.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Params::encode`].
    pub(crate) fn encode_input<P: Serialize>(
        method: &str,
        mut params: P,
        input: impl Fn(&mut P) -> &mut Vec<UserInput>,
    ) -> Result<Self, Error> {
        let body = encoded_in_pieces(&mut params, input, text_of);
        Ok(Self(Arc::new(encoded(method, body)?)))
    }

    /// The parameters as JSON, without the long texts in them: these are empty.
    pub(crate) fn outline(&self) -> &str {
        self.0.outline()
    }

    /// Returns whether they are `null`, which is not sent.
    pub(crate) fn are_null(&self) -> bool {
        self.outline() == "null"
    }

    /// Inserts the parameters into the text of a message.
    pub(crate) fn insert_into(&self, mut head: String, tail: &str) -> Frame {
        let at = head.len();
        if self.0.len() >= SHARED {
            head.push_str(tail);
            return Frame::around(head, at, Arc::clone(&self.0));
        }
        head.extend(self.0.parts().chain([tail]));
        Frame::from(head)
    }
}

fn encoded(method: &str, body: serde_json::Result<Body>) -> Result<Body, Error> {
    body.map_err(|error| Error::Encode {
        method: method.to_owned(),
        problem: error.into(),
    })
}

/// The text of a part that may be long.
fn text_of(part: &mut UserInput) -> Option<&mut String> {
    match part {
        UserInput::Text(text) => Some(&mut text.text),
        UserInput::Image(image) => image.url.as_mut(),
        UserInput::Audio(audio) => audio.url.as_mut(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use codex_types::{AudioUserInput, ImageUserInput, TextUserInput, TurnStartParams, UserInput};
    use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

    use super::super::long_texts::mark;
    use super::{Params, SHARED};
    use crate::shared::input::Input;

    fn encode(params: TurnStartParams) -> Params {
        Params::encode_input("turn/start", params, |it| &mut it.input).unwrap()
    }

    fn text(params: &Params) -> String {
        params.0.parts().collect()
    }

    fn texts() -> impl Strategy<Value = String> {
        let any_text = || prop_oneof![any::<String>(), "[a-zA-Z0-9+/=]{1,8}", "[ -~]{1,4}"];
        prop_oneof![
            2 => any_text(),
            4 => any_text().prop_map(|text| text.repeat(SHARED / text.len().max(1) + 1)),
            1 => (0..3_usize).prop_map(mark),
            1 => (0..3_usize).prop_map(|index| format!("a {}\"", mark(index))),
            1 => Just("x".repeat(SHARED) + &mark(0)),
        ]
    }

    fn parts() -> impl Strategy<Value = UserInput> {
        prop_oneof![
            texts().prop_map(|text| TextUserInput::new(text).into()),
            texts().prop_map(|url| ImageUserInput::new().url(url).into()),
            texts().prop_map(|url| AudioUserInput::new().url(url).into()),
            Just(ImageUserInput::new().file_id("f").into()),
        ]
    }

    proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
        #[test]
        fn moved_texts_are_encoded_as_all_others(
            parts in prop::collection::vec(parts(), 0..5),
            model in texts(),
        ) {
            let params = TurnStartParams::new("t", parts).model(model);
            let expected = serde_json::to_string(&params).unwrap();
            let encoded = encode(params);
            prop_assert_eq!(encoded.0.len(), expected.len());
            prop_assert_eq!(text(&encoded), expected);
            serde_json::from_str::<serde_json::Value>(encoded.outline()).unwrap();
        }
    }

    #[test]
    fn images_are_parts_of_the_message_and_not_copies() {
        let input = Input::text("look")
            .and_image("image/png", &vec![1; SHARED])
            .and_audio("audio/wav", &vec![2; SHARED])
            .and_image_url("data:,x");
        let urls = input.parts().iter().filter_map(|part| match part {
            UserInput::Image(image) => image.url.as_deref().map(str::as_ptr),
            UserInput::Audio(audio) => audio.url.as_deref().map(str::as_ptr),
            _ => None,
        });
        let urls: Vec<_> = urls.collect();
        let params = encode(TurnStartParams::new("t", input.into_parts()));
        let frames = [1, 2].map(|id| params.insert_into(format!("{{\"id\":{id},\"params\":"), "}"));
        for frame in &frames {
            let parts: Vec<_> = frame.parts().map(str::as_ptr).collect();
            let shared = urls.iter().filter(|url| parts.contains(url));
            assert_eq!(shared.count(), 2, "the last one is short");
        }
        assert_eq!(Arc::strong_count(&params.0), 3);
        assert!(params.outline().len() < 300, "{}", params.outline());
    }

    #[test]
    fn text_like_a_mark_is_sent_as_it_is() {
        let image = "x".repeat(SHARED);
        for input in [
            Input::text(mark(0)).and_image_url(&image),
            Input::image_url(&image).and_text(mark(0)),
            Input::image_url(&image)
                .and_image_url(&image)
                .and_text(mark(1)),
        ] {
            let params = TurnStartParams::new("t", input.into_parts());
            let expected = serde_json::to_string(&params).unwrap();
            assert!(text(&encode(params)) == expected);
        }
    }
}
